package shape

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
)

// Squeeze takes out dimensions of 1: those that axes names, or all (ONNX
// operator spec, Squeeze-25).
//
//	1  axes is an attribute
//	11 axes may count from the end
//	13 axes is an input
var squeezeDefs = []ops.Def{squeezeDef(1, 1), squeezeDef(13, 2)}

func squeezeDef(since, inputs int) ops.Def {
	return ops.Def{
		Name: "Squeeze", Since: since,
		MinInputs: 1, MaxInputs: inputs, MinOutputs: 1, MaxOutputs: 1,
		View:    true,
		Infer:   inferSqueeze,
		Compile: compileSqueeze,
	}
}

func inferSqueeze(n *ops.Inference) error {
	in := n.Input(0)
	n.SetDType(0, in.DType())
	axes, known := n.IntsInput(1, "axes")
	shape, ok := in.Dims()
	if !ok || !known {
		return n.Err()
	}
	if axes == nil {
		for i, d := range shape {
			if !d.IsKnown() {
				return n.Err()
			}
			if d.Value == 1 {
				axes = append(axes, i)
			}
		}
	}
	axes, err := dims.Axes(axes, len(shape))
	if err != nil {
		return err
	}
	out := make([]onnx.Dim, 0, len(shape))
	for i, d := range shape {
		if !slices.Contains(axes, i) {
			out = append(out, d)
		} else if d.IsKnown() && d.Value != 1 {
			return fmt.Errorf("dimension %d is %d, expected 1", i, d.Value)
		}
	}
	n.Set(0, in.DType(), out...)
	if v := n.Values(0); len(shape) == 1 && len(v) == 1 {
		n.SetValue(0, v)
	}
	return n.Err()
}

func compileSqueeze(n *ops.Node) (ops.Compiled, error) {
	axes, err := n.IntsInput(1, "axes")
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		in, err := c.Need(0)
		if err != nil {
			return err
		}
		list, err := axes.Read(c)
		if err != nil {
			return err
		}
		shape, err := squeeze(in.Shape(), list)
		if err != nil {
			return err
		}
		return c.Forward(0, in, shape...)
	}), nil
}

func squeeze(shape, axes []int) ([]int, error) {
	out := make([]int, 0, len(shape))
	if axes == nil {
		for _, d := range shape {
			if d != 1 {
				out = append(out, d)
			}
		}
		return out, nil
	}
	axes, err := dims.Axes(axes, len(shape))
	if err != nil {
		return nil, err
	}
	for i, d := range shape {
		if !slices.Contains(axes, i) {
			out = append(out, d)
		} else if d != 1 {
			return nil, fmt.Errorf("dimension %d is %d, expected 1", i, d)
		}
	}
	return out, nil
}
