package norm

import (
	"fmt"

	kernel "github.com/seed6700ada1/infer/runtime/kernel/norm"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// LpNormalization divides by the norm along an axis, of order p = 1 or 2. Where
// the norm is 0, the result is NaN, as the standard's own tests have it.
//
// ONNX operator spec, LpNormalization-1, LpNormalization-22 (bfloat16).
func lpNormalizationDefs() []ops.Def {
	return versions(ops.Def{
		Name: "LpNormalization", MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
		InPlace: []int{0}, Infer: ops.InferLike, Compile: compileLpNormalization,
	}, 1, 22)
}

func compileLpNormalization(n *ops.Node) (ops.Compiled, error) {
	axis, order := n.Int("axis", -1), int(n.Int("p", 2))
	if err := n.Err(); err != nil {
		return nil, err
	}
	if order != 1 && order != 2 {
		return nil, fmt.Errorf("attribute %q is %d, expected 1 or 2", "p", order)
	}
	return ops.RunFunc(func(c *ops.Call) error {
		return same(c,
			func(x *tensor.Tensor, in, out []float32) error { return runLp(c, axis, order, x, in, out) },
			func(x *tensor.Tensor, in, out []float64) error { return runLp(c, axis, order, x, in, out) })
	}), nil
}

func runLp[T floats.Float](c *ops.Call, axis int64, order int, x *tensor.Tensor, in, out []T) error {
	at, err := dims.Axis(axis, x.Rank())
	if err != nil {
		return err
	}
	after := 1
	for _, d := range x.Shape()[at+1:] {
		after *= d
	}
	kernel.Lp(c.Pool, out, in, x.Dim(at), after, order)
	return nil
}
