package opfuzz

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// flowSpecs are of control flow, sequences and optionals.
func flowSpecs() []spec {
	return []spec{
		{"If", ifNode},
		{"Loop", loopNode},
		{"Scan", scanNode},
		{"SequenceMap", sequenceMapNode},
		{"SequenceConstruct", func(g *gen) *node { return g.onSequence("SequenceConstruct", 11) }},
		{"SequenceAt", func(g *gen) *node { return g.onSequence("SequenceAt", 11, placed) }},
		{"SequenceErase", func(g *gen) *node { return g.onSequence("SequenceErase", 11, g.sometimes(placed)...) }},
		{"SequenceInsert", func(g *gen) *node {
			return g.onSequence("SequenceInsert", 11, append([]role{item}, g.sometimes(placed)...)...)
		}},
		{"SequenceLength", func(g *gen) *node { return g.onSequence("SequenceLength", 11) }},
		{"ConcatFromSequence", concatFromSequenceNode},
		{"SplitToSequence", splitToSequenceNode},
		{"SequenceEmpty", sequenceEmptyNode},
		{"Optional", func(g *gen) *node { return g.onOptional("OptionalGetElement") }},
		{"OptionalGetElement", func(g *gen) *node { return g.onOptional("OptionalGetElement") }},
		{"OptionalHasElement", func(g *gen) *node { return g.onOptional("OptionalHasElement") }},
	}
}

func call(op string, in, out []string, attrs ...*onnx.Attribute) *onnx.Node {
	return &onnx.Node{OpType: op, Inputs: in, Outputs: out, Attributes: attrs}
}

// body is the attribute of a subgraph; its inputs leave their shapes open.
func body(attr string, in []*onnx.ValueInfo, nodes []*onnx.Node, out ...string) *onnx.Attribute {
	b := &onnx.Graph{Name: attr, Inputs: in, Nodes: nodes}
	for _, o := range out {
		b.Outputs = append(b.Outputs, &onnx.ValueInfo{Name: o})
	}
	return &onnx.Attribute{Name: attr, Type: onnx.AttrGraph, Graph: b}
}

func open(name string, d tensor.DType) *onnx.ValueInfo {
	return &onnx.ValueInfo{Name: name, Type: &onnx.Type{Kind: onnx.TypeTensor, DType: d}}
}

func scalar(name string, d tensor.DType) *onnx.ValueInfo {
	return &onnx.ValueInfo{Name: name, Type: onnx.TensorOf(d)}
}

// captured keeps the first inputs of a model's node, whose subgraphs see the others.
func captured(keep int) func(*onnx.Model) {
	return func(m *onnx.Model) { m.Graph.Nodes[0].Inputs = m.Graph.Nodes[0].Inputs[:keep] }
}

func ifNode(g *gen) *node {
	s := g.anyShape(3)
	d := oneOf(g, numbers...)
	branch := func(attr string) *onnx.Attribute {
		nodes := []*onnx.Node{call(oneOf(g, "Add", "Mul", "Sub"), []string{"x1", "x2"}, []string{attr + " y"})}
		if g.chance(3) {
			nodes = append(nodes, call("Neg", []string{attr + " y"}, []string{attr + " z"}))
			return body(attr, nil, nodes, attr+" z")
		}
		return body(attr, nil, nodes, attr+" y")
	}
	return &node{
		op: "If", opset: oneOf(g, 13, 16, 19), edit: captured(1), attrs: []*onnx.Attribute{branch("then_branch"), branch("else_branch")},
		in: []*tensor.Tensor{g.tensor(tensor.Bool, normal), g.tensor(d, normal, s...), g.tensor(d, normal, g.broadcast(s)...)}, exact: true,
	}
}

