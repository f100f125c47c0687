package opfuzz

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// contribSpecs are of the other operators of com.microsoft, and of strays of its in the
// default domain.
func contribSpecs() []spec {
	return []spec{
		{"SimplifiedLayerNormalization", simplifiedNode},
		{"com.microsoft.SkipLayerNormalization", func(g *gen) *node { return skipNode(g, "SkipLayerNormalization", true) }},
		{"com.microsoft.SkipSimplifiedLayerNormalization", func(g *gen) *node { return skipNode(g, "SkipSimplifiedLayerNormalization", false) }},
		{"com.microsoft.EmbedLayerNormalization", embedNode},
		{"com.microsoft.Gelu", func(g *gen) *node { return g.contrib("Gelu", false) }},
		{"com.microsoft.FastGelu", func(g *gen) *node { return g.contrib("FastGelu", g.chance(2)) }},
		{"com.microsoft.BiasGelu", func(g *gen) *node { return g.contrib("BiasGelu", true) }},
		{"com.microsoft.QuickGelu", quickGeluNode},
		{"com.microsoft.FusedMatMul", func(g *gen) *node { return fusedMatMulNode(g, "FusedMatMul") }},
		{"com.microsoft.TransposeMatMul", func(g *gen) *node { return fusedMatMulNode(g, "TransposeMatMul") }},
		{"com.microsoft.FusedConv", fusedConvNode},
		{"com.microsoft.NhwcConv", nhwcConvNode},
		{"com.microsoft.MatMulNBits", matMulNBitsNode},
		{"com.microsoft.GatherBlockQuantized", gatherBlockNode},
		{"com.microsoft.DynamicQuantizeMatMul", dynamicMatMulNode},
		{"com.microsoft.MatMulIntegerToFloat", integerToFloatNode},
		{"com.microsoft.QGemm", qGemmNode},
		{"com.microsoft.QuantizeLinear", func(g *gen) *node { return microsofts(g, quantizeLinearNode(g)) }},
		{"com.microsoft.DequantizeLinear", func(g *gen) *node { return microsofts(g, dequantizeLinearNode(g)) }},
	}
}

// microsofts makes QuantizeLinear and its inverse those of com.microsoft, which are older
// than the 16-bit types of the standard's.
func microsofts(g *gen, n *node) *node {
	n.domain, n.opset = microsoft, 1
	n.attrs = slices.DeleteFunc(n.attrs, func(a *onnx.Attribute) bool { return a.Name != "axis" })
	if n.op == "QuantizeLinear" && g.chance(2) || n.op == "DequantizeLinear" && g.chance(2) {
		d := oneOf(g, tensor.Int16, tensor.Uint16)
		for i, t := range n.in {
			if t.DType() != tensor.Float32 {
				n.in[i] = g.tensor(d, normal, t.Shape()...)
			}
		}
	}
	return n
}

// contrib is a node of an activation of com.microsoft.
func (g *gen) contrib(op string, bias bool) *node {
	s := g.filled(1 + g.IntN(3))
	n := &node{op: op, domain: microsoft, opset: 1, in: []*tensor.Tensor{g.floats(s...)}}
	if bias {
		n.in = append(n.in, g.floats(s[len(s)-1]))
	}
	return n
}

func quickGeluNode(g *gen) *node {
	n := g.contrib("QuickGelu", false)
	n.attrs = g.maybe(nil, attrFloat("alpha", g.value(normal)))
	return n
}

func simplifiedNode(g *gen) *node {
	n := rmsNode(g)
	n.op, n.opset = "SimplifiedLayerNormalization", 17
	return n
}

// skipNode makes SkipLayerNormalization, or its kin without means and beta.
func skipNode(g *gen, op string, means bool) *node {
	s := g.filled(3)
	n := &node{op: op, domain: microsoft, opset: 1, attrs: g.epsilon(), in: []*tensor.Tensor{g.floats(s...), g.floats(s...), g.floats(s[2])}}
	if g.chance(4) {
		n.in[1] = g.floats(oneOf(g, s[1:], append([]int{1}, s[1:]...))...)
	}
	if means {
		n.in = append(n.in, oneOf(g, nil, g.floats(s[2])))
	}
	if g.chance(2) {
		n.in = append(n.in, g.floats(s[2]))
	}
	if g.chance(2) {
		n.leave, n.out = []int{1, 2}, 4
	}
	return n
}

