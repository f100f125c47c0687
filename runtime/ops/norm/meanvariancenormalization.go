package norm

import (
	kernel "github.com/seed6700ada1/infer/runtime/kernel/norm"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// MeanVarianceNormalization computes Y = (X - mean)/(deviation + 1e-9) with the
// moments over the dimensions axes, by default 0, 2 and 3.
//
// ONNX operator spec, MeanVarianceNormalization-9,
// MeanVarianceNormalization-13 (bfloat16).
func meanVarianceNormalizationDefs() []ops.Def {
	return versions(ops.Def{
		Name: "MeanVarianceNormalization", MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
		InPlace: []int{0}, Infer: ops.InferLike, Compile: compileMeanVarianceNormalization,
	}, 9, 13)
}

// deviationEpsilon keeps constant groups from a division by 0.
const deviationEpsilon = 1e-9

func compileMeanVarianceNormalization(n *ops.Node) (ops.Compiled, error) {
	axes := n.Ints("axes")
	if err := n.Err(); err != nil {
		return nil, err
	}
	if axes == nil {
		axes = []int{0, 2, 3}
	}
	return ops.RunFunc(func(c *ops.Call) error {
		return same(c,
			func(x *tensor.Tensor, in, out []float32) error { return runMoments(axes, x, in, out) },
			func(x *tensor.Tensor, in, out []float64) error { return runMoments(axes, x, in, out) })
	}), nil
}

func runMoments[T floats.Float](axes []int, x *tensor.Tensor, in, out []T) error {
	list, err := dims.Axes(axes, x.Rank())
	if err != nil {
		return err
	}
	reduced := make([]bool, x.Rank())
	for _, a := range list {
		reduced[a] = true
	}
	kernel.Standardize(out, in, x.Shape(), reduced, deviationEpsilon)
	return nil
}
