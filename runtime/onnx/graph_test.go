package onnx

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// branching has a node with a subgraph that reads a, and x from outside.
func branching() *Graph {
	sub := &Graph{
		Nodes:   []*Node{node("inner", "Add", names("a", "x"), names("b")), node("last", "Add", names("b", "outer"), names("c"))},
		Outputs: []*ValueInfo{{Name: "c"}, {Name: "direct"}},
	}
	return &Graph{
		Inputs: []*ValueInfo{{Name: "x"}},
		Nodes: []*Node{
			node("first", "Neg", names("x"), names("a", "")),
			node("if", "If", names("x", ""), names("y"), &Attribute{Name: "then_branch", Type: AttrGraph, Graph: sub}),
			node("end", "Mul", names("y", "y"), names("z")),
		},
		Outputs: []*ValueInfo{{Name: "z"}},
	}
}

func labels(nodes []*Node) string {
	var list []string
	for _, n := range nodes {
		list = append(list, n.Label())
	}
	return strings.Join(list, " ")
}

func TestWalk(t *testing.T) {
	var seen []*Node
	Walk(branching(), func(n *Node) { seen = append(seen, n) })
	if got := labels(seen); got != "first if inner last end" {
		t.Errorf("walked %s", got)
	}
}

func TestCaptures(t *testing.T) {
	for sub := range branching().Nodes[1].Subgraphs() {
		if got := Captures(sub); !slices.Equal(got, names("a", "x", "outer", "direct")) {
			t.Errorf("captures are %v", got)
		}
	}
}

func TestIndex(t *testing.T) {
	x := NewIndex(branching())
	if got := labels(x.Consumers["x"]); got != "first if if" {
		t.Errorf("consumers of x: %s", got)
	}
	if got := labels(x.Consumers["a"]); got != "if" {
		t.Errorf("consumers of a: %s", got)
	}
	if got := labels(x.Consumers["y"]); got != "end end" {
		t.Errorf("consumers of y: %s", got)
	}
	if x.Producer["y"].Label() != "if" || x.Producer["x"] != nil || !x.IsOutput["z"] || x.IsOutput["y"] {
		t.Errorf("index is wrong: %+v", x)
	}
	if len(x.Consumers[""]) != 0 || x.Producer[""] != nil {
		t.Error("values left out have an entry")
	}
}

func TestSort(t *testing.T) {
	g := branching()
	if err := g.Sort(); err != nil || labels(g.Nodes) != "first if end" {
		t.Errorf("sorted graph became %s (%v)", labels(g.Nodes), err)
	}
	slices.Reverse(g.Nodes)
	if err := g.Sort(); err != nil || labels(g.Nodes) != "first if end" {
		t.Errorf("reversed graph became %s (%v)", labels(g.Nodes), err)
	}
	g.Nodes[0].Inputs[0] = "z" // first → if (through its subgraph) → end → first
	before := labels(g.Nodes)
	wantError(t, g.Sort(), `nodes form a cycle: `, `"first"`, `"if"`, `"end"`)
	if labels(g.Nodes) != before {
		t.Error("a failed sort changed the graph")
	}
}

func TestSortLongChain(t *testing.T) {
	const n = 100_000 // would overflow nothing, and take no quadratic time
	g := &Graph{}
	for i := range n {
		g.Nodes = append(g.Nodes, node("", "Neg", names(nameOf(i+1)), names(nameOf(i))))
	}
	if err := g.Sort(); err != nil {
		t.Fatal(err)
	}
	if g.Nodes[0].Outputs[0] != nameOf(n-1) || g.Nodes[n-1].Outputs[0] != nameOf(0) {
		t.Error("the chain is not in order")
	}
	g.Nodes[0].Inputs[0] = nameOf(0)
	wantError(t, g.Sort(), "99992 more")
}

func nameOf(i int) string { return "v" + string(rune('0'+i/20000)) + string(rune(' '+1+i%20000)) }

