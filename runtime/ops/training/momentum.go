package training

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/optimizer"
	"github.com/seed6700ada1/infer/runtime/ops"
)

// momentumDefs defines Momentum (ai.onnx.preview.training spec, Momentum-1), with
// one state of each value, its momentum; the formula stands at
// [optimizer.Momentum]. All attributes are required.
func momentumDefs() []ops.Def {
	return []ops.Def{def("Momentum", 1, func(n *ops.Node) (update[float32], update[float64]) {
		for _, name := range []string{"alpha", "beta", "mode", "norm_coefficient"} {
			if !n.Attrs.Has(name) {
				n.Fail(fmt.Errorf("attribute %q is missing", name))
			}
		}
		return momentum[float32](n), momentum[float64](n)
	})}
}

func momentum[T optimizer.Float](n *ops.Node) update[T] {
	m := optimizer.Momentum[T]{
		Alpha: T(n.Float("alpha", 0)), Beta: T(n.Float("beta", 0)), Norm: T(n.Float("norm_coefficient", 0)),
		Nesterov: n.OneOf("mode", "standard", "nesterov") == "nesterov",
	}
	return func(rate float64, step int64, in, out [][]T) {
		m := m
		m.Rate, m.Step = T(rate), step
		m.Run(in[0], in[1], in[2], out[0], out[1])
	}
}
