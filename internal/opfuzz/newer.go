package opfuzz

import (
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// newerSpecs are of signals and of later normalizations.
func newerSpecs() []spec {
	list := []spec{
		{"RMSNormalization", rmsNode},
		{"GroupNormalization", groupNormNode},
		{"QLinearConv", qLinearConvNode},
		{"DFT", dftNode},
		{"STFT", stftNode},
	}
	for _, op := range []string{"HannWindow", "HammingWindow", "BlackmanWindow"} {
		list = append(list, spec{op, func(g *gen) *node {
			return &node{op: op, opset: g.opset(17), exact: true, in: []*tensor.Tensor{tensor.Scalar(int64(1 + g.IntN(20)))}, attrs: g.maybe(nil, g.bit("periodic"))}
		}})
	}
	return list
}

func rmsNode(g *gen) *node {
	s := g.filled(1 + g.IntN(3))
	axis := g.axis(len(s))
	return &node{op: "RMSNormalization", opset: 23, attrs: append(g.epsilon(), attrInt("axis", axis)), in: []*tensor.Tensor{
		g.tensor(tensor.Float32, normal, s...), g.tensor(tensor.Float32, normal, s[(int(axis)+len(s))%len(s):]...),
	}}
}

func groupNormNode(g *gen) *node {
	groups := 1 + g.IntN(3)
	c := groups * (1 + g.IntN(3))
	s := append([]int{g.size(), c}, g.filled(1+g.IntN(2))...)
	return &node{op: "GroupNormalization", opset: 21, attrs: append(g.epsilon(), attrInt("num_groups", int64(groups))), in: []*tensor.Tensor{
		g.tensor(tensor.Float32, normal, s...), g.tensor(tensor.Float32, normal, c), g.tensor(tensor.Float32, normal, c),
	}}
}

func qLinearConvNode(g *gen) *node {
	w := g.windows()
	w.auto = ""
	groups, per, out := 1+g.IntN(2), 1+g.IntN(3), 1+g.IntN(3)
	weight := oneOf(g, tensor.Int8, tensor.Uint8)
	scale := func() *tensor.Tensor { return g.tensor(tensor.Float32, positive) }
	n := &node{op: "QLinearConv", opset: g.opset(10), exact: true, constant: []int{1, 2, 3, 4, 5, 6, 7, 8}, attrs: append(g.windowAttrs(w, true), attrInt("group", int64(groups)))}
	n.in = []*tensor.Tensor{
		g.tensor(tensor.Uint8, normal, g.image(w, groups*per)...), scale(), g.tensor(tensor.Uint8, unit),
		g.tensor(weight, normal, append([]int{groups * out, per}, w.kernel...)...), scale(), fromFloats(weight, []float64{0}, nil),
		scale(), g.tensor(tensor.Uint8, unit),
	}
	if g.chance(2) {
		n.in = append(n.in, g.tensor(tensor.Int32, normal, groups*out))
	}
	return n
}

func dftNode(g *gen) *node {
	s := []int{g.size(), g.size(), 1 + g.IntN(2)}
	n := &node{op: "DFT", opset: oneOf(g, 17, 20), exact: true}
	inverse := int64(g.IntN(2))
	n.attrs = []*onnx.Attribute{attrInt("inverse", inverse)}
	if inverse == 0 && s[2] == 1 {
		n.attrs = append(n.attrs, g.bit("onesided"))
	}
	n.in = []*tensor.Tensor{g.tensor(oneOf(g, wideFloats...), normal, s...)}
	if n.opset == 20 {
		n.in = append(n.in, nil, tensor.Scalar(int64(1)))
		n.constant = []int{2}
	}
	return n
}

func stftNode(g *gen) *node {
	frame := 2 + g.IntN(6)
	n := &node{op: "STFT", opset: g.opset(17), exact: true, constant: []int{1, 3}, attrs: []*onnx.Attribute{g.bit("onesided")}}
	n.in = []*tensor.Tensor{g.tensor(tensor.Float32, normal, g.size(), frame+g.IntN(10), 1), tensor.Scalar(int64(1 + g.IntN(3))), nil, tensor.Scalar(int64(frame))}
	if g.chance(2) {
		n.in[2] = g.tensor(tensor.Float32, positive, frame)
	}
	return n
}
