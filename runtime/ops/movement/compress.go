package movement

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/gather"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Compress keeps the slices along an axis for which the condition is true, or
// the elements of the flattened tensor where there is no axis (ONNX operator
// spec, Compress-11). The condition may be shorter than the axis.
var compressDefs = []ops.Def{{
	Name: "Compress", Since: 9,
	MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
	Infer:   inferCompress,
	Compile: compileCompress,
}}

func inferCompress(n *ops.Inference) error {
	in := n.Input(0)
	n.SetDType(0, in.DType())
	if !n.Attrs.Has("axis") {
		n.Set(0, in.DType(), onnx.UnknownDim())
		return nil
	}
	shape, ok := in.Dims()
	if !ok {
		return nil
	}
	at, err := dims.Axis(n.Int("axis", 0), len(shape))
	if err != nil {
		return err
	}
	out := append([]onnx.Dim{}, shape...)
	out[at] = onnx.UnknownDim()
	n.Set(0, in.DType(), out...)
	return n.Err()
}

func compileCompress(n *ops.Node) (ops.Compiled, error) {
	axis, flat := n.Int("axis", 0), !n.Attrs.Has("axis")
	return ops.RunFunc(func(c *ops.Call) error {
		in, condition, err := needTwo(c)
		if err != nil {
			return err
		}
		shape := []int{in.Len()}
		at := 0
		if !flat {
			if at, err = dims.Axis(axis, in.Rank()); err != nil {
				return err
			}
			shape = append(shape[:0], in.Shape()...)
		}
		kept, err := truePlaces(c, condition, shape[at])
		if err != nil {
			return err
		}
		size, inner := shape[at], dims.Count(shape[at+1:])
		shape[at] = len(kept)
		out, err := c.Output(0, in.DType(), shape...)
		if err != nil {
			return err
		}
		dst := cells.Dest(out)
		gather.Blocks(c.Pool, dst, cells.Load(in), kept, inner, inner, dims.Count(shape[:at]), size*inner)
		dst.Flush()
		return nil
	}), n.Err()
}

// truePlaces lists where the condition is true.
func truePlaces(c *ops.Call, condition *tensor.Tensor, size int) ([]int, error) {
	if condition.Rank() != 1 {
		return nil, fmt.Errorf("condition has rank %d, expected 1", condition.Rank())
	}
	flags, err := tensor.Data[bool](condition)
	if err != nil {
		return nil, fmt.Errorf("condition: %w", err)
	}
	list := places(c, len(flags))[:0]
	for i, ok := range flags {
		if !ok {
			continue
		}
		if i >= size {
			return nil, fmt.Errorf("condition is true at %d, beyond a dimension of %d", i, size)
		}
		list = append(list, i)
	}
	return list, nil
}
