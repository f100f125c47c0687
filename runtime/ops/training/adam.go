package training

import (
	"github.com/seed6700ada1/infer/runtime/kernel/optimizer"
	"github.com/seed6700ada1/infer/runtime/ops"
)

// adamDefs defines Adam (ai.onnx.preview.training spec, Adam-1), with two states
// of each value, its first and its second moment; the formula stands at
// [optimizer.Adam].
func adamDefs() []ops.Def {
	return []ops.Def{def("Adam", 2, func(n *ops.Node) (update[float32], update[float64]) {
		return adam[float32](n), adam[float64](n)
	})}
}

func adam[T optimizer.Float](n *ops.Node) update[T] {
	a := optimizer.Adam[T]{
		Alpha: T(n.Float("alpha", 0.9)), Beta: T(n.Float("beta", 0.999)), Epsilon: T(n.Float("epsilon", 1e-6)),
		Norm: T(n.Float("norm_coefficient", 0)), NormPost: T(n.Float("norm_coefficient_post", 0)),
	}
	return func(rate float64, step int64, in, out [][]T) {
		a := a
		a.Rate, a.Step = T(rate), step
		a.Run(in[0], in[1], in[2], in[3], out[0], out[1], out[2])
	}
}
