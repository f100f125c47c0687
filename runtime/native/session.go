package native

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	infrt "github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/native/passes"
	"github.com/seed6700ada1/infer/runtime/native/plan"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Session is a model ready to run. It is safe for concurrent use.
type Session struct {
	engine  *Engine
	opts    infrt.Options
	model   *onnx.Model // inlined, with its outputs chosen; not optimized
	pool    *pool.Pool
	inputs  []infrt.ValueSpec
	outputs []infrt.ValueSpec
	carried map[string]string // inputs that are caches, with the outputs they come from
	closed  atomic.Bool

	mu       sync.Mutex
	variants map[string]*variant
}

var _ infrt.Carrier = (*Session)(nil)

// variant is the model compiled for runs that give values of their own to
// certain inputs that have a default. Without such inputs, the defaults are
// constants that are folded and packed like any other, which is why one program
// does not do for both.
type variant struct {
	program *plan.Program
	inputs  []string // names in the program's order

	mu   sync.Mutex
	idle []*plan.Frame
}

// prepare makes the session's own copy of the model.
func (s *Session) prepare(m *onnx.Model) error {
	registry := s.engine.registry
	m, err := onnx.Inline(m, func(domain, name string) bool {
		return registry.Find(domain, name, m.Opset(domain)) != nil
	})
	if err != nil {
		return err
	}
	forgetUnnamed(m.Graph)
	if err := passes.ExpandGradients(m, registry, Name); err != nil {
		return err
	}
	s.inputs = infrt.InputSpecs(m.Graph)
	if err := selectOutputs(m, s.opts.Outputs); err != nil {
		return err
	}
	s.outputs = infrt.OutputSpecs(m.Graph)
	s.model = m
	return nil
}

// forgetUnnamed makes sizes that are written like a symbol but are none (see
// [onnx.Dim.IsNamed]) unknown: inference would take them for the same.
func forgetUnnamed(g *onnx.Graph) {
	for _, list := range [][]*onnx.ValueInfo{g.Inputs, g.Outputs, g.ValueInfo} {
		for _, v := range list {
			if v.Type == nil || v.Type.Kind != onnx.TypeTensor || v.Type.Shape == nil {
				continue
			}
			t := v.Type.Clone()
			for i, d := range t.Shape.Dims {
				if !d.IsKnown() && !d.IsNamed() {
					t.Shape.Dims[i] = onnx.UnknownDim()
				}
			}
			v.Type = t
		}
	}
}

// optimize runs the passes over a copy of the model in which the named inputs
// have no default.
func (s *Session) optimize(given []string) (*passes.Graph, []passes.Report, error) {
	m := s.model.Clone()
	variable := map[string]bool{}
	for _, name := range given {
		variable[name] = true
	}
	m.Graph.Inputs = slices.DeleteFunc(m.Graph.Inputs, func(in *onnx.ValueInfo) bool {
		return m.Graph.Initializer(in.Name) != nil && !variable[in.Name]
	})
	m.Graph.Initializers = slices.DeleteFunc(m.Graph.Initializers, func(t *onnx.Tensor) bool { return variable[t.Name] })
	g, err := passes.New(m, s.engine.registry, s.opts.MemoryLimit)
	if err != nil {
		return nil, nil, err
	}
	reports, err := passes.Apply(g, s.opts.Disable)
	if err == nil && s.carried != nil {
		err = passes.CarryCaches(g, s.carried)
	}
	return g, reports, err
}

// variant gives the program for runs that name those optional inputs, and
// compiles it the first time.
func (s *Session) variant(given []string) (*variant, error) {
	key := strings.Join(given, "\x00")
	s.mu.Lock()
	defer s.mu.Unlock()
	if v := s.variants[key]; v != nil {
		return v, nil
	}
	g, _, err := s.optimize(given)
	if err != nil {
		return nil, err
	}
	p, err := plan.Compile(g.Model.Graph, g.Scope(), plan.Config{
		Registry: s.engine.registry, Packs: s.engine.packs, Limit: s.opts.MemoryLimit, Engine: Name,
	})
	if err != nil {
		return nil, err
	}
	v := &variant{program: p}
	for _, in := range g.Model.Graph.Inputs {
		v.inputs = append(v.inputs, in.Name)
	}
	s.variants[key] = v
	return v, nil
}

// Inputs describes what Run takes.
func (s *Session) Inputs() []infrt.ValueSpec { return slices.Clone(s.inputs) }

// Outputs describes what Run gives.
func (s *Session) Outputs() []infrt.ValueSpec { return slices.Clone(s.outputs) }

// Run evaluates the model. It is safe for concurrent use: each run in progress
// has buffers of its own, which are kept for later runs.
func (s *Session) Run(ctx context.Context, inputs map[string]tensor.Value) (map[string]tensor.Value, error) {
	if s.closed.Load() {
		return nil, infrt.ErrClosed
	}
	if err := infrt.CheckInputs(s.inputs, inputs); err != nil {
		return nil, err
	}
	v, err := s.variant(s.given(inputs))
	if err != nil {
		return nil, err
	}
	args := make([]tensor.Value, len(v.inputs))
	for i, name := range v.inputs {
		args[i] = inputs[name]
	}
	f := v.acquire()
	env := plan.Env{Context: ctx, Pool: s.pool, Random: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))}
	s.pool.Enter()
	results, err := f.Run(env, args)
	s.pool.Leave()
	if err != nil {
		return nil, err // a frame that failed is not kept: its state is unknown
	}
	v.keep(f)
	out := make(map[string]tensor.Value, len(results))
	for i, spec := range s.outputs {
		out[spec.Name] = results[i]
	}
	return out, nil
}

// given lists the optional inputs that a run brings, sorted.
func (s *Session) given(inputs map[string]tensor.Value) []string {
	var names []string
	for i := range s.inputs {
		if s.inputs[i].Optional && inputs[s.inputs[i].Name] != nil {
			names = append(names, s.inputs[i].Name)
		}
	}
	slices.Sort(names)
	return names
}

func (v *variant) acquire() *plan.Frame {
	v.mu.Lock()
	defer v.mu.Unlock()
	if n := len(v.idle); n > 0 {
		f := v.idle[n-1]
		v.idle = v.idle[:n-1]
		return f
	}
	return plan.NewFrame(v.program)
}

// maxIdle is how many frames are kept with their buffers while no run uses
// them.
const maxIdle = 16

func (v *variant) keep(f *plan.Frame) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.idle) < maxIdle {
		v.idle = append(v.idle, f)
	}
}

// Close lets go of buffers and programs. Runs in progress finish; later ones
// fail with [infrt.ErrClosed].
func (s *Session) Close() error {
	s.closed.Store(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.variants = map[string]*variant{}
	return nil
}

// Carry opens the model once more for a caller that only feeds the outputs of
// the pairs back: they are caches, to which a run appends in place.
func (s *Session) Carry(pairs []infrt.Pair) (infrt.Session, error) {
	c := &Session{
		engine: s.engine, opts: s.opts, model: s.model, pool: s.pool, inputs: s.inputs, outputs: s.outputs,
		carried: map[string]string{}, variants: map[string]*variant{},
	}
	for _, p := range pairs {
		c.carried[p.Input] = p.Output
	}
	if _, err := c.variant(nil); err != nil {
		return nil, fmt.Errorf("%w: %w", infrt.ErrNotCarried, err)
	}
	return c, nil
}

// String describes the session for logs.
func (s *Session) String() string {
	return fmt.Sprintf("native session: inputs %s", infrt.Describe(s.inputs))
}
