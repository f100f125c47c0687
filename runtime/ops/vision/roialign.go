package vision

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/roialign"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// roiAlignDefs defines RoiAlign (ONNX operator spec, RoiAlign-22): regions of
// feature maps, averaged (or their largest weighted element taken) to a fixed
// size.
//
//	X [N, C, H, W]   rois [R, 4]: left, top, right, bottom   batch_indices [R]
//	→  Y [R, C, output_height, output_width]
//
// Version 16 brought coordinate_transformation_mode, by default half_pixel;
// version 10 is output_half_pixel. 22 added bfloat16.
func roiAlignDefs() []ops.Def {
	var defs []ops.Def
	for _, since := range []int{10, 16, 22} {
		defs = append(defs, ops.Def{
			Name: "RoiAlign", Since: since,
			MinInputs: 3, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
			Infer: inferRoiAlign, Compile: compileRoiAlign,
		})
	}
	return defs
}

// roiAlign is a RoiAlign's attributes.
type roiAlign struct {
	height, width, sampling int
	scale                   float32
	halfPixel, max          bool
}

func readRoiAlign(a *ops.Attrs, opset int) *roiAlign {
	k := &roiAlign{
		height: int(a.Int("output_height", 1)), width: int(a.Int("output_width", 1)),
		sampling: int(a.Int("sampling_ratio", 0)), scale: a.Float("spatial_scale", 1),
		max: a.OneOf("mode", "avg", "max") == "max",
	}
	if opset >= 16 {
		k.halfPixel = a.OneOf("coordinate_transformation_mode", "half_pixel", "output_half_pixel") == "half_pixel"
	}
	const most = 1 << 16
	if k.height < 1 || k.width < 1 || k.height > most || k.width > most {
		a.Fail(fmt.Errorf("the output is %d by %d, expected 1 to %d each", k.height, k.width, most))
	}
	if k.sampling < 0 || k.sampling > most {
		a.Fail(fmt.Errorf("attribute %q is %d, expected 0 to %d", "sampling_ratio", k.sampling, most))
	}
	return k
}

func inferRoiAlign(n *ops.Inference) error {
	k := readRoiAlign(n.Attrs, n.Opset)
	if err := n.Err(); err != nil {
		return err
	}
	regions, channels := onnx.UnknownDim(), onnx.UnknownDim()
	if x, ok := n.Input(0).Dims(); ok && len(x) == 4 {
		channels = x[1]
	}
	if rois, ok := n.Input(1).Dims(); ok && len(rois) == 2 {
		regions = rois[0]
	}
	n.Set(0, n.Input(0).DType(), regions, channels, onnx.Known(k.height), onnx.Known(k.width))
	return nil
}

func compileRoiAlign(n *ops.Node) (ops.Compiled, error) {
	k := readRoiAlign(n.Attrs, n.Opset)
	if err := n.Err(); err != nil {
		return nil, err
	}
	return widen.Func(func(c *ops.Call) error {
		x, err := c.Need(0)
		if err != nil {
			return err
		}
		switch x.DType() {
		case tensor.Float32:
			return runRoiAlign[float32](c, k, x)
		case tensor.Float64:
			return runRoiAlign[float64](c, k, x)
		}
		return fmt.Errorf("data is %v, expected a float type", x.DType())
	}), nil
}

func runRoiAlign[T roialign.Float](c *ops.Call, k *roiAlign, x *tensor.Tensor) error {
	rois, err := c.Need(1)
	if err != nil {
		return err
	}
	batch, err := c.Need(2)
	if err != nil {
		return err
	}
	if x.Rank() != 4 || rois.Rank() != 2 || rois.Dim(1) != 4 || batch.Len() != rois.Dim(0) {
		return fmt.Errorf("data is %v, regions are %v and their maps %v, expected [N,C,H,W], [R,4] and [R]", x, rois, batch)
	}
	a := &roialign.Args[T]{
		Channels: x.Dim(1), Height: x.Dim(2), Width: x.Dim(3), OutHeight: k.height, OutWidth: k.width,
		Scale: T(k.scale), HalfPixel: k.halfPixel, Sampling: k.sampling, Max: k.max,
	}
	if a.X, err = tensor.Data[T](x); err != nil {
		return err
	}
	if a.Rois, err = tensor.Data[T](rois); err != nil {
		return fmt.Errorf("rois: %w", err)
	}
	if a.Batch, err = tensor.Data[int64](batch); err != nil {
		return fmt.Errorf("batch_indices: %w", err)
	}
	y, err := c.Output(0, x.DType(), rois.Dim(0), x.Dim(1), k.height, k.width)
	if err != nil {
		return err
	}
	if a.Y, err = tensor.Data[T](y); err != nil {
		return err
	}
	return roialign.Run(c.Pool, a)
}