func embedNode(g *gen) *node {
	batch, rows, size, words, places, parts := 1+g.IntN(3), 1+g.IntN(4), 1+g.IntN(9), 1+g.IntN(9), 4+g.IntN(4), 1+g.IntN(3)
	n := &node{op: "EmbedLayerNormalization", domain: microsoft, opset: 1, attrs: g.epsilon(), out: 1 + g.IntN(3), in: make([]*tensor.Tensor, 9)}
	n.in[0], n.in[2], n.in[3] = g.whole(tensor.Int32, words, batch, rows), g.floats(words, size), g.floats(places, size)
	if g.chance(2) {
		n.in[1], n.in[4] = g.whole(tensor.Int32, parts, batch, rows), g.floats(parts, size)
	}
	n.in[5], n.in[6] = g.floats(size), g.floats(size)
	n.out = max(n.out, 2)
	if g.chance(2) {
		n.in[7] = g.prefixes(batch, rows)
	}
	if g.chance(2) {
		n.in[8] = g.whole(tensor.Int32, places, oneOf(g, 1, batch), rows)
	}
	return n
}

// prefixes is a mask that says how long each sequence is.
func (g *gen) prefixes(batch, rows int) *tensor.Tensor {
	values := make([]float64, batch*rows)
	for b := range batch {
		for i := range g.IntN(rows + 1) {
			values[b*rows+i] = 1
		}
	}
	return fromFloats(tensor.Int32, values, []int{batch, rows})
}

func fusedMatMulNode(g *gen, op string) *node {
	m, k, n := g.size(), g.size(), g.size()
	a, b := []int{m, k}, []int{k, n}
	x := &node{op: op, domain: microsoft, opset: 1, attrs: g.maybe(g.turned(a, b), attrFloat("alpha", g.value(normal)))}
	if g.chance(2) {
		stack := g.filled(1)
		a = append(stack, a...)
		if g.chance(2) {
			b = append(slices.Clone(stack), b...)
		}
	}
	x.in = []*tensor.Tensor{g.floats(a...), g.floats(b...)}
	return x
}

func fusedConvNode(g *gen) *node {
	n := convNode(g)
	n.op, n.domain, n.opset = "FusedConv", microsoft, 1
	switch act := oneOf(g, "Relu", "Tanh", "Sigmoid", "LeakyRelu", "Clip", "HardSigmoid"); act {
	case "LeakyRelu":
		n.attrs = append(n.attrs, attrStr("activation", act), attrFloats("activation_params", 0.1))
	case "Clip":
		n.attrs = append(n.attrs, attrStr("activation", act), attrFloats("activation_params", -1, 1.5))
	case "HardSigmoid":
		n.attrs = append(n.attrs, attrStr("activation", act), attrFloats("activation_params", 0.2, 0.5))
	default:
		n.attrs = append(n.attrs, attrStr("activation", act))
	}
	return n
}

// nhwcConvNode makes NhwcConv, and Conv between transposes for engines without it.
func nhwcConvNode(g *gen) *node {
	n := convNode(g)
	n.op, n.domain, n.opset = "NhwcConv", microsoft, 1
	rank := n.in[0].Rank()
	last, first := []int64{0}, []int64{0, int64(rank - 1)}
	for i := 1; i < rank; i++ {
		if i > 1 {
			last = append(last, int64(i))
		}
		if i < rank-1 {
			first = append(first, int64(i))
		}
	}
	last = append(last, 1)
	for i := range 2 {
		s := n.in[i].Shape()
		n.in[i] = g.floats(append(append([]int{s[0]}, s[2:]...), s[1])...)
	}
	n.instead = func(main *onnx.Node) []*onnx.Node {
		turn := func(from, to string, perm []int64) *onnx.Node {
			return &onnx.Node{OpType: "Transpose", Inputs: []string{from}, Outputs: []string{to}, Attributes: []*onnx.Attribute{attrInts("perm", perm...)}}
		}
		conv := *main
		conv.OpType, conv.Domain, conv.Outputs = "Conv", "", []string{"planes"}
		conv.Inputs = append([]string{"x first", "w first"}, main.Inputs[2:]...)
		return []*onnx.Node{turn(main.Inputs[0], "x first", first), turn(main.Inputs[1], "w first", first), &conv, turn("planes", main.Outputs[0], last)}
	}
	return n
}

func matMulNBitsNode(g *gen) *node {
	block, bits := oneOf(g, 16, 32, 64), oneOf(g, 4, 4, 8, 2)
	blocks, columns := 1+g.IntN(3), g.size()
	k := blocks * block
	if g.chance(3) {
		k -= g.IntN(block / 2)
	}
	n := &node{op: "MatMulNBits", domain: microsoft, opset: 1, constant: []int{1, 2, 3}, attrs: []*onnx.Attribute{
		attrInt("K", int64(k)), attrInt("N", int64(columns)), attrInt("bits", int64(bits)), attrInt("block_size", int64(block)),
	}}
	n.in = []*tensor.Tensor{
		g.floats(append(g.filled(g.IntN(2)), g.size(), k)...), g.bytes(columns, blocks, block*bits/8), g.tensor(tensor.Float32, unit, columns, blocks), nil, nil, nil,
	}
	if g.chance(2) {
		n.in[3] = g.bytes(columns, (blocks*bits+7)/8)
	}
	if g.chance(3) {
		n.in[5] = g.floats(columns)
	}
	return n
}

