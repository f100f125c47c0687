package linear

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/det"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
)

// Det computes the determinant of each of the square matrices in the last two
// dimensions: [*,M,M] to [*].
//
// ONNX operator spec, Det-11, Det-22 (bfloat16).
func detDefs() []ops.Def {
	return versions(ops.Def{
		Name: "Det", MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferDet,
		Compile: func(n *ops.Node) (ops.Compiled, error) {
			return ops.RunFunc(runDet), n.Err()
		},
	}, 11, 22)
}

func inferDet(n *ops.Inference) error {
	x := n.Input(0)
	shape, ok := x.Dims()
	if !ok {
		n.SetDType(0, x.DType())
		return nil
	}
	lead, err := squareLead(shape)
	if err != nil {
		return err
	}
	n.Set(0, x.DType(), lead...)
	return nil
}

// squareLead is what stands before the square matrices of a shape.
func squareLead(shape []onnx.Dim) ([]onnx.Dim, error) {
	r := len(shape)
	if r < 2 {
		return nil, fmt.Errorf("input X has rank %d, expected at least 2", r)
	}
	if dims.Differ(shape[r-1], shape[r-2]) {
		return nil, fmt.Errorf("matrices are %v by %v, expected square ones", shape[r-2], shape[r-1])
	}
	return shape[:r-2], nil
}

func runDet(c *ops.Call) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	if _, err := squareLead(dims.Of(x.Shape())); err != nil {
		return err
	}
	y, err := c.Output(0, x.DType(), x.Shape()[:x.Rank()-2]...)
	if err != nil {
		return err
	}
	in, err := floats.View[float64](x)
	if err != nil {
		return err
	}
	out := floats.Target[float64](y)
	n := x.Dim(-1)
	work := make([]float64, n*n)
	for i := range out {
		out[i] = det.LU(in[i*n*n:], n, work)
	}
	return floats.Flush(y, out)
}
