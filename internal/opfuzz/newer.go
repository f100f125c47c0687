package opfuzz

import (
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// newerSpecs are of attention, signals, and what exporters write for language models.
func newerSpecs() []spec {
	list := []spec{
		{"Attention", attentionNode},
		{"RotaryEmbedding", rotaryNode},
		{"RMSNormalization", rmsNode},
		{"GroupNormalization", groupNormNode},
		{"SkipLayerNormalization", skipNode},
		{"SkipSimplifiedLayerNormalization", skipNode},
		{"MatMulNBits", matMulNBitsNode},
		{"QLinearConv", qLinearConvNode},
		{"DFT", dftNode},
		{"STFT", stftNode},
	}
	for i := range list {
		if name := list[i].op; name == "SkipSimplifiedLayerNormalization" {
			list[i].make = func(g *gen) *node {
				n := skipNode(g)
				n.op, n.in = name, n.in[:3]
				return n
			}
		}
	}
	for _, op := range []string{"HannWindow", "HammingWindow", "BlackmanWindow"} {
		list = append(list, spec{op, func(g *gen) *node {
			return &node{op: op, opset: g.opset(17), exact: true, in: []*tensor.Tensor{tensor.Scalar(int64(1 + g.IntN(20)))}, attrs: g.maybe(nil, g.bit("periodic"))}
		}})
	}
	return list
}

func attentionNode(g *gen) *node {
	batch, kv, size := g.size(), 1+g.IntN(3), 1+g.IntN(8)
	heads, queries, keys := kv*(1+g.IntN(2)), g.size(), g.size()
	f := tensor.Float32
	n := &node{op: "Attention", opset: 23, exact: true, in: []*tensor.Tensor{
		g.tensor(f, normal, batch, heads, queries, size), g.tensor(f, normal, batch, kv, keys, size), g.tensor(f, normal, batch, kv, keys, 1+g.IntN(8)),
	}}
	n.attrs = g.maybe(g.maybe(nil, g.bit("is_causal")), attrFloat("scale", g.Float64()))
	switch g.IntN(3) {
	case 0:
		n.in = append(n.in, g.tensor(f, normal, queries, keys))
	case 1:
		n.attrs = append(n.attrs, attrFloat("softcap", 1+g.Float64()))
	}
	return n
}

func rotaryNode(g *gen) *node {
	batch, heads, rows, half := g.size(), g.size(), g.size(), 1+g.IntN(4)
	f := tensor.Float32
	return &node{op: "RotaryEmbedding", opset: 23, exact: true, attrs: []*onnx.Attribute{g.bit("interleaved")}, in: []*tensor.Tensor{
		g.tensor(f, normal, batch, heads, rows, 2*half), g.tensor(f, unit, batch, rows, half), g.tensor(f, unit, batch, rows, half),
	}}
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

func skipNode(g *gen) *node {
	s := g.filled(3)
	f := tensor.Float32
	n := &node{op: "SkipLayerNormalization", domain: "com.microsoft", opset: 1, attrs: g.epsilon(), in: []*tensor.Tensor{
		g.tensor(f, normal, s...), g.tensor(f, normal, s...), g.tensor(f, normal, s[2]),
	}}
	if g.chance(2) {
		n.in = append(n.in, g.tensor(f, normal, s[2]))
	}
	return n
}

func matMulNBitsNode(g *gen) *node {
	block := oneOf(g, 16, 32)
	blocks, rows, columns := 1+g.IntN(3), g.size(), g.size()
	k := blocks * block
	if g.chance(3) {
		k -= g.IntN(block / 2)
	}
	n := &node{op: "MatMulNBits", domain: "com.microsoft", opset: 1, constant: []int{1, 2, 3}, attrs: []*onnx.Attribute{
		attrInt("K", int64(k)), attrInt("N", int64(columns)), attrInt("bits", 4), attrInt("block_size", int64(block)),
	}}
	weights := g.bytes(columns, blocks, block/2)
	n.in = []*tensor.Tensor{g.tensor(tensor.Float32, normal, rows, k), weights, g.tensor(tensor.Float32, unit, columns*blocks)}
	if g.chance(2) {
		n.in = append(n.in, g.bytes(columns*((blocks+1)/2)))
	}
	return n
}

// bytes is a tensor of uint8 in all of their range.
func (g *gen) bytes(shape ...int) *tensor.Tensor {
	values := make([]float64, count(shape))
	for i := range values {
		values[i] = float64(g.IntN(256))
	}
	return fromFloats(tensor.Uint8, values, shape)
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
