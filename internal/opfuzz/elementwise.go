package opfuzz

import (
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// unary makes a spec of an operator of one input and no attributes.
func unary(op string, since int, k kind, types ...tensor.DType) spec {
	return spec{op, func(g *gen) *node {
		if g.chance(4) && k == normal {
			k := special
			return &node{op: op, opset: g.opset(since), in: []*tensor.Tensor{g.tensor(oneOf(g, types...), k, g.anyShape(4)...)}}
		}
		return &node{op: op, opset: g.opset(since), in: []*tensor.Tensor{g.tensor(oneOf(g, types...), k, g.anyShape(4)...)}}
	}}
}

// opset is a version from since, and from 13, up to what all engines know.
func (g *gen) opset(since int) int {
	lo := max(since, 13)
	return lo + g.IntN(max(1, 22-lo))
}

// attributed is an operator of one input with attributes.
func attributed(op string, since int, k kind, types []tensor.DType, attrs func(g *gen) []*onnx.Attribute) spec {
	return spec{op, func(g *gen) *node {
		return &node{
			op: op, opset: g.opset(since), attrs: attrs(g),
			in: []*tensor.Tensor{g.tensor(oneOf(g, types...), k, g.anyShape(4)...)},
		}
	}}
}

// binary is an operator of two inputs that broadcast.
func binary(op string, since int, k kind, boolean bool, types ...tensor.DType) spec {
	return spec{op, func(g *gen) *node {
		d := oneOf(g, types...)
		a := g.anyShape(4)
		b := g.broadcast(a)
		if g.chance(2) {
			a, b = b, a
		}
		x, y := g.tensor(d, k, a...), g.tensor(d, k, b...)
		return &node{op: op, opset: g.opset(since), in: []*tensor.Tensor{x, y}, exact: boolean}
	}}
}

func elementwiseSpecs() []spec {
	list := []spec{
		unary("Abs", 13, normal, numbers...), unary("Neg", 13, normal, numbers...), unary("Sign", 13, normal, numbers...),
		unary("Sqrt", 13, positive, wideFloats...), unary("Exp", 13, normal, wideFloats...), unary("Log", 13, positive, wideFloats...),
		unary("Reciprocal", 13, positive, wideFloats...), unary("Floor", 13, normal, wideFloats...), unary("Ceil", 13, normal, wideFloats...),
		unary("Round", 11, normal, floatTypes...), unary("Relu", 14, normal, wideFloats...), unary("Sigmoid", 13, normal, wideFloats...),
		unary("Tanh", 13, normal, wideFloats...), unary("Erf", 13, normal, onlyFloat...), unary("Softsign", 1, normal, onlyFloat...),
		unary("Softplus", 1, normal, onlyFloat...), unary("Sin", 7, unit, wideFloats...), unary("Cos", 7, unit, wideFloats...),
		unary("Tan", 7, unit, onlyFloat...), unary("Asin", 7, unit, onlyFloat...), unary("Acos", 7, unit, onlyFloat...),
		unary("Atan", 7, normal, onlyFloat...), unary("Sinh", 9, unit, onlyFloat...), unary("Cosh", 9, unit, onlyFloat...),
		unary("Asinh", 9, unit, onlyFloat...), unary("Atanh", 9, unit, onlyFloat...), unary("Identity", 14, normal, movedTypes...),
		unary("HardSwish", 14, normal, onlyFloat...), unary("Mish", 18, normal, onlyFloat...),
		exactly(unary("Not", 1, normal, booleanType...)), exactly(unary("IsNaN", 13, special, floatTypes...)),
		exactly(unary("Shape", 13, normal, movedTypes...)), exactly(unary("Size", 13, normal, movedTypes...)),
		exactly(unary("NonZero", 13, whole, tensor.Float32, tensor.Int32, tensor.Int64, tensor.Bool)),
		binary("Add", 14, normal, false, numbers...), binary("Sub", 14, normal, false, numbers...), binary("Mul", 14, normal, false, numbers...),
		binary("Div", 14, positive, false, wideFloats...), binary("Pow", 15, positive, false, wideFloats...),
		binary("Max", 13, normal, false, numbers...), binary("Min", 13, normal, false, numbers...),
		binary("Sum", 13, normal, false, wideFloats...), binary("Mean", 13, normal, false, onlyFloat...),
		binary("And", 7, normal, true, booleanType...), binary("Or", 7, normal, true, booleanType...), binary("Xor", 7, normal, true, booleanType...),
		binary("Equal", 13, whole, true, numbers...), binary("Less", 13, whole, true, numbers...), binary("Greater", 13, whole, true, numbers...),
		binary("LessOrEqual", 16, whole, true, numbers...), binary("GreaterOrEqual", 16, whole, true, numbers...),
		binary("BitwiseAnd", 18, whole, true, integers...), binary("BitwiseOr", 18, whole, true, integers...), binary("BitwiseXor", 18, whole, true, integers...),
	}
	return append(list, attributedSpecs()...)
}

// exactly puts nothing behind the nodes of a spec.
func exactly(s spec) spec {
	return spec{s.op, func(g *gen) *node {
		n := s.make(g)
		n.exact = true
		return n
	}}
}

func attributedSpecs() []spec {
	alpha := func(name string) func(g *gen) []*onnx.Attribute {
		return func(g *gen) []*onnx.Attribute { return g.maybe(nil, attrFloat(name, 0.1+g.Float64())) }
	}
	return []spec{
		attributed("LeakyRelu", 16, normal, onlyFloat, alpha("alpha")), attributed("Elu", 6, normal, onlyFloat, alpha("alpha")),
		attributed("Celu", 12, normal, onlyFloat, alpha("alpha")), attributed("ThresholdedRelu", 10, normal, onlyFloat, alpha("alpha")),
		attributed("Selu", 6, normal, onlyFloat, alpha("gamma")), attributed("HardSigmoid", 6, normal, onlyFloat, alpha("beta")),
		attributed("Shrink", 9, normal, onlyFloat, alpha("lambd")),
		attributed("Gelu", 20, normal, onlyFloat, func(g *gen) []*onnx.Attribute {
			return []*onnx.Attribute{attrStr("approximate", oneOf(g, "none", "tanh"))}
		}),
		exactly(attributed("IsInf", 10, special, wideFloats, func(g *gen) []*onnx.Attribute {
			return []*onnx.Attribute{g.bit("detect_positive"), g.bit("detect_negative")}
		})),
		{"Mod", modNode},
		{"PRelu", pReluNode},
		{"BitShift", bitShiftNode},
		{"Clip", clipNode},
		{"Where", whereNode},
		{"Cast", castNode},
		{"CastLike", castLikeNode},
	}
}

// nonZero is a tensor of which zeros are replaced by ones.
func nonZero(t *tensor.Tensor) *tensor.Tensor {
	values, err := tensor.Float64s(t)
	if err != nil {
		return t
	}
	for i, v := range values {
		if v == 0 {
			values[i] = 1
		}
	}
	return fromFloats(t.DType(), values, t.Shape())
}

func modNode(g *gen) *node {
	d := oneOf(g, numbers...)
	s := g.anyShape(3)
	b := g.tensor(d, positive, g.broadcast(s)...)
	fmod := int64(g.IntN(2))
	if d == tensor.Float32 || d == tensor.Float64 {
		fmod = 1
	}
	return &node{op: "Mod", opset: 13, attrs: []*onnx.Attribute{attrInt("fmod", fmod)}, in: []*tensor.Tensor{g.tensor(d, normal, s...), nonZero(b)}}
}

func pReluNode(g *gen) *node {
	s := g.anyShape(4) // to which the slope broadcasts, but not the other way
	return &node{op: "PRelu", opset: g.opset(16), in: []*tensor.Tensor{g.tensor(tensor.Float32, normal, s...), g.tensor(tensor.Float32, normal, g.broadcast(s)...)}}
}

func bitShiftNode(g *gen) *node {
	d := oneOf(g, unsigned...)
	s := g.anyShape(3)
	return &node{
		op: "BitShift", opset: 13, exact: true, attrs: []*onnx.Attribute{attrStr("direction", oneOf(g, "LEFT", "RIGHT"))},
		in: []*tensor.Tensor{g.tensor(d, normal, s...), g.tensor(d, unit, g.broadcast(s)...)},
	}
}

func clipNode(g *gen) *node {
	d := oneOf(g, tensor.Float32, tensor.Float64, tensor.Int8, tensor.Uint8, tensor.Int32, tensor.Int64)
	n := &node{op: "Clip", opset: 13, in: []*tensor.Tensor{g.tensor(d, normal, g.anyShape(4)...), nil, nil}}
	if !g.chance(3) {
		n.in[1] = g.tensor(d, unit)
	}
	if !g.chance(3) {
		n.in[2] = g.tensor(d, positive)
	}
	return n
}

func whereNode(g *gen) *node {
	d, s := oneOf(g, numbers...), g.anyShape(4)
	return &node{op: "Where", opset: g.opset(16), in: []*tensor.Tensor{
		g.tensor(tensor.Bool, normal, g.broadcast(s)...), g.tensor(d, normal, s...), g.tensor(d, normal, g.broadcast(s)...),
	}}
}

func castNode(g *gen) *node {
	from, to := oneOf(g, movedTypes...), oneOf(g, movedTypes...)
	return &node{
		op: "Cast", opset: g.opset(13), exact: true, attrs: []*onnx.Attribute{attrInt("to", int64(to))},
		in: []*tensor.Tensor{g.tensor(from, positive, g.anyShape(3)...)},
	}
}

func castLikeNode(g *gen) *node {
	from, to := oneOf(g, movedTypes...), oneOf(g, movedTypes...)
	return &node{op: "CastLike", opset: g.opset(15), exact: true, in: []*tensor.Tensor{g.tensor(from, positive, g.anyShape(3)...), g.tensor(to, positive, 1)}}
}