// loopNode makes a Loop that counts up to a limit, or breaks off before; it carries a
// value and stacks another.
func loopNode(g *gen) *node {
	s := g.anyShape(2)
	d := oneOf(g, tensor.Float32, tensor.Float32, tensor.Int64)
	nodes := []*onnx.Node{
		call("Add", []string{"v", "x3"}, []string{"v out"}),
		call("Less", []string{"i", "x4"}, []string{"go on"}),
		call(oneOf(g, "Identity", "Neg"), []string{"v out"}, []string{"row"}),
	}
	n := &node{
		op: "Loop", opset: oneOf(g, 13, 16, 19), exact: true, out: 2, edit: captured(3),
		attrs: []*onnx.Attribute{body("body", []*onnx.ValueInfo{scalar("i", tensor.Int64), scalar("more", tensor.Bool), open("v", d)}, nodes, "go on", "v out", "row")},
		in: []*tensor.Tensor{
			tensor.Scalar(int64(g.IntN(5))), tensor.Scalar(!g.chance(5)), g.tensor(d, normal, s...), g.tensor(d, normal, g.broadcast(s)...), tensor.Scalar(int64(g.IntN(5))),
		},
	}
	if g.chance(4) {
		n.in[1] = nil
	}
	return n
}

// scanNode makes a Scan that adds up rows, along any axis and in either direction.
func scanNode(g *gen) *node {
	s := g.filled(1 + g.IntN(2))
	rows, axis := 1+g.IntN(4), g.IntN(len(s)+1)
	d := oneOf(g, tensor.Float32, tensor.Float32, tensor.Int64)
	nodes := []*onnx.Node{call("Add", []string{"sum", "row"}, []string{"sum out"}), call("Mul", []string{"sum out", "row"}, []string{"seen"})}
	n := &node{
		op: "Scan", opset: oneOf(g, 11, 16, 19), exact: true, out: 2,
		in: []*tensor.Tensor{g.tensor(d, normal, s...), g.tensor(d, normal, slices.Insert(slices.Clone(s), axis, rows)...)},
		attrs: []*onnx.Attribute{
			attrInt("num_scan_inputs", 1), attrInts("scan_input_axes", int64(axis)), attrInts("scan_input_directions", int64(g.IntN(2))),
			attrInts("scan_output_directions", int64(g.IntN(2))), attrInts("scan_output_axes", int64(g.IntN(len(s)+1))),
			body("body", []*onnx.ValueInfo{open("sum", d), open("row", d)}, nodes, "sum out", "seen"),
		},
	}
	return n
}

// role is what an input of an operator on sequences is.
type role int

const (
	placed role = iota // a place in the sequence
	item               // a further item
)

// sometimes leaves a role out now and then.
func (g *gen) sometimes(r role) []role {
	if g.chance(3) {
		return nil
	}
	return []role{r}
}

// onSequence makes an operator whose first input is a sequence that the model makes of up
// to four tensors. Of SequenceConstruct it is all there is, and the model hands the items
// on by their places: engines need not pass sequences to us.
func (g *gen) onSequence(op string, opset int, more ...role) *node {
	size := 1 + g.IntN(4)
	if op == "SequenceErase" {
		size++ // the binding to ONNX Runtime does not bear empty sequences
	}
	d := oneOf(g, movedTypes...)
	n := &node{op: op, opset: opset, exact: true}
	for range size {
		n.in = append(n.in, g.tensor(d, normal, g.anyShape(2)...))
	}
	for _, r := range more {
		if r == item {
			n.in = append(n.in, g.tensor(d, normal, g.anyShape(2)...))
			continue
		}
		most := size
		if op == "SequenceInsert" {
			most++
		}
		n.in = append(n.in, g.place(most))
	}
	n.edit = func(m *onnx.Model) {
		main := m.Graph.Nodes[0]
		construct := call("SequenceConstruct", slices.Clone(main.Inputs[:size]), []string{"items"})
		if op == "SequenceConstruct" {
			return
		}
		main.Inputs = append([]string{"items"}, main.Inputs[size:]...)
		m.Graph.Nodes = []*onnx.Node{construct, main}
	}
	return n
}

// place is a scalar index among n.
func (g *gen) place(n int) *tensor.Tensor {
	v := g.IntN(n)
	if g.chance(3) {
		v -= n
	}
	return fromFloats(oneOf(g, indexTypes...), []float64{float64(v)}, nil)
}

