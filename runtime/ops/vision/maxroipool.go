package vision

import (
	"errors"
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/roialign"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	fp "github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// maxRoiPoolDefs defines MaxRoiPool (ONNX operator spec, MaxRoiPool-22): the largest
// element in each part of a region of a feature map.
//
//	X [N, C, H, W]   rois [R, 5]: map, left, top, right, bottom
//	→  Y [R, C, pooled_shape[0], pooled_shape[1]]
//
// Version 22 added bfloat16.
func maxRoiPoolDefs() []ops.Def {
	var defs []ops.Def
	for _, since := range []int{1, 22} {
		defs = append(defs, ops.Def{
			Name: "MaxRoiPool", Since: since,
			MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
			Infer: inferMaxRoiPool, Compile: compileMaxRoiPool,
		})
	}
	return defs
}

// readMaxRoiPool reads the size of the output and the scale of regions.
func readMaxRoiPool(a *ops.Attrs) (height, width int, scale float32, err error) {
	shape := a.Ints("pooled_shape")
	scale = a.Float("spatial_scale", 1)
	if err := a.Err(); err != nil {
		return 0, 0, 0, err
	}
	const most = 1 << 16
	if len(shape) != 2 || min(shape[0], shape[1]) < 1 || max(shape[0], shape[1]) > most {
		return 0, 0, 0, fmt.Errorf("attribute %q is %v, expected two sizes from 1 to %d", "pooled_shape", shape, most)
	}
	return shape[0], shape[1], scale, nil
}

func inferMaxRoiPool(n *ops.Inference) error {
	height, width, _, err := readMaxRoiPool(n.Attrs)
	if err != nil {
		return err
	}
	regions, channels := onnx.UnknownDim(), onnx.UnknownDim()
	if x, ok := n.Input(0).Dims(); ok && len(x) == 4 {
		channels = x[1]
	}
	if rois, ok := n.Input(1).Dims(); ok && len(rois) == 2 {
		regions = rois[0]
	}
	n.Set(0, n.Input(0).DType(), regions, channels, onnx.Known(height), onnx.Known(width))
	return nil
}

func compileMaxRoiPool(n *ops.Node) (ops.Compiled, error) {
	height, width, scale, err := readMaxRoiPool(n.Attrs)
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		x, err := c.Need(0)
		if err != nil {
			return err
		}
		if x.DType() == tensor.Float64 {
			return runMaxRoiPool(c, &roialign.MaxArgs[float64]{OutHeight: height, OutWidth: width, Scale: float64(scale)})
		}
		return runMaxRoiPool(c, &roialign.MaxArgs[float32]{OutHeight: height, OutWidth: width, Scale: scale})
	}), nil
}

func runMaxRoiPool[T fp.Float](c *ops.Call, a *roialign.MaxArgs[T]) error {
	x := c.Input(0)
	rois, err := c.Need(1)
	if err != nil {
		return err
	}
	switch {
	case x.Rank() != 4 || rois.Rank() != 2 || rois.Dim(1) != 5:
		return fmt.Errorf("data is %v and regions are %v, expected [N,C,H,W] and [R,5]", x, rois)
	case x.DType() != rois.DType():
		return errors.New("data and regions have elements of different types")
	}
	a.Batch, a.Channels, a.Height, a.Width = x.Dim(0), x.Dim(1), x.Dim(2), x.Dim(3)
	if a.X, err = fp.View[T](x); err != nil {
		return err
	}
	if a.Rois, err = fp.View[T](rois); err != nil {
		return err
	}
	y, err := c.Output(0, x.DType(), rois.Dim(0), a.Channels, a.OutHeight, a.OutWidth)
	if err != nil {
		return err
	}
	a.Y = fp.Target[T](y)
	if err := roialign.MaxPool(c.Pool, a); err != nil {
		return err
	}
	return fp.Flush(y, a.Y)
}
