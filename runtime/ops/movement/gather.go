package movement

import (
	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/gather"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
)

// Gather takes slices of data along an axis by index: with axis 1,
// out[i, j, k, l] = data[i, indices[j, k], l] (ONNX operator spec, Gather-13).
// Since version 11 an index may count from the end.
var gatherDefs = []ops.Def{{
	Name: "Gather", Since: 1,
	MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
	Infer:   inferGather,
	Compile: compileGather,
}}

func inferGather(n *ops.Inference) error {
	axis := n.Int("axis", 0)
	data, indices := n.Input(0), n.Input(1)
	n.SetDType(0, data.DType())
	shape, ok := data.Dims()
	inner, ok2 := indices.Dims()
	if !ok || !ok2 {
		return n.Err()
	}
	at, err := dims.Axis(axis, len(shape))
	if err != nil {
		return err
	}
	out := append([]onnx.Dim{}, shape[:at]...)
	out = append(append(out, inner...), shape[at+1:]...)
	n.Set(0, data.DType(), out...)
	value := n.Values(0)
	if list, ok := n.Ints(1); ok && value != nil && len(shape) == 1 && len(inner) <= 1 {
		picked := make([]onnx.Dim, len(list))
		for i, v := range list {
			k, err := dims.Axis(int64(v), len(value))
			if err != nil {
				return err
			}
			picked[i] = value[k]
		}
		n.SetValue(0, picked)
	}
	return n.Err()
}

func compileGather(n *ops.Node) (ops.Compiled, error) {
	axis := n.Int("axis", 0)
	return ops.RunFunc(func(c *ops.Call) error {
		data, indices, err := needTwo(c)
		if err != nil {
			return err
		}
		at, err := dims.Axis(axis, data.Rank())
		if err != nil {
			return err
		}
		in := data.Shape()
		list, err := axisPlaces(c, indices, in[at])
		if err != nil {
			return err
		}
		shape := make([]int, 0, len(in)+indices.Rank())
		shape = append(append(append(shape, in[:at]...), indices.Shape()...), in[at+1:]...)
		out, err := c.Output(0, data.DType(), shape...)
		if err != nil {
			return err
		}
		dst := cells.Dest(out)
		block := dims.Count(in[at+1:])
		gather.Blocks(c.Pool, dst, cells.Load(data), list, block, block, dims.Count(in[:at]), in[at]*block)
		dst.Flush()
		return nil
	}), n.Err()
}
