package vision

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/gridsample"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// gridSampleDefs defines GridSample (ONNX operator spec, GridSample-22): X read
// at the places that a grid gives, with coordinates from −1 to 1, innermost axis
// first.
//
//	X [N, C, D1…Dn]   grid [N, o1…on, n]   →  Y [N, C, o1…on]
//
// Version 16 has n = 2 and calls its modes bilinear and bicubic; 20 calls them
// linear and cubic and brought other n; 22 added bfloat16.
func gridSampleDefs() []ops.Def {
	var defs []ops.Def
	for _, since := range []int{16, 20, 22} {
		defs = append(defs, ops.Def{
			Name: "GridSample", Since: since,
			MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
			Infer: inferGridSample, Compile: compileGridSample,
		})
	}
	return defs
}

func inferGridSample(n *ops.Inference) error {
	n.SetDType(0, n.Input(0).DType())
	x, okX := n.Input(0).Dims()
	grid, okGrid := n.Input(1).Dims()
	if !okX || !okGrid {
		return nil
	}
	if len(x) < 3 || len(grid) != len(x) {
		return fmt.Errorf("data has rank %d and grid %d, expected the same, at least 3", len(x), len(grid))
	}
	n.Set(0, n.Input(0).DType(), slices.Concat(x[:2], grid[1:len(grid)-1])...)
	return nil
}

func compileGridSample(n *ops.Node) (ops.Compiled, error) {
	s := gridsample.Sampler{AlignCorners: n.Bool("align_corners", false)}
	names := []string{"linear", "nearest", "cubic"}
	if n.Def.Since < 20 {
		names = []string{"bilinear", "nearest", "bicubic"}
	}
	s.Mode = gridsample.Mode(slices.Index(names, n.OneOf("mode", names...)))
	paddings := []string{"zeros", "border", "reflection"}
	s.Padding = gridsample.Padding(slices.Index(paddings, n.OneOf("padding_mode", paddings...)))
	if err := n.Err(); err != nil {
		return nil, err
	}
	return widen.Func(func(c *ops.Call) error { return runGridSample(c, s) }), nil
}

func runGridSample(c *ops.Call, s gridsample.Sampler) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	switch x.DType() {
	case tensor.Float32:
		return sampleAs[float32](c, s)
	case tensor.Float64:
		return sampleAs[float64](c, s)
	case tensor.Int8:
		return sampleAs[int8](c, s)
	case tensor.Int16:
		return sampleAs[int16](c, s)
	case tensor.Int32:
		return sampleAs[int32](c, s)
	case tensor.Int64:
		return sampleAs[int64](c, s)
	case tensor.Uint8:
		return sampleAs[uint8](c, s)
	case tensor.Uint16:
		return sampleAs[uint16](c, s)
	case tensor.Uint32:
		return sampleAs[uint32](c, s)
	case tensor.Uint64:
		return sampleAs[uint64](c, s)
	}
	return fmt.Errorf("data is %v, expected a numeric type", x.DType())
}

// number lists the element types that can be sampled.
type number interface {
	gridsample.Number
	tensor.Element
}

func sampleAs[T number](c *ops.Call, s gridsample.Sampler) error {
	grid, err := c.Need(1)
	if err != nil {
		return err
	}
	switch grid.DType() {
	case tensor.Float32:
		return sample[T, float32](c, s, grid)
	case tensor.Float64:
		return sample[T, float64](c, s, grid)
	}
	return fmt.Errorf("grid is %v, expected a float type", grid.DType())
}

func sample[T number, G float32 | float64](c *ops.Call, s gridsample.Sampler, grid *tensor.Tensor) error {
	x := c.Input(0)
	rank := x.Rank() - 2
	if rank < 1 || grid.Rank() != rank+2 || grid.Dim(0) != x.Dim(0) || grid.Dim(-1) != rank {
		return fmt.Errorf("data is %v and grid is %v, expected [N, C, D1…Dn] and [N, o1…on, n]", x, grid)
	}
	s.Sizes = x.Shape()[2:]
	shape := slices.Concat(x.Shape()[:2], grid.Shape()[1:rank+1])
	y, err := c.Output(0, x.DType(), shape...)
	if err != nil || y.Len() == 0 {
		return err
	}
	if slices.Contains(s.Sizes, 0) {
		return fmt.Errorf("data is %v, of which no place can be read", x)
	}
	src, err := tensor.Data[T](x)
	if err != nil {
		return err
	}
	places, err := tensor.Data[G](grid)
	if err != nil {
		return err
	}
	dst, err := tensor.Data[T](y)
	if err != nil {
		return err
	}
	gridsample.Run(c.Pool, &s, x.Dim(0), x.Dim(1), dims.Count(shape[2:]), src, places, dst)
	return nil
}
