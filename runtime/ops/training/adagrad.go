package training

import (
	"github.com/seed6700ada1/infer/runtime/kernel/optimizer"
	"github.com/seed6700ada1/infer/runtime/ops"
)

// adagradDefs defines Adagrad (ai.onnx.preview.training spec, Adagrad-1), with one
// state of each value, its sum of squared gradients; the formula stands at
// [optimizer.Adagrad].
func adagradDefs() []ops.Def {
	return []ops.Def{def("Adagrad", 1, func(n *ops.Node) (update[float32], update[float64]) {
		return adagrad[float32](n), adagrad[float64](n)
	})}
}

func adagrad[T optimizer.Float](n *ops.Node) update[T] {
	a := optimizer.Adagrad[T]{
		Decay: T(n.Float("decay_factor", 0)), Epsilon: T(n.Float("epsilon", 1e-6)), Norm: T(n.Float("norm_coefficient", 0)),
	}
	return func(rate float64, step int64, in, out [][]T) {
		a := a
		a.Rate, a.Step = T(rate), step
		a.Run(in[0], in[1], in[2], out[0], out[1])
	}
}
