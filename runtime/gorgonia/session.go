//go:build gorgonia

package gorgonia

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	onnxgo "github.com/owulveryck/onnx-go"
	"github.com/owulveryck/onnx-go/backend/x/gorgonnx"
	dense "gorgonia.org/tensor"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// How far a first run may be from the reference.
const relative, absolute = 1e-3, 1e-5

// session is a model on Gorgonia. Its runs take turns: the libraries keep
// state outside of their graphs.
type session struct {
	parts     []program
	inputs    []runtime.ValueSpec
	outputs   []runtime.ValueSpec
	reference runtime.Session

	mu       sync.Mutex
	closed   bool
	verified map[string]bool // by the shapes of the inputs
	refused  error           // the first run that was wrong
}

// program is a part of the model as onnx-go reads it.
type program struct {
	data    []byte
	outputs []string
}

func (e *Engine) open(ctx context.Context, m *onnx.Model, opts runtime.Options) (runtime.Session, error) {
	if e.reference == nil {
		return nil, errors.New("gorgonia: there is no reference engine to verify the first run with: see WithReference")
	}
	parts, err := graft(m, opts.Outputs)
	if err != nil {
		return nil, err
	}
	s := &session{verified: map[string]bool{}}
	for _, p := range parts {
		if err := check(p.model); err != nil {
			return nil, err
		}
		data, err := p.model.Marshal()
		if err != nil {
			return nil, err
		}
		s.parts = append(s.parts, program{data, p.outputs})
	}
	ref, err := e.reference.Open(ctx, m, runtime.Options{Threads: opts.Threads, Outputs: opts.Outputs, MemoryLimit: opts.MemoryLimit})
	if err != nil {
		return nil, fmt.Errorf("gorgonia: the reference engine cannot open the model: %w", err)
	}
	s.reference, s.outputs = ref, ref.Outputs()
	for _, in := range runtime.InputSpecs(m.Graph) {
		if !in.Optional { // defaults are constants here
			s.inputs = append(s.inputs, in)
		}
	}
	return s, nil
}

// Inputs implements [runtime.Session]. Inputs that have a default are left out:
// it cannot be replaced.
func (s *session) Inputs() []runtime.ValueSpec { return s.inputs }

// Outputs implements [runtime.Session].
func (s *session) Outputs() []runtime.ValueSpec { return s.outputs }

// Close implements [runtime.Session].
func (s *session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return s.reference.Close()
}

// Run implements [runtime.Session]. Gorgonia cannot be stopped: where ctx ends,
// Run returns, and what it began ends in the background.
func (s *session) Run(ctx context.Context, inputs map[string]tensor.Value) (map[string]tensor.Value, error) {
	if err := runtime.CheckInputs(s.inputs, inputs); err != nil {
		return nil, err
	}
	type outcome struct {
		out map[string]tensor.Value
		err error
	}
	given := make(map[string]*tensor.Tensor, len(inputs))
	for name, v := range inputs {
		if t, ok := v.(*tensor.Tensor); ok {
			given[name] = t.Clone() // a run that goes on in the background must not share it
		}
	}
	done := make(chan outcome, 1)
	go func() {
		out, err := s.run(ctx, given)
		done <- outcome{out, err}
	}()
	select {
	case o := <-done:
		return o.out, o.err
	case <-ctx.Done():
		return nil, fmt.Errorf("gorgonia: the run was stopped: %w", ctx.Err())
	}
}

func (s *session) run(ctx context.Context, inputs map[string]*tensor.Tensor) (out map[string]tensor.Value, err error) {
	defer recovered(&err)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, runtime.ErrClosed
	case s.refused != nil:
		return nil, s.refused
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	values := map[string]tensor.Value{}
	for name, t := range inputs {
		values[name] = t
	}
	if out, err = s.evaluate(inputs); err != nil {
		return nil, err
	}
	key := signature(s.inputs, inputs)
	if s.verified[key] {
		return out, nil
	}
	want, err := s.reference.Run(ctx, values)
	if err != nil {
		return nil, fmt.Errorf("gorgonia: the reference engine: %w", err)
	}
	for _, spec := range s.outputs {
		if err := tensor.AllClose(out[spec.Name], want[spec.Name], relative, absolute); err != nil {
			s.refused = fmt.Errorf("gorgonia: the result is wrong, by the reference engine: output %q: %w", spec.Name, err)
			return nil, s.refused
		}
	}
	s.verified[key] = true
	return out, nil
}

func signature(specs []runtime.ValueSpec, inputs map[string]*tensor.Tensor) string {
	var b strings.Builder
	for _, spec := range specs {
		if t := inputs[spec.Name]; t != nil {
			b.WriteString(t.String())
		}
	}
	return b.String()
}

// evaluate runs the parts one after the other.
func (s *session) evaluate(inputs map[string]*tensor.Tensor) (map[string]tensor.Value, error) {
	out := map[string]tensor.Value{}
	for _, p := range s.parts {
		results, err := s.runPart(&p, inputs)
		if err != nil {
			return nil, err
		}
		for i, name := range p.outputs {
			if out[name], err = fromDense(results[i]); err != nil {
				return nil, fmt.Errorf("gorgonia: output %q: %w", name, err)
			}
		}
	}
	return out, nil
}

// runPart builds the graph of a part and runs it.
func (s *session) runPart(p *program, inputs map[string]*tensor.Tensor) ([]dense.Tensor, error) {
	backend := gorgonnx.NewGraph()
	model := onnxgo.NewModel(backend)
	if err := model.UnmarshalBinary(p.data); err != nil {
		return nil, fmt.Errorf("gorgonia: %w", err)
	}
	for i, spec := range s.inputs {
		t := inputs[spec.Name]
		if t.Rank() == 0 || t.Len() == 0 {
			return nil, fmt.Errorf("gorgonia: input %q is %v: scalars and empty tensors are not supported", spec.Name, t)
		}
		data, err := tensor.Data[float32](t)
		if err != nil {
			return nil, err
		}
		// a copy: some operators overwrite what they read
		in := dense.New(dense.WithShape(slices.Clone(t.Shape())...), dense.WithBacking(slices.Clone(data)))
		if err := model.SetInput(i, in); err != nil {
			return nil, fmt.Errorf("gorgonia: input %q: %w", spec.Name, err)
		}
	}
	if err := backend.Run(); err != nil {
		return nil, fmt.Errorf("gorgonia: %w", err)
	}
	results, err := model.GetOutputTensors()
	if err != nil {
		return nil, fmt.Errorf("gorgonia: %w", err)
	}
	return results, nil
}

// fromDense copies a result, which may be a view of another tensor.
func fromDense(t dense.Tensor) (tensor.Value, error) {
	d, ok := t.(*dense.Dense)
	if !ok || d == nil {
		return nil, fmt.Errorf("a %T came out", t)
	}
	if d.RequiresIterator() {
		d = d.Materialize().(*dense.Dense)
	}
	data, ok := d.Data().([]float32)
	if !ok {
		return nil, fmt.Errorf("elements of %v came out, expected float32", d.Dtype())
	}
	return tensor.FromSlice(slices.Clone(data), slices.Clone([]int(d.Shape()))...)
}
