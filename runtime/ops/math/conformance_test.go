package math_test

import (
	"testing"

	"github.com/seed6700ada1/infer/runtime/ops/math"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
)

func TestConformance(t *testing.T) {
	opstest.Conformance(t, math.Ops,
		"Add", "Sub", "Mul", "Div", "Mod", "Pow", "Neg", "Abs", "Sqrt", "Exp", "Log", "Reciprocal",
		"Floor", "Ceil", "Round", "Sign", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan",
		"Sinh", "Cosh", "Tanh", "Asinh", "Acosh", "Atanh", "Erf", "IsNaN", "IsInf",
		"Not", "And", "Or", "Xor", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitwiseNot",
		"Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "Min", "Max", "Sum", "Mean",
		"Where", "Clip", "Cast", "CastLike", "Relu", "LeakyRelu", "PRelu", "Elu", "Selu", "Celu",
		"ThresholdedRelu", "Sigmoid", "HardSigmoid", "HardSwish", "Swish", "Softplus", "Softsign",
		"Gelu", "Mish", "Shrink")
}
