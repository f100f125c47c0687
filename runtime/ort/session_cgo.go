//go:build cgo

package ort

import (
	"context"
	"fmt"
	goruntime "runtime"
	"strings"
	"sync"

	binding "github.com/yalue/onnxruntime_go"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// session is a model on ONNX Runtime.
type session struct {
	model    *onnx.Model
	opts     runtime.Options
	inputs   []runtime.ValueSpec
	outputs  []runtime.ValueSpec
	infos    []onnx.ValueInfo // of the outputs
	standard bool             // see elementType

	mu       sync.RWMutex // held for reading by every run
	closed   bool
	making   sync.Mutex
	variants map[string]*variant // by the optional inputs that are given, joined
}

// variant is a session for one set of optional inputs: those that runs leave
// out are constants to ONNX Runtime.
type variant struct {
	graft    *graft
	ort      *binding.DynamicAdvancedSession
	standard bool // see elementType
}

// Inputs implements [runtime.Session].
func (s *session) Inputs() []runtime.ValueSpec { return s.inputs }

// Outputs implements [runtime.Session].
func (s *session) Outputs() []runtime.ValueSpec { return s.outputs }

// Close implements [runtime.Session]. It waits for runs to end.
func (s *session) Close() (err error) {
	defer recovered(&err)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	for _, v := range s.variants {
		if e := v.ort.Destroy(); e != nil && err == nil {
			err = fmt.Errorf("ort: %w", e)
		}
	}
	return err
}

// Run implements [runtime.Session].
func (s *session) Run(ctx context.Context, inputs map[string]tensor.Value) (out map[string]tensor.Value, err error) {
	defer recovered(&err)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, runtime.ErrClosed
	}
	if err := runtime.CheckInputs(s.inputs, inputs); err != nil {
		return nil, err
	}
	var given []string
	for _, in := range s.inputs {
		if in.Optional && inputs[in.Name] != nil {
			given = append(given, in.Name)
		}
	}
	v, err := s.variant(given)
	if err != nil {
		return nil, err
	}
	return v.run(ctx, inputs)
}

// variant finds or makes the session for a set of optional inputs.
func (s *session) variant(given []string) (*variant, error) {
	s.making.Lock()
	defer s.making.Unlock()
	key := strings.Join(given, "\x00")
	if v := s.variants[key]; v != nil {
		return v, nil
	}
	g, err := newGraft(s.model, given, s.infos)
	if err != nil {
		return nil, err
	}
	data, err := g.model.Marshal()
	if err != nil {
		return nil, err
	}
	o, err := settings(s.opts)
	if err != nil {
		return nil, fmt.Errorf("ort: %w", err)
	}
	defer release(o)
	ins, outs := crossing(g.inputs), crossing(g.outputs)
	if g.idle != "" {
		ins = append(ins, g.idle)
	}
	ort, err := binding.NewDynamicAdvancedSessionWithONNXData(data, ins, outs, o)
	if err != nil {
		return nil, diagnose(s.model, err)
	}
	g.model = nil // the weights are ONNX Runtime's now
	v := &variant{graft: g, ort: ort, standard: s.standard}
	s.variants[key] = v
	return v, nil
}

func crossing(ports []port) []string {
	names := make([]string, len(ports))
	for i, p := range ports {
		names[i] = p.inside
	}
	return names
}

func (v *variant) run(ctx context.Context, inputs map[string]tensor.Value) (map[string]tensor.Value, error) {
	c := cargo{standard: v.standard}
	defer c.release()
	in := make([]binding.Value, 0, len(v.graft.inputs)+1)
	for i := range v.graft.inputs {
		p := &v.graft.inputs[i]
		value, err := c.load(p, inputs[p.name])
		if err != nil {
			return nil, fmt.Errorf("ort: input %q: %w", p.name, err)
		}
		in = append(in, value)
	}
	if v.graft.idle != "" {
		value, err := c.keep(asValue(binding.NewTensor(binding.Shape{1}, []float32{0})))
		if err != nil {
			return nil, fmt.Errorf("ort: %w", err)
		}
		in = append(in, value)
	}
	out := make([]binding.Value, len(v.graft.outputs))
	err := v.evaluate(ctx, in, out)
	// the binding holds on to C pointers alone while ONNX Runtime reads the memory of these
	goruntime.KeepAlive(in)
	goruntime.KeepAlive(inputs)
	for _, o := range out {
		if o != nil {
			c.values = append(c.values, o)
		}
	}
	if err != nil {
		return nil, err
	}
	result := make(map[string]tensor.Value, len(out))
	for i := range out {
		p := &v.graft.outputs[i]
		value, err := unload(p, out[i])
		if err != nil {
			return nil, fmt.Errorf("ort: output %q: %w", p.name, err)
		}
		result[p.name] = value
	}
	return result, nil
}

// evaluate runs the graph and stops it where ctx ends.
func (v *variant) evaluate(ctx context.Context, in, out []binding.Value) error {
	if ctx.Done() == nil {
		return runError(ctx, v.ort.Run(in, out))
	}
	o, err := binding.NewRunOptions()
	if err != nil {
		return fmt.Errorf("ort: %w", err)
	}
	defer release(o)
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		_ = o.Terminate() // of options that exist: cannot fail
	})
	// also where the binding panics: nothing may stop a run whose options are gone
	defer func() {
		if !stop() {
			<-stopped
		}
	}()
	return runError(ctx, v.ort.RunWithOptions(in, out, o))
}

// release destroys options that exist, which cannot fail.
func release(o interface{ Destroy() error }) { _ = o.Destroy() }

func runError(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("ort: the run was stopped: %w", ctx.Err())
	}
	return fmt.Errorf("ort: %s", oneLine(strings.TrimPrefix(err.Error(), "Error running network: ")))
}