func TestInline(t *testing.T) {
	m := functionModel()
	m.Graph.Nodes[1].Attributes = []*Attribute{{Name: "axis", Type: AttrInt, Int: 7}}
	f := m.Functions[0]
	f.Nodes = []*Node{
		node("scale", "Scale", names("a"), names("s"), // s is a name of the caller too
			&Attribute{Name: "x", Type: AttrInt, RefName: "axis"},
			&Attribute{Name: "by", Type: AttrFloat, RefName: "scale"},
			&Attribute{Name: "gone", Type: AttrInt, RefName: "unset"}),
		node("sum", "Add", names("s", "a"), names("b")),
	}
	out, err := Inline(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Functions) != 0 || len(m.Functions) != 1 || m.Graph.Nodes[1].OpType != "Twice" {
		t.Error("the result has functions, or the input was changed")
	}
	if got := labels(out.Graph.Nodes); got != "add Twice_1/scale Twice_1/sum" {
		t.Fatalf("nodes are %s", got)
	}
	scale, sum := out.Graph.Nodes[1], out.Graph.Nodes[2]
	if scale.Inputs[0] != "s" || scale.Outputs[0] != "Twice_1/s" || sum.Inputs[0] != "Twice_1/s" || sum.Inputs[1] != "s" || sum.Outputs[0] != "y" {
		t.Errorf("wired %v %v, %v %v", scale.Inputs, scale.Outputs, sum.Inputs, sum.Outputs)
	}
	if a := scale.Attribute("x"); a == nil || a.Int != 7 || a.RefName != "" {
		t.Errorf("attribute of the call: %+v", a)
	}
	if a := scale.Attribute("by"); a == nil || a.Float != 2 || a.RefName != "" {
		t.Errorf("default attribute: %+v", a)
	}
	if scale.Attribute("gone") != nil {
		t.Error("a reference to nothing is still there")
	}
	if err := Check(out); err != nil {
		t.Error(err)
	}
}

func TestInlineNestedAndKept(t *testing.T) {
	m := functionModel()
	outer := &Function{
		Name: "Outer", Domain: "my", Inputs: names("p", "q"), Outputs: names("r", "p"), Opsets: []OpsetID{{Version: 17}, {Domain: "my", Version: 1}, {Domain: "other", Version: 3}},
		Nodes: []*Node{
			node("if", "If", names("p"), names("t"), &Attribute{Name: "then_branch", Type: AttrGraph, Graph: &Graph{
				Initializers: []*Tensor{NewTensor("one", tensor.Scalar[float32](1))},
				Nodes:        []*Node{{OpType: "Twice", Domain: "my", Inputs: names("p"), Outputs: names("u")}},
				Outputs:      []*ValueInfo{{Name: "u"}},
			}}),
			{Name: "twice", OpType: "Twice", Domain: "my", Inputs: names("t"), Outputs: names("r")},
		},
	}
	m.Functions = append(m.Functions, outer)
	m.Graph.Nodes[1].OpType = "Outer"
	m.Graph.Nodes[1].Outputs = names("y", "through")

	out, err := Inline(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(out); err != nil {
		t.Error(err)
	}
	var ops []string
	Walk(out.Graph, func(n *Node) { ops = append(ops, n.OpType) })
	if got := strings.Join(ops, " "); got != "Add If Add Add Identity" {
		t.Errorf("operators are %s", got)
	}
	if out.Opset("other") != 3 {
		t.Error("the import of the function was lost")
	}

	kept, err := Inline(m, func(_, name string) bool { return name == "Twice" })
	if err != nil {
		t.Fatal(err)
	}
	ops = nil
	Walk(kept.Graph, func(n *Node) { ops = append(ops, n.OpType) })
	if got := strings.Join(ops, " "); got != "Add If Twice Twice Identity" || len(kept.Functions) != 1 {
		t.Errorf("with Twice kept: %s, %d functions", got, len(kept.Functions))
	}
	inside, err := Inline(m, func(_, name string) bool { return name == "Outer" })
	if err != nil {
		t.Fatal(err)
	}
	if len(inside.Functions) != 1 || inside.Functions[0].Nodes[1].OpType != "Add" {
		t.Error("calls inside a kept function were not expanded")
	}
}

func TestInlineRefuses(t *testing.T) {
	m := functionModel()
	m.Functions[0].Nodes[0].OpType, m.Functions[0].Nodes[0].Domain = "Twice", "my"
	_, err := Inline(m, nil)
	wantError(t, err, "onnx: functions call each other in a circle: my.Twice → my.Twice")

	m = functionModel()
	m.Functions[0].Opsets[0].Version = 18
	_, err = Inline(m, nil)
	wantError(t, err, `onnx: node "call": function my.Twice is written for version 18 of operator set "", the model imports 17`)

	m = functionModel()
	m.Graph.Nodes[1].Inputs = names("s", "s")
	_, err = Inline(m, nil)
	wantError(t, err, `node "call": function my.Twice has 1 inputs`)

	// each function calls the one before it twice: 2^40 nodes
	m = functionModel()
	for i := range 40 {
		prev := m.Functions[i].Name
		call := func(in, out string) *Node {
			return &Node{OpType: prev, Domain: "my", Inputs: names(in), Outputs: names(out)}
		}
		m.Functions = append(m.Functions, &Function{
			Name: nameOf(i), Domain: "my", Inputs: names("a"), Outputs: names("c"),
			Opsets: m.Functions[0].Opsets, Nodes: []*Node{call("a", "b"), call("b", "c")},
		})
	}
	m.Graph.Nodes[1].OpType = nameOf(39)
	_, err = Inline(m, nil)
	wantError(t, err, "more than 500000 nodes")
}
