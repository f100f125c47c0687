// Package opfuzz makes random small models for tests: a node of one operator with
// random attributes, types, shapes (empty ones and broadcasts among them) and values,
// and often a few nodes behind it that an engine may fuse with it.
//
// A case follows from its seed alone, so that a difference found can be looked at
// again. [Generate] makes models that mean something, for comparing engines; [Hostile]
// spoils them, for engines that must answer with an error and never with a fault.
package opfuzz

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Case is a model and what to run it on.
type Case struct {
	Seed   uint64
	Op     string // with its domain where that is not the standard's
	Model  *onnx.Model
	Inputs map[string]tensor.Value

	// Reference is a model of the same meaning for an engine that lacks the operator; nil
	// where it is Model.
	Reference *onnx.Model
}

// node is what a spec makes: one node and the values of its inputs.
type node struct {
	op, domain string
	opset      int
	attrs      []*onnx.Attribute
	in         []*tensor.Tensor // nil is left out
	out        int
	constant   []int // inputs that must be initializers
	exact      bool  // nothing is put behind it
	leave      []int // outputs that the node leaves out

	given   *given                             // the first input, where it is no tensor
	edit    func(*onnx.Model)                  // what more the model needs, at its end
	instead func(main *onnx.Node) []*onnx.Node // nodes of the same meaning
}

// given is an input that is no tensor.
type given struct {
	value tensor.Value
	typ   *onnx.Type
}

// spec makes nodes of one operator.
type spec struct {
	op   string // as [Case.Op] has it
	make func(g *gen) *node
}

// specs lists all operators of the fuzzer, by name.
func specs() []spec {
	return slices.Concat(elementwiseSpecs(), reductionSpecs(), movementSpecs(), shapingSpecs(), indexSpecs(),
		linearSpecs(), convolutionSpecs(), normSpecs(), quantSpecs(), recurrentSpecs(), newerSpecs(),
		attentionSpecs(), contribSpecs(), learnerSpecs(), featureSpecs(), textSpecs(), flowSpecs(), restSpecs())
}

// Operators lists the operators for which there are cases.
func Operators() []string {
	var list []string
	for _, s := range specs() {
		list = append(list, s.op)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Generate makes the case of a seed; only names operators to choose from, none all.
func Generate(seed uint64, only ...string) *Case {
	g := newGen(seed)
	n := choose(g, only)
	return g.wrap(seed, n)
}

// Hostile makes a case that need not mean anything.
func Hostile(seed uint64, only ...string) *Case {
	g := newGen(seed)
	n := choose(g, only)
	g.spoil(n)
	return g.wrap(seed, n)
}

func choose(g *gen, only []string) *node {
	list := specs()
	if len(only) > 0 {
		list = slices.DeleteFunc(list, func(s spec) bool { return !slices.Contains(only, s.op) })
	}
	return list[g.IntN(len(list))].make(g)
}

// gen is a source of random choices.
type gen struct{ *rand.Rand }

func newGen(seed uint64) *gen { return &gen{rand.New(rand.NewPCG(seed, 0x6f7066757a7a))} }

// wrap makes a model of a node.
func (g *gen) wrap(seed uint64, n *node) *Case {
	c := &Case{Seed: seed, Op: n.op, Inputs: map[string]tensor.Value{}}
	if n.domain != "" {
		c.Op = n.domain + "." + n.op
	}
	opset := int64(n.opset)
	m := &onnx.Model{IRVersion: 10, Opsets: []onnx.OpsetID{{Version: opset}}, Graph: &onnx.Graph{Name: "fuzz"}}
	if n.domain != "" {
		m.Opsets = []onnx.OpsetID{{Version: 17}, {Domain: n.domain, Version: opset}}
	}
	proto := &onnx.Node{OpType: n.op, Domain: n.domain, Attributes: n.attrs}
	for i, t := range n.in {
		if i == 0 && n.given != nil {
			proto.Inputs = append(proto.Inputs, "x0")
			c.Inputs["x0"] = n.given.value
			m.Graph.Inputs = append(m.Graph.Inputs, &onnx.ValueInfo{Name: "x0", Type: n.given.typ})
			continue
		}
		if t == nil {
			proto.Inputs = append(proto.Inputs, "")
			continue
		}
		name := fmt.Sprintf("x%d", i)
		proto.Inputs = append(proto.Inputs, name)
		g.give(c, m, name, t, slices.Contains(n.constant, i) || g.chance(3))
	}
	for len(proto.Inputs) > 0 && proto.Inputs[len(proto.Inputs)-1] == "" {
		proto.Inputs = proto.Inputs[:len(proto.Inputs)-1]
	}
	for i := range max(1, n.out) {
		if slices.Contains(n.leave, i) {
			proto.Outputs = append(proto.Outputs, "")
			continue
		}
		name := fmt.Sprintf("y%d", i)
		proto.Outputs = append(proto.Outputs, name)
		m.Graph.Outputs = append(m.Graph.Outputs, &onnx.ValueInfo{Name: name})
	}
	m.Graph.Nodes = []*onnx.Node{proto}
	if !n.exact && n.domain == "" {
		g.follow(m)
	}
	if n.edit != nil && len(proto.Inputs) == len(n.in) {
		n.edit(m)
	}
	c.Model = m
	if n.instead != nil {
		other, graph := *m, *m.Graph
		graph.Nodes = slices.Concat(n.instead(proto), m.Graph.Nodes[1:])
		other.Graph = &graph
		c.Reference = &other
	}
	return c
}

// give hands a value to the model: as an initializer, or as an input, of which it
// declares all, or nothing but the rank.
func (g *gen) give(c *Case, m *onnx.Model, name string, t *tensor.Tensor, constant bool) {
	if constant {
		m.Graph.Initializers = append(m.Graph.Initializers, onnx.NewTensor(name, t))
		return
	}
	dims := make([]onnx.Dim, t.Rank())
	named := g.chance(2)
	for i, d := range t.Shape() {
		dims[i] = onnx.Known(d)
		if named {
			dims[i] = onnx.Symbol(fmt.Sprintf("%s_%d", name, i))
		}
	}
	c.Inputs[name] = t
	m.Graph.Inputs = append(m.Graph.Inputs, &onnx.ValueInfo{Name: name, Type: onnx.TensorOf(t.DType(), dims...)})
}

// follow puts up to three nodes behind the first output, which stays an output now and
// then.
func (g *gen) follow(m *onnx.Model) {
	if !g.chance(3) || m.Graph.Nodes[0].OpType == "Cast" {
		return
	}
	at := "y0"
	for i := range 1 + g.IntN(3) {
		op := oneOf(g, "Relu", "Neg", "Identity", "Add", "Mul")
		if m.Opsets[0].Version < 14 && op == "Relu" {
			op = "Abs" // Relu takes integers since 14
		}
		in := []string{at}
		if op == "Add" || op == "Mul" {
			in = append(in, at)
		}
		out := fmt.Sprintf("z%d", i)
		m.Graph.Nodes = append(m.Graph.Nodes, &onnx.Node{OpType: op, Inputs: in, Outputs: []string{out}})
		at = out
	}
	last := &onnx.ValueInfo{Name: at}
	if g.chance(2) {
		m.Graph.Outputs[0] = last
	} else {
		m.Graph.Outputs = append(m.Graph.Outputs, last)
	}
}
