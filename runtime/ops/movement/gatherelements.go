package movement

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/gather"
	"github.com/seed6700ada1/infer/runtime/kernel/index"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// GatherElements takes one element of data for each index, from the index's own
// coordinates but for the one along axis, which is the index: with axis 1,
// out[i, j, k] = data[i, indices[i, j, k], k] (ONNX operator spec,
// GatherElements-13).
var gatherElementsDefs = []ops.Def{{
	Name: "GatherElements", Since: 11,
	MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
	Infer:   inferGatherElements,
	Compile: compileGatherElements,
}}

func inferGatherElements(n *ops.Inference) error {
	axis := n.Int("axis", 0)
	d := n.Input(0).DType()
	n.SetDType(0, d)
	if shape, ok := n.Input(1).Dims(); ok {
		if _, err := dims.Axis(axis, len(shape)); err != nil {
			return err
		}
		n.Set(0, d, shape...)
	}
	return n.Err()
}

func compileGatherElements(n *ops.Node) (ops.Compiled, error) {
	axis := n.Int("axis", 0)
	return ops.RunFunc(func(c *ops.Call) error {
		data, indices, err := needTwo(c)
		if err != nil {
			return err
		}
		list, err := elementPlaces(c, data, indices, axis)
		if err != nil {
			return err
		}
		out, err := c.Output(0, data.DType(), indices.Shape()...)
		if err != nil {
			return err
		}
		dst := cells.Dest(out)
		gather.Blocks(c.Pool, dst, cells.Load(data), list, 1, 1, 1, 0)
		dst.Flush()
		return nil
	}), n.Err()
}

// elementPlaces is the place in data that each index names, as GatherElements
// and ScatterElements read them.
func elementPlaces(c *ops.Call, data, indices *tensor.Tensor, axis int64) ([]int, error) {
	in, shape := data.Shape(), indices.Shape()
	if len(in) != len(shape) {
		return nil, fmt.Errorf("indices have rank %d, data has %d", len(shape), len(in))
	}
	at, err := dims.Axis(axis, len(in))
	if err != nil {
		return nil, err
	}
	for k := range shape {
		if k != at && shape[k] > in[k] {
			return nil, fmt.Errorf("indices have shape %v, which goes beyond data's %v in dimension %d", shape, in, k)
		}
	}
	dst := places(c, indices.Len())
	switch indices.DType() {
	case tensor.Int64:
		v, err := tensor.Data[int64](indices)
		if err != nil {
			return nil, err
		}
		return dst, index.Elements(dst, v, shape, in, at)
	case tensor.Int32:
		v, err := tensor.Data[int32](indices)
		if err != nil {
			return nil, err
		}
		return dst, index.Elements(dst, v, shape, in, at)
	default:
		return nil, indexTypeError(indices)
	}
}
