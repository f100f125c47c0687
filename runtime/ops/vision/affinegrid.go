package vision

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/gridsample"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// affineGridDefs defines AffineGrid (ONNX operator spec, AffineGrid-20): the grid,
// for GridSample, that reads an image through an affine transformation.
//
//	theta [N, n, n+1], size [N, C, D1…Dn] (its values)  →  grid [N, D1…Dn, n], n = 2 or 3
func affineGridDefs() []ops.Def {
	return []ops.Def{{
		Name: "AffineGrid", Since: 20,
		MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferAffineGrid, Compile: compileAffineGrid,
	}}
}

func inferAffineGrid(n *ops.Inference) error {
	d := n.Input(0).DType()
	n.SetDType(0, d)
	size := n.Input(1).Value
	if list, ok := n.Ints(1); ok {
		size = dims.Of(list)
	}
	if shape, ok := n.Input(1).Dims(); ok && size == nil && len(shape) == 1 && shape[0].IsKnown() && shape[0].Value <= tensor.MaxRank {
		size = dims.Unknown(int(shape[0].Value))
	}
	if len(size) < 3 {
		return nil
	}
	out := append([]onnx.Dim{size[0]}, size[2:]...)
	n.Set(0, d, append(out, onnx.Known(len(size)-2))...)
	return nil
}

func compileAffineGrid(n *ops.Node) (ops.Compiled, error) {
	alignCorners := n.Bool("align_corners", false)
	if err := n.Err(); err != nil {
		return nil, err
	}
	return widen.Func(func(c *ops.Call) error {
		theta, err := c.Need(0)
		if err != nil {
			return err
		}
		switch theta.DType() {
		case tensor.Float32:
			return runAffineGrid[float32](c, theta, alignCorners)
		case tensor.Float64:
			return runAffineGrid[float64](c, theta, alignCorners)
		}
		return fmt.Errorf("theta is %v, expected a float type", theta.DType())
	}), nil
}

func runAffineGrid[T float32 | float64](c *ops.Call, theta *tensor.Tensor, alignCorners bool) error {
	t, err := c.Need(1)
	if err != nil {
		return err
	}
	size, err := ops.IntsOf(t)
	if err != nil {
		return fmt.Errorf("size: %w", err)
	}
	n := len(size) - 2
	if n != 2 && n != 3 {
		return fmt.Errorf("size has %d values, expected 4 or 5: [N, C, D1…Dn]", len(size))
	}
	if theta.Rank() != 3 || theta.Dim(0) != size[0] || theta.Dim(1) != n || theta.Dim(2) != n+1 {
		return fmt.Errorf("theta is %v, expected [%d,%d,%d]", theta, size[0], n, n+1)
	}
	shape := append([]int{size[0]}, size[2:]...)
	y, err := c.Output(0, theta.DType(), append(shape, n)...)
	if err != nil {
		return err
	}
	matrix, err := tensor.Data[T](theta)
	if err != nil {
		return err
	}
	grid, err := tensor.Data[T](y)
	if err != nil || len(grid) == 0 {
		return err
	}
	gridsample.Affine(size[0], size[2:], alignCorners, matrix, grid)
	return nil
}
