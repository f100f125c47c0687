package movement

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// CenterCropPad brings axes to the sizes that its second input says: it cuts
// the middle out of larger ones and puts smaller ones in the middle of zeros
// (ONNX operator spec, CenterCropPad-18). Where the difference is odd, the
// middle lies towards the front.
var centerCropPadDefs = []ops.Def{{
	Name: "CenterCropPad", Since: 18,
	MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
	Infer:   inferCenterCropPad,
	Compile: compileCenterCropPad,
}}

// cropAxes completes the axes for a tensor of that rank.
func cropAxes(axes []int, rank, sizes int) ([]int, error) {
	if axes == nil {
		for i := range rank {
			axes = append(axes, i)
		}
	}
	if len(axes) != sizes {
		return nil, fmt.Errorf("there are %d sizes for %d axes", sizes, len(axes))
	}
	return dims.Axes(axes, rank)
}

func inferCenterCropPad(n *ops.Inference) error {
	in := n.Input(0)
	shape, ok := in.Dims()
	n.SetDType(0, in.DType())
	if !ok {
		return nil
	}
	sizes := n.Values(1)
	if sizes == nil {
		n.Set(0, in.DType(), dims.Unknown(len(shape))...)
		return nil
	}
	axes, err := cropAxes(n.Attrs.Ints("axes"), len(shape), len(sizes))
	if err != nil {
		return err
	}
	out := append([]onnx.Dim{}, shape...)
	for i, a := range axes {
		out[a] = sizes[i]
	}
	n.Set(0, in.DType(), out...)
	return n.Err()
}

func compileCenterCropPad(n *ops.Node) (ops.Compiled, error) {
	axes := n.Ints("axes")
	source, err := n.IntsInput(1, "shape")
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		in, err := c.Need(0)
		if err != nil {
			return err
		}
		sizes, err := source.Read(c)
		if err != nil {
			return err
		}
		return runCenterCropPad(c, in, sizes, axes)
	}), n.Err()
}

func runCenterCropPad(c *ops.Call, in *tensor.Tensor, sizes, axes []int) error {
	list, err := cropAxes(axes, in.Rank(), len(sizes))
	if err != nil {
		return err
	}
	before, after := make([]int, in.Rank()), make([]int, in.Rank())
	for i, a := range list {
		if sizes[i] < 0 {
			return fmt.Errorf("size %d of axis %d is negative", sizes[i], a)
		}
		grow := sizes[i] - in.Dim(a)
		before[a] = grow / 2 // rounded towards zero, so that what is left over is behind
		after[a] = grow - before[a]
	}
	return runPad(c, in, before, after, nil, "constant")
}
