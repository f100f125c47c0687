package shape

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
)

// Flatten makes a matrix: the dimensions before axis are its rows, the others
// its columns (ONNX operator spec, Flatten-25). A negative axis counts from the
// end, since version 11.
var flattenDefs = []ops.Def{{
	Name: "Flatten", Since: 1,
	MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
	View:    true,
	Infer:   inferFlatten,
	Compile: compileFlatten,
}}

// flattenAxis is the place of the cut, which may lie behind the last dimension.
func flattenAxis(axis int64, rank int) (int, error) {
	if axis < -int64(rank) || axis > int64(rank) {
		return 0, fmt.Errorf("axis %d is out of range for rank %d", axis, rank)
	}
	if axis < 0 {
		axis += int64(rank)
	}
	return int(axis), nil
}

func inferFlatten(n *ops.Inference) error {
	axis := n.Int("axis", 1)
	in := n.Input(0)
	shape, ok := in.Dims()
	if !ok {
		n.Set(0, in.DType(), dims.Unknown(2)...)
		return n.Err()
	}
	cut, err := flattenAxis(axis, len(shape))
	if err != nil {
		return err
	}
	n.Set(0, in.DType(), dims.Product(shape[:cut]), dims.Product(shape[cut:]))
	return n.Err()
}

func compileFlatten(n *ops.Node) (ops.Compiled, error) {
	axis := n.Int("axis", 1)
	return ops.RunFunc(func(c *ops.Call) error {
		in, err := c.Need(0)
		if err != nil {
			return err
		}
		shape := in.Shape()
		cut, err := flattenAxis(axis, len(shape))
		if err != nil {
			return err
		}
		return c.Forward(0, in, dims.Count(shape[:cut]), dims.Count(shape[cut:]))
	}), n.Err()
}