func concatFromSequenceNode(g *gen) *node {
	n := g.onSequence("ConcatFromSequence", 11)
	s := g.filled(1 + g.IntN(3))
	at := g.IntN(len(s))
	stack := int64(g.IntN(2))
	for i, t := range n.in {
		shape := slices.Clone(s)
		if stack == 0 {
			shape[at] = g.dim()
		}
		n.in[i] = g.tensor(t.DType(), normal, shape...)
	}
	n.attrs = []*onnx.Attribute{attrInt("axis", int64(at)), attrInt("new_axis", stack)}
	return n
}

func splitToSequenceNode(g *gen) *node {
	s := g.filled(1 + g.IntN(3))
	axis := g.axis(len(s))
	size := s[(int(axis)+len(s))%len(s)]
	n := &node{op: "SplitToSequence", opset: oneOf(g, 11, 11, 24), exact: true, attrs: []*onnx.Attribute{attrInt("axis", axis)}, in: []*tensor.Tensor{g.tensor(oneOf(g, numbers...), normal, s...)}}
	switch g.IntN(3) {
	case 0:
		n.in = append(n.in, tensor.Scalar(int64(1+g.IntN(size))))
	case 1:
		first := g.IntN(size + 1)
		n.in = append(n.in, ints(int64(first), int64(size-first)))
	default:
		n.attrs = append(n.attrs, g.bit("keepdims"))
	}
	return n
}

func sequenceEmptyNode(g *gen) *node {
	d := oneOf(g, numbers...)
	n := &node{op: "SequenceEmpty", opset: 11, exact: true, in: []*tensor.Tensor{g.tensor(d, normal, g.anyShape(2)...)}, attrs: []*onnx.Attribute{attrInt("dtype", int64(d))}}
	n.edit = func(m *onnx.Model) {
		main := m.Graph.Nodes[0]
		insert := call("SequenceInsert", []string{"none", main.Inputs[0]}, main.Outputs)
		main.Inputs, main.Outputs = nil, []string{"none"}
		m.Graph.Nodes = []*onnx.Node{main, insert}
	}
	return n
}

// sequenceMapNode maps one sequence, or two of the same length, or one and a tensor.
func sequenceMapNode(g *gen) *node {
	size := 1 + g.IntN(3)
	n := &node{op: "SequenceMap", opset: 17, exact: true}
	s := g.filled(2)
	for range 2 * size {
		n.in = append(n.in, g.floats(s...))
	}
	in := []*onnx.ValueInfo{open("a", tensor.Float32), open("b", tensor.Float32)}
	n.attrs = []*onnx.Attribute{body("body", in, []*onnx.Node{call(oneOf(g, "Add", "Mul"), []string{"a", "b"}, []string{"c"})}, "c")}
	n.attrs[0].Graph.Outputs[0] = open("c", tensor.Float32)
	both := g.chance(2)
	n.edit = func(m *onnx.Model) {
		main := m.Graph.Nodes[0]
		all := main.Inputs
		nodes := []*onnx.Node{call("SequenceConstruct", all[:size], []string{"left"})}
		main.Inputs = []string{"left", all[size]}
		if both {
			nodes = append(nodes, call("SequenceConstruct", all[size:], []string{"right"}))
			main.Inputs[1] = "right"
		}
		m.Graph.Nodes = append(nodes, main)
	}
	return n
}

// onOptional makes an operator on an optional tensor or sequence that the model makes.
func (g *gen) onOptional(op string) *node {
	d := oneOf(g, numbers...)
	n := &node{op: op, opset: oneOf(g, 15, 18), exact: true, in: []*tensor.Tensor{g.tensor(d, normal, g.anyShape(3)...)}}
	wrapped, sequence := g.chance(2), g.chance(3)
	if n.opset == 15 {
		wrapped = true
	}
	n.edit = func(m *onnx.Model) {
		main := m.Graph.Nodes[0]
		at := main.Inputs[0]
		var nodes []*onnx.Node
		if sequence {
			nodes = append(nodes, call("SequenceConstruct", []string{at, at}, []string{"items"}))
			at = "items"
		}
		if wrapped {
			nodes = append(nodes, call("Optional", []string{at}, []string{"maybe"}))
			at = "maybe"
		}
		main.Inputs = []string{at}
		m.Graph.Nodes = append(nodes, main)
	}
	return n
}
