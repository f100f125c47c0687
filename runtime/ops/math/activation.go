package math

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/ops"
)

// Attributes of Selu that make activations keep mean 0 and variance 1.
const (
	seluAlpha = 1.67326319217681884765625
	seluGamma = 1.05070102214813232421875
)

// activationDefs defines the activations of one input (ONNX operator spec,
// Relu-14, Gelu-20 and so on); their formulas stand at their kernels.
func activationDefs() []ops.Def {
	return slices.Concat(
		at(cheap(
			one(elementwise.Relu[float32]), one(elementwise.Relu[float64]),
			one(elementwise.Relu[int64]), one(elementwise.Relu[int32]), one(elementwise.Relu[int16]), one(elementwise.Relu[int8]),
		).def("Relu"), 1, 6, 13, 14),
		at(cheap(one(elementwise.HardSwish[float32]), one(elementwise.HardSwish[float64])).def("HardSwish"), 14, 22),
		at(cheap(one(elementwise.Softsign[float32]), one(elementwise.Softsign[float64])).def("Softsign"), 1, 22),
		at(costly(elementwise.Softplus[float32](), elementwise.Softplus[float64]()).def("Softplus"), 1, 22),
		at(costly(elementwise.Mish[float32](), elementwise.Mish[float64]()).def("Mish"), 18, 22),
		at(configured("LeakyRelu", leakyRelu), 1, 6, 16),
		at(configured("ThresholdedRelu", thresholdedRelu), 10, 22),
		at(configured("Elu", elu), 1, 6, 22),
		at(configured("Selu", selu), 1, 6, 22),
		at(configured("Celu", celu), 12),
		at(configured("HardSigmoid", hardSigmoid), 1, 6, 22),
		at(configured("Swish", swish), 24),
		at(configured("Gelu", gelu), 20),
		at(configured("Shrink", shrink), 9),
	)
}

// configured is a definition of an operator that attributes shape.
func configured(name string, build func(*ops.Attrs) unary) ops.Def {
	def := unary{}.def(name)
	def.Infer = func(n *ops.Inference) error { return build(n.Attrs).infer(n) }
	def.Compile = func(n *ops.Node) (ops.Compiled, error) { return build(n.Attrs), n.Err() }
	return def
}

func leakyRelu(a *ops.Attrs) unary {
	alpha := a.Float("alpha", 0.01)
	return cheap(one(elementwise.LeakyRelu(alpha)), one(elementwise.LeakyRelu(float64(alpha))))
}

func thresholdedRelu(a *ops.Attrs) unary {
	alpha := a.Float("alpha", 1)
	return cheap(one(elementwise.ThresholdedRelu(alpha)), one(elementwise.ThresholdedRelu(float64(alpha))))
}

func elu(a *ops.Attrs) unary {
	alpha := float64(a.Float("alpha", 1))
	return costly(elementwise.Elu[float32](alpha), elementwise.Elu[float64](alpha))
}

func selu(a *ops.Attrs) unary {
	alpha, gamma := float64(a.Float("alpha", seluAlpha)), float64(a.Float("gamma", seluGamma))
	return costly(elementwise.Selu[float32](alpha, gamma), elementwise.Selu[float64](alpha, gamma))
}

func celu(a *ops.Attrs) unary {
	alpha := float64(a.Float("alpha", 1))
	return costly(elementwise.Celu[float32](alpha), elementwise.Celu[float64](alpha))
}

func hardSigmoid(a *ops.Attrs) unary {
	alpha, beta := a.Float("alpha", 0.2), a.Float("beta", 0.5)
	return cheap(one(elementwise.HardSigmoid(alpha, beta)), one(elementwise.HardSigmoid(float64(alpha), float64(beta))))
}

func swish(a *ops.Attrs) unary {
	alpha := float64(a.Float("alpha", 1))
	return costly(elementwise.Swish[float32](alpha), elementwise.Swish[float64](alpha))
}

func gelu(a *ops.Attrs) unary {
	if a.OneOf("approximate", "none", "tanh") == "tanh" {
		return costly(elementwise.GeluTanh[float32](), elementwise.GeluTanh[float64]())
	}
	return costly(elementwise.Gelu[float32](), elementwise.Gelu[float64]())
}

func shrink(a *ops.Attrs) unary {
	lambd, bias := float64(a.Float("lambd", 0.5)), float64(a.Float("bias", 0))
	return cheap(
		one(elementwise.Shrink[float32](lambd, bias)), one(elementwise.Shrink[float64](lambd, bias)),
		one(elementwise.Shrink[int64](lambd, bias)), one(elementwise.Shrink[int32](lambd, bias)), one(elementwise.Shrink[int16](lambd, bias)), one(elementwise.Shrink[int8](lambd, bias)),
		one(elementwise.Shrink[uint64](lambd, bias)), one(elementwise.Shrink[uint32](lambd, bias)), one(elementwise.Shrink[uint16](lambd, bias)), one(elementwise.Shrink[uint8](lambd, bias)),
	)
}
