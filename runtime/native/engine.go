package native

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"

	infrt "github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/native/passes"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/all"
)

// Name is the engine's name in commands and tables.
const Name = "native"

// defaultLimit is what the values of a run may take where the options do not
// say, 4 GiB: several times what published models of a few hundred million
// parameters take on a large input, and what a machine that runs them has.
const defaultLimit = min(4<<30, math.MaxInt)

// Engine opens models for the project's own runtime. Sessions of one engine
// that ask for the same number of threads share them, and those with the same
// weights have one copy of them as kernels read them. It is safe for concurrent
// use.
type Engine struct {
	registry *ops.Registry
	packs    *ops.Packs

	mu    sync.Mutex
	pools map[int]*pool.Pool
}

var _ infrt.Engine = (*Engine)(nil)

// New makes an engine with every operator of the project.
func New() (*Engine, error) {
	r, err := all.Registry()
	if err != nil {
		return nil, err
	}
	return NewWith(r), nil
}

// NewWith makes an engine with the operators of a registry.
func NewWith(r *ops.Registry) *Engine {
	return &Engine{registry: r, packs: ops.NewPacks(), pools: map[int]*pool.Pool{}}
}

// Name is "native".
func (*Engine) Name() string { return Name }

// Registry lists the operators that the engine has.
func (e *Engine) Registry() *ops.Registry { return e.registry }

// Open checks a model, optimizes it and makes it ready to run. The model itself
// is not changed and must not change afterwards: the session shares its
// constants.
func (e *Engine) Open(ctx context.Context, m *onnx.Model, opts infrt.Options) (infrt.Session, error) {
	if err := onnx.Check(m); err != nil {
		return nil, err
	}
	if opts.MemoryLimit == 0 {
		opts.MemoryLimit = defaultLimit
	}
	s := &Session{engine: e, opts: opts, pool: e.pool(opts.Threads), variants: map[string]*variant{}}
	if err := s.prepare(m); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if _, err := s.variant(nil); err != nil {
		return nil, err
	}
	return s, nil
}

// Explain optimizes a model as Open does and reports what each pass did,
// together with the model that came out.
func (e *Engine) Explain(m *onnx.Model, opts infrt.Options) (*onnx.Model, []passes.Report, error) {
	if err := onnx.Check(m); err != nil {
		return nil, nil, err
	}
	if opts.MemoryLimit == 0 {
		opts.MemoryLimit = defaultLimit
	}
	s := &Session{engine: e, opts: opts}
	if err := s.prepare(m); err != nil {
		return nil, nil, err
	}
	g, reports, err := s.optimize(nil)
	if err != nil {
		return nil, nil, err
	}
	return g.Model, reports, nil
}

// pool is the engine's pool of that many threads; none for one thread.
func (e *Engine) pool(threads int) *pool.Pool {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	if threads == 1 {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.pools[threads] == nil {
		e.pools[threads] = pool.New(threads)
	}
	return e.pools[threads]
}

// selectOutputs makes the named values the model's outputs.
func selectOutputs(m *onnx.Model, names []string) error {
	if len(names) == 0 {
		return nil
	}
	known := map[string]*onnx.ValueInfo{}
	for _, n := range m.Graph.Nodes {
		for _, o := range n.Outputs {
			known[o] = &onnx.ValueInfo{Name: o}
		}
	}
	for _, t := range m.Graph.Initializers {
		known[t.Name] = &onnx.ValueInfo{Name: t.Name}
	}
	for _, list := range [][]*onnx.ValueInfo{m.Graph.Inputs, m.Graph.ValueInfo, m.Graph.Outputs} {
		for _, v := range list {
			known[v.Name] = v
		}
	}
	outputs := make([]*onnx.ValueInfo, len(names))
	for i, name := range names {
		if outputs[i] = known[name]; name == "" || outputs[i] == nil {
			return fmt.Errorf("native: the model has no value %q to give out", name)
		}
	}
	m.Graph.Outputs = outputs
	return nil
}