// bytes is a tensor of uint8 in all of their range.
func (g *gen) bytes(shape ...int) *tensor.Tensor { return g.whole(tensor.Uint8, 256, shape...) }

func gatherBlockNode(g *gen) *node {
	bits, block := oneOf(g, 4, 4, 8), oneOf(g, 16, 32)
	rows, blocks := g.size(), 1+g.IntN(3)
	per := 8 / bits
	n := &node{op: "GatherBlockQuantized", domain: microsoft, opset: 1, constant: []int{0, 2, 3}, attrs: []*onnx.Attribute{
		attrInt("block_size", int64(block)), attrInt("bits", int64(bits)), attrInt("gather_axis", 0), attrInt("quantize_axis", 1),
	}}
	n.in = []*tensor.Tensor{g.bytes(rows, blocks*block/per), g.index(rows, g.filled(1+g.IntN(2))...), g.tensor(tensor.Float32, unit, rows, blocks)}
	if g.chance(2) {
		n.in = append(n.in, g.bytes(rows, (blocks+per-1)/per))
	}
	return n
}

// columns are the shapes of a scale and zero point: one, or one for each column.
func (g *gen) columns(n int) []int { return oneOf(g, []int{}, []int{n}) }

func dynamicMatMulNode(g *gen) *node {
	k, columns := g.size(), g.size()
	d := oneOf(g, tensor.Int8, tensor.Uint8)
	per := g.columns(columns)
	n := &node{op: "DynamicQuantizeMatMul", domain: microsoft, opset: 1, constant: []int{1, 2, 3, 4}, in: []*tensor.Tensor{
		g.floats(append(g.filled(1+g.IntN(2)), k)...), g.tensor(d, normal, k, columns), g.tensor(tensor.Float32, positive, per...), nil, nil,
	}}
	if g.chance(2) {
		n.in[3] = g.tensor(d, unit, per...)
	}
	if g.chance(2) {
		n.in[4] = g.floats(columns)
	}
	return n
}

func integerToFloatNode(g *gen) *node {
	k, columns := g.size(), g.size()
	a, b := oneOf(g, tensor.Uint8, tensor.Uint8, tensor.Int8), oneOf(g, tensor.Int8, tensor.Uint8)
	per := g.columns(columns)
	n := &node{op: "MatMulIntegerToFloat", domain: microsoft, opset: 1, constant: []int{1, 2, 3, 4, 5, 6}, in: []*tensor.Tensor{
		g.tensor(a, normal, append(g.filled(1+g.IntN(2)), k)...), g.tensor(b, normal, k, columns),
		g.tensor(tensor.Float32, positive), g.tensor(tensor.Float32, positive, per...), nil, nil, nil,
	}}
	if g.chance(2) {
		n.in[4] = g.tensor(a, unit)
	}
	if g.chance(2) {
		n.in[5] = g.tensor(b, unit, per...)
	}
	if g.chance(2) {
		n.in[6] = g.floats(columns)
	}
	return n
}

func qGemmNode(g *gen) *node {
	m, k, columns := g.size(), g.size(), g.size()
	a, b := oneOf(g, tensor.Uint8, tensor.Uint8, tensor.Int8), oneOf(g, tensor.Int8, tensor.Uint8)
	per := g.columns(columns)
	left, right := []int{m, k}, []int{k, columns}
	n := &node{op: "QGemm", domain: microsoft, opset: 1, constant: []int{1, 2, 3, 4, 5, 6, 7, 8}, attrs: g.maybe(g.turned(left, right), attrFloat("alpha", g.value(positive)))}
	n.in = []*tensor.Tensor{
		g.tensor(a, normal, left...), g.tensor(tensor.Float32, positive), g.tensor(a, unit),
		g.tensor(b, normal, right...), g.tensor(tensor.Float32, positive, per...), g.tensor(b, unit, per...), nil, nil, nil,
	}
	if g.chance(2) {
		n.in[6] = g.tensor(tensor.Int32, normal, g.broadcast([]int{m, columns})...)
	}
	if g.chance(2) {
		n.in[7], n.in[8] = g.tensor(tensor.Float32, positive), g.tensor(a, unit)
	}
	return n
}
