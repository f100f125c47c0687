package movement

import (
	"fmt"

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
	list := make([]*tensor.Tensor, len(c.Inputs))
	for i := range list {
		t, err := c.Need(i)
		if err != nil {
			return err
		}
		list[i] = t
	}
	return Join(c, 0, list, axis)
}
