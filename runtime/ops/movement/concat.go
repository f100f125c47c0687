package movement

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/strided"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Concat joins tensors along an axis (ONNX operator spec, Concat-13).
//
//	1  axis is 1 unless the attribute says otherwise
//	4  the attribute must be there
//	11 a negative axis counts from the end
var concatDefs = []ops.Def{
	concatDef(1, concat{optional: true}),
	concatDef(4, concat{}),
}

type concat struct{ optional bool }

func concatDef(since int, d concat) ops.Def {
	return ops.Def{
		Name: "Concat", Since: since,
		MinInputs: 1, MaxInputs: ops.Variadic, MinOutputs: 1, MaxOutputs: 1,
		Infer:   d.infer,
		Compile: d.compile,
	}
}

func (d concat) axis(a *ops.Attrs) int64 {
	if !d.optional && !a.Has("axis") {
		a.Fail(fmt.Errorf("attribute %q is missing", "axis"))
	}
	return a.Int("axis", 1)
}

func (d concat) infer(n *ops.Inference) error {
	axis := d.axis(n.Attrs)
	if err := n.Err(); err != nil {
		return err
	}
	dtype := n.Input(0).DType()
	n.SetDType(0, dtype)
	out, err := joinedShape(n, axis)
	if err != nil || out == nil {
		return err
	}
	n.Set(0, dtype, out...)
	if len(out) != 1 {
		return nil
	}
	var value []onnx.Dim
	for i := range n.Inputs {
		v := n.Values(i)
		if v == nil {
			return nil
		}
		value = append(value, v...)
	}
	n.SetValue(0, value)
	return nil
}

// joinedShape is the shape of the result; nil where some rank is not known.
func joinedShape(n *ops.Inference, axis int64) ([]onnx.Dim, error) {
	var out []onnx.Dim
	at := 0
	for i := range n.Inputs {
		shape, ok := n.Input(i).Dims()
		if !ok {
			return nil, nil
		}
		if i == 0 {
			var err error
			if at, err = dims.Axis(axis, len(shape)); err != nil {
				return nil, err
			}
			out = append([]onnx.Dim{}, shape...)
			continue
		}
		if len(shape) != len(out) {
			return nil, fmt.Errorf("input %d has rank %d, input 0 has %d", i, len(shape), len(out))
		}
		for k, d := range shape {
			if k == at {
				out[k] = dims.Add(out[k], d)
				continue
			}
			merged, err := dims.Merge(out[k], d)
			if err != nil {
				return nil, fmt.Errorf("input %d: dimension %d: %w", i, k, err)
			}
			out[k] = merged
		}
	}
	return out, nil
}

func (d concat) compile(n *ops.Node) (ops.Compiled, error) {
	axis := d.axis(n.Attrs)
	return ops.RunFunc(func(c *ops.Call) error { return runConcat(c, axis) }), n.Err()
}

func runConcat(c *ops.Call, axis int64) error {
	first, err := c.Need(0)
	if err != nil {
		return err
	}
	at, err := dims.Axis(axis, first.Rank())
	if err != nil {
		return err
	}
	shape := append([]int{}, first.Shape()...)
	for i := 1; i < len(c.Inputs); i++ {
		t, err := c.Need(i)
		if err != nil {
			return err
		}
		if err := checkJoin(t, i, first, at); err != nil {
			return err
		}
		shape[at] += t.Dim(at)
	}
	out, err := c.Output(0, first.DType(), shape...)
	if err != nil {
		return err
	}
	dst := cells.Dest(out)
	outer, row := product(shape[:at]), product(shape[at:])
	offset := 0
	for i := range c.Inputs {
		t := c.Input(i)
		run := product(t.Shape()[at:])
		strided.New([]int{outer, run}, []int{row, 1}, []int{run, 1}, offset, 0).Run(c.Pool, dst, cells.Load(t))
		offset += run
	}
	dst.Flush()
	return nil
}

// checkJoin checks that t can stand behind first along axis at.
func checkJoin(t *tensor.Tensor, i int, first *tensor.Tensor, at int) error {
	if t.DType() != first.DType() {
		return fmt.Errorf("input %d is %v, input 0 is %v", i, t.DType(), first.DType())
	}
	if t.Rank() != first.Rank() {
		return fmt.Errorf("input %d has rank %d, input 0 has %d", i, t.Rank(), first.Rank())
	}
	for k, d := range t.Shape() {
		if k != at && d != first.Dim(k) {
			return fmt.Errorf("input %d has shape %v, input 0 %v: only dimension %d may differ", i, t.Shape(), first.Shape(), at)
		}
	}
	return nil
}
