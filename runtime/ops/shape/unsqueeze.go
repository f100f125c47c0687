package shape

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
)

// Unsqueeze puts in dimensions of 1 at the axes of the output (ONNX operator
// spec, Unsqueeze-25).
//
//	1  axes is an attribute
//	11 axes may count from the end
//	13 axes is an input
var unsqueezeDefs = []ops.Def{unsqueezeDef(1, 1), unsqueezeDef(13, 2)}

func unsqueezeDef(since, inputs int) ops.Def {
	return ops.Def{
		Name: "Unsqueeze", Since: since,
		MinInputs: inputs, MaxInputs: inputs, MinOutputs: 1, MaxOutputs: 1,
		View:    true,
		Infer:   inferUnsqueeze,
		Compile: compileUnsqueeze,
	}
}

func inferUnsqueeze(n *ops.Inference) error {
	in := n.Input(0)
	n.SetDType(0, in.DType())
	axes, known := n.IntsInput(1, "axes")
	shape, ok := in.Dims()
	if !ok {
		return n.Err()
	}
	if !known {
		if s, ok := n.Input(1).Dims(); ok && len(s) == 1 && s[0].IsKnown() {
			n.Set(0, in.DType(), dims.Unknown(len(shape)+int(min(s[0].Value, 64)))...)
		}
		return n.Err()
	}
	out, err := unsqueeze(shape, axes, onnx.Known(1))
	if err != nil {
		return err
	}
	n.Set(0, in.DType(), out...)
	if v := n.Values(0); len(shape) == 0 && len(axes) == 1 && len(v) == 1 {
		n.SetValue(0, v)
	}
	return n.Err()
}

// unsqueeze puts one at each of axes, which count in the result.
func unsqueeze[D any](shape []D, axes []int, one D) ([]D, error) {
	rank := len(shape) + len(axes)
	axes, err := dims.Axes(axes, rank)
	if err != nil {
		return nil, err
	}
	out := make([]D, rank)
	next := 0
	for i := range out {
		if slices.Contains(axes, i) {
			out[i] = one
			continue
		}
		out[i] = shape[next]
		next++
	}
	return out, nil
}

func compileUnsqueeze(n *ops.Node) (ops.Compiled, error) {
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
		shape, err := unsqueeze(in.Shape(), list, 1)
		if err != nil {
			return err
		}
		return c.Forward(0, in, shape...)
	}), nil
}
