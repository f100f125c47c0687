package opfuzz

import (
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// epsilon is an attribute that is left out now and then.
func (g *gen) epsilon() []*onnx.Attribute {
	return g.maybe(nil, attrFloat("epsilon", 0.001+g.Float64()/10))
}

func normSpecs() []spec {
	return []spec{
		{"BatchNormalization", batchNormalizationNode},
		{"InstanceNormalization", instanceNormalizationNode},
		{"LayerNormalization", layerNormalizationNode},
		{"LRN", lrnNode},
		{"LpNormalization", lpNormalizationNode},
		{"MeanVarianceNormalization", meanVarianceNormalizationNode},
	}
}

func quantSpecs() []spec {
	return []spec{
		{"QuantizeLinear", quantizeLinearNode},
		{"DequantizeLinear", dequantizeLinearNode},
		{"DynamicQuantizeLinear", dynamicQuantizeLinearNode},
		{"MatMulInteger", matMulIntegerNode},
		{"ConvInteger", convIntegerNode},
		{"QLinearMatMul", qLinearMatMulNode},
	}
}

func recurrentSpecs() []spec {
	gates := map[string]int{"LSTM": 4, "GRU": 3, "RNN": 1}
	var list []spec
	for op, k := range gates {
		list = append(list, spec{op, func(g *gen) *node { return g.recurrent(op, k) }})
	}
	sortSpecs(list)
	return list
}

func (g *gen) recurrent(op string, gates int) *node {
	steps, batch, in, hidden := 1+g.IntN(4), 1+g.IntN(3), 1+g.IntN(5), 1+g.IntN(5)
	direction := oneOf(g, "forward", "reverse", "bidirectional")
	dirs := 1
	if direction == "bidirectional" {
		dirs = 2
	}
	f := tensor.Float32
	n := &node{op: op, opset: g.opset(14), exact: true, out: 2, attrs: []*onnx.Attribute{attrStr("direction", direction), attrInt("hidden_size", int64(hidden))}}
	n.in = []*tensor.Tensor{
		g.tensor(f, normal, steps, batch, in), g.tensor(f, unit, dirs, gates*hidden, in), g.tensor(f, unit, dirs, gates*hidden, hidden), nil, nil, nil,
	}
	if g.chance(2) {
		n.in[3] = g.tensor(f, unit, dirs, 2*gates*hidden)
	}
	if g.chance(3) {
		lengths := make([]int32, batch)
		for i := range lengths {
			lengths[i] = int32(1 + g.IntN(steps))
		}
		n.in[4] = tensor.Vector(lengths...)
	}
	if g.chance(2) {
		n.in[5] = g.tensor(f, unit, dirs, batch, hidden)
	}
	if op == "LSTM" {
		n.out = 3
	}
	if op == "GRU" {
		n.attrs = append(n.attrs, g.bit("linear_before_reset"))
	}
	return n
}

func batchNormalizationNode(g *gen) *node {
	c := g.size()
	s := append([]int{g.size(), c}, g.filled(g.IntN(3))...)
	n := &node{op: "BatchNormalization", opset: g.opset(15), attrs: g.epsilon(), in: []*tensor.Tensor{g.tensor(tensor.Float32, normal, s...)}}
	for range 3 {
		n.in = append(n.in, g.tensor(tensor.Float32, normal, c))
	}
	n.in = append(n.in, g.tensor(tensor.Float32, positive, c))
	return n
}

func instanceNormalizationNode(g *gen) *node {
	c := g.size()
	s := append([]int{g.size(), c}, g.filled(1+g.IntN(2))...)
	return &node{op: "InstanceNormalization", opset: g.opset(6), attrs: g.epsilon(), in: []*tensor.Tensor{
		g.tensor(tensor.Float32, normal, s...), g.tensor(tensor.Float32, normal, c), g.tensor(tensor.Float32, normal, c),
	}}
}

func layerNormalizationNode(g *gen) *node {
	s := g.filled(1 + g.IntN(3))
	axis := g.axis(len(s))
	tail := s[(int(axis)+len(s))%len(s):]
	n := &node{op: "LayerNormalization", opset: g.opset(17), attrs: append(g.epsilon(), attrInt("axis", axis)), in: []*tensor.Tensor{
		g.tensor(tensor.Float32, normal, s...), g.tensor(tensor.Float32, normal, tail...),
	}}
	if g.chance(2) {
		n.in = append(n.in, g.tensor(tensor.Float32, normal, tail...))
	}
	return n
}

func lrnNode(g *gen) *node {
	return &node{
		op: "LRN", opset: g.opset(13), in: []*tensor.Tensor{g.tensor(tensor.Float32, normal, g.filled(4)...)},
		attrs: []*onnx.Attribute{attrInt("size", int64(1+2*g.IntN(3))), attrFloat("alpha", g.Float64()), attrFloat("beta", g.Float64())},
	}
}

func lpNormalizationNode(g *gen) *node {
	s := g.filled(1 + g.IntN(3))
	return &node{
		op: "LpNormalization", opset: g.opset(1), in: []*tensor.Tensor{g.tensor(tensor.Float32, normal, s...)},
		attrs: []*onnx.Attribute{attrInt("axis", g.axis(len(s))), attrInt("p", int64(1+g.IntN(2)))},
	}
}

func meanVarianceNormalizationNode(g *gen) *node {
	return &node{op: "MeanVarianceNormalization", opset: g.opset(13), in: []*tensor.Tensor{g.tensor(tensor.Float32, normal, g.filled(4)...)}}
}

func quantizeLinearNode(g *gen) *node {
	s := g.filled(1 + g.IntN(3))
	d := oneOf(g, tensor.Int8, tensor.Uint8)
	n := &node{op: "QuantizeLinear", opset: g.opset(13), exact: true}
	param := []int{}
	if g.chance(2) {
		axis := g.axis(len(s))
		n.attrs = []*onnx.Attribute{attrInt("axis", axis)}
		param = []int{s[(int(axis)+len(s))%len(s)]}
	}
	n.in = []*tensor.Tensor{g.tensor(tensor.Float32, special, s...), g.tensor(tensor.Float32, positive, param...), g.tensor(d, unit, param...)}
	return n
}

func dequantizeLinearNode(g *gen) *node {
	s := g.filled(1 + g.IntN(3))
	d := oneOf(g, tensor.Int8, tensor.Uint8)
	n := &node{op: "DequantizeLinear", opset: g.opset(13)}
	param := []int{}
	if g.chance(2) {
		axis := g.axis(len(s))
		n.attrs = []*onnx.Attribute{attrInt("axis", axis)}
		param = []int{s[(int(axis)+len(s))%len(s)]}
	}
	n.in = []*tensor.Tensor{g.tensor(d, normal, s...), g.tensor(tensor.Float32, positive, param...), g.tensor(d, unit, param...)}
	return n
}

func dynamicQuantizeLinearNode(g *gen) *node {
	return &node{op: "DynamicQuantizeLinear", opset: g.opset(11), out: 3, exact: true, in: []*tensor.Tensor{g.tensor(tensor.Float32, normal, g.filled(1+g.IntN(3))...)}}
}

func matMulIntegerNode(g *gen) *node {
	m, k, n := g.size(), g.size(), g.size()
	da, db := tensor.Uint8, oneOf(g, tensor.Int8, tensor.Uint8)
	x := &node{op: "MatMulInteger", opset: g.opset(10), exact: true, in: []*tensor.Tensor{g.tensor(da, normal, m, k), g.tensor(db, normal, k, n)}}
	if g.chance(2) {
		x.in = append(x.in, g.tensor(da, unit), g.tensor(db, unit))
	}
	return x
}

func convIntegerNode(g *gen) *node {
	w := g.windows()
	w.auto = ""
	n := &node{op: "ConvInteger", opset: g.opset(10), exact: true, attrs: g.windowAttrs(w, true)}
	c := 1 + g.IntN(3)
	n.in = []*tensor.Tensor{g.tensor(tensor.Uint8, normal, g.image(w, c)...), g.tensor(tensor.Uint8, normal, append([]int{1 + g.IntN(3), c}, w.kernel...)...)}
	if g.chance(2) {
		n.in = append(n.in, g.tensor(tensor.Uint8, unit), g.tensor(tensor.Uint8, unit))
	}
	return n
}

func qLinearMatMulNode(g *gen) *node {
	m, k, n := g.size(), g.size(), g.size()
	a, b, y := tensor.Uint8, oneOf(g, tensor.Int8, tensor.Uint8), tensor.Uint8
	scale := func() *tensor.Tensor { return g.tensor(tensor.Float32, positive) }
	return &node{op: "QLinearMatMul", opset: g.opset(10), exact: true, constant: []int{1, 2, 4, 5, 6, 7}, in: []*tensor.Tensor{
		g.tensor(a, normal, m, k), scale(), g.tensor(a, unit), g.tensor(b, normal, k, n), scale(), g.tensor(b, unit), scale(), g.tensor(y, unit),
	}}
}
