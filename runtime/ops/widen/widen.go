// Package widen runs operators that know float32 and float64 on the types
// narrower than that: float16 and bfloat16 inputs become float32 before the
// run, and float32 outputs become narrow after it.
//
// The sums in between keep the precision of float32, as the standard's reference
// does at least.
package widen

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/cast"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Func makes f, which knows no types narrower than float32, run on them too. An
// output that f makes as float32 has the narrow type where the first input had
// it; other outputs are left alone.
func Func(f ops.RunFunc) ops.RunFunc {
	return func(c *ops.Call) error {
		if !needed(c) {
			return f(c)
		}
		w, ok := c.State(func() any { return new(wide) }).(*wide)
		if !ok {
			return fmt.Errorf("the operator keeps a state of its own under the one of its wide run")
		}
		return w.run(c, f)
	}
}

func needed(c *ops.Call) bool {
	for i := range c.Inputs {
		if narrow(c.Input(i)) {
			return true
		}
	}
	return false
}

func narrow(t *tensor.Tensor) bool {
	return t != nil && (t.DType() == tensor.Float16 || t.DType() == tensor.BFloat16)
}

// wide is the float32 run inside a narrow one. It is the memory of that run.
type wide struct {
	inner, outer *ops.Call
	inputs       []*tensor.Tensor // kept to use their buffers again
	outputs      []*tensor.Tensor // wide ones that are to be narrowed
	to           tensor.DType     // type of the narrowed outputs
}

func (w *wide) run(c *ops.Call, f ops.RunFunc) error {
	if w.inner == nil {
		w.inner = new(ops.Call)
	}
	w.outer, w.to = c, tensor.Undefined
	if in := c.Input(0); narrow(in) {
		w.to = in.DType()
	}
	w.inputs = sized(w.inputs, len(c.Inputs))
	w.outputs = sized(w.outputs, len(c.Outputs))
	clear(w.outputs)
	in := w.inner
	in.Context, in.Pool, in.Memory, in.Random, in.Engine = c.Context, c.Pool, w, c.Random, c.Engine
	in.Inputs = append(in.Inputs[:0], c.Inputs...)
	for i := range in.Inputs {
		if t := c.Input(i); narrow(t) {
			converted, err := w.widened(i, t)
			if err != nil {
				return err
			}
			in.Inputs[i] = converted
		}
	}
	// the run sets wide tensors as outputs: keep them apart from those of c
	results := append([]tensor.Value(nil), c.Outputs...)
	in.Outputs = results
	if err := f(in); err != nil {
		return err
	}
	return w.finish(results)
}

// widened is t as float32, in the buffer of an earlier run where it fits.
func (w *wide) widened(i int, t *tensor.Tensor) (*tensor.Tensor, error) {
	dst := w.inputs[i]
	if dst == nil || dst.Len() != t.Len() {
		var err error
		if dst, err = tensor.New(tensor.Float32, t.Shape()...); err != nil {
			return nil, err
		}
	} else if err := dst.Rebind(tensor.Float32, dst.Bytes(), t.Shape()); err != nil {
		return nil, err
	}
	w.inputs[i] = dst
	to, err := tensor.Data[float32](dst)
	if err != nil {
		return nil, err
	}
	return dst, cast.ToFloat32(w.outer.Pool, to, t)
}

// finish narrows the outputs that have to be, and hands on the others.
func (w *wide) finish(results []tensor.Value) error {
	for i, v := range results {
		if i < len(w.outputs) && w.outputs[i] != nil && v == tensor.Value(w.outputs[i]) {
			dst := w.outer.Outputs[i].(*tensor.Tensor)
			from, err := tensor.Data[float32](w.outputs[i])
			if err != nil {
				return err
			}
			if err := cast.FromFloat32(w.outer.Pool, dst, from); err != nil {
				return err
			}
			continue
		}
		w.outer.Set(i, v)
	}
	return nil
}

// Output makes an output of the wide run: a float32 one beside the narrow one
// that the outer run asked for.
func (w *wide) Output(_ *ops.Call, i int, d tensor.DType, shape []int) (*tensor.Tensor, error) {
	if d != tensor.Float32 || w.to == tensor.Undefined {
		return w.outer.Output(i, d, shape...)
	}
	if _, err := w.outer.Output(i, w.to, shape...); err != nil {
		return nil, err
	}
	t, err := tensor.New(d, shape...)
	if err != nil {
		return nil, err
	}
	if i < len(w.outputs) {
		w.outputs[i] = t
	}
	return t, nil
}

// Forward shares the buffer of an input of the outer run where it is one, else
// copies.
func (w *wide) Forward(_ *ops.Call, i int, in *tensor.Tensor, shape []int) (*tensor.Tensor, error) {
	for k, v := range w.inputs {
		if v == in {
			in = w.outer.Input(k)
			break
		}
	}
	return w.outer.Memory.Forward(w.outer, i, in, shape)
}

func sized(list []*tensor.Tensor, n int) []*tensor.Tensor {
	if cap(list) < n {
		return make([]*tensor.Tensor, n)
	}
	return list[:n]
}
