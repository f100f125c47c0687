package opfuzz

import (
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func reductionSpecs() []spec {
	var list []spec
	for op, types := range map[string][]tensor.DType{
		"ReduceSum": numbers, "ReduceMean": wideFloats, "ReduceMax": numbers, "ReduceMin": numbers, "ReduceProd": wideFloats,
		"ReduceL1": onlyFloat, "ReduceL2": onlyFloat, "ReduceSumSquare": wideFloats, "ReduceLogSumExp": onlyFloat, "ReduceLogSum": onlyFloat,
	} {
		list = append(list, spec{op, func(g *gen) *node { return g.reduction(op, types) }})
	}
	sortSpecs(list)
	for _, op := range []string{"ArgMax", "ArgMin"} {
		list = append(list, spec{op, func(g *gen) *node {
			s := g.shape(1 + g.IntN(3))
			for i := range s {
				s[i] = max(1, s[i])
			}
			return &node{
				op: op, opset: g.opset(13), exact: true, in: []*tensor.Tensor{g.tensor(oneOf(g, tensor.Float32, tensor.Int32), whole, s...)},
				attrs: []*onnx.Attribute{attrInt("axis", g.axis(len(s))), g.bit("keepdims"), g.bit("select_last_index")},
			}
		}})
	}
	for _, op := range []string{"Softmax", "LogSoftmax", "Hardmax"} {
		list = append(list, spec{op, func(g *gen) *node {
			s := g.shape(1 + g.IntN(4))
			return &node{op: op, opset: g.opset(13), in: []*tensor.Tensor{g.tensor(oneOf(g, wideFloats...), normal, s...)}, attrs: g.maybe(nil, attrInt("axis", g.axis(len(s))))}
		}})
	}
	return append(list,
		spec{"CumSum", func(g *gen) *node {
			s := g.shape(1 + g.IntN(3))
			return &node{
				op: "CumSum", opset: g.opset(14), in: []*tensor.Tensor{g.tensor(oneOf(g, numbers...), normal, s...), tensor.Scalar(g.axis(len(s)))},
				attrs: []*onnx.Attribute{g.bit("exclusive"), g.bit("reverse")},
			}
		}},
		spec{"TopK", func(g *gen) *node {
			s := g.shape(1 + g.IntN(3))
			axis := g.axis(len(s))
			n := s[(int(axis)+len(s))%len(s)]
			return &node{
				op: "TopK", opset: g.opset(13), out: 2, exact: true, attrs: []*onnx.Attribute{attrInt("axis", axis), g.bit("largest")},
				in: []*tensor.Tensor{g.tensor(oneOf(g, numbers...), normal, s...), ints(int64(g.IntN(n + 1)))},
			}
		}})
}

// reduction makes a node of ReduceX, whose axes are an input since version 18, and for
// ReduceSum since 13.
func (g *gen) reduction(op string, types []tensor.DType) *node {
	k := normal
	if op == "ReduceLogSum" {
		k = positive
	}
	s := g.anyShape(4)
	n := &node{op: op, opset: oneOf(g, 13, 18), attrs: []*onnx.Attribute{g.bit("keepdims")}, in: []*tensor.Tensor{g.tensor(oneOf(g, types...), k, s...)}}
	axes := g.axes(len(s))
	switch {
	case n.opset == 18 || op == "ReduceSum":
		if g.chance(3) {
			n.attrs = append(n.attrs, g.bit("noop_with_empty_axes"))
		}
		if len(axes) > 0 || g.chance(2) {
			n.in = append(n.in, ints(axes...))
		}
	case len(axes) > 0:
		n.attrs = append(n.attrs, attrInts("axes", axes...))
	}
	return n
}
