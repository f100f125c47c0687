package onnx

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// goodModel passes the checker; tests spoil one thing in it.
func goodModel() *Model {
	m := reluModel(NewTensor("w", tensor.Vector[float32](1, 2)))
	m.IRVersion = 10
	return m
}

func node(name, op string, inputs, outputs []string, attrs ...*Attribute) *Node {
	return &Node{Name: name, OpType: op, Inputs: inputs, Outputs: outputs, Attributes: attrs}
}

func names(list ...string) []string { return list }

func TestCheckGood(t *testing.T) {
	for name, change := range map[string]func(m *Model){
		"as it is": func(*Model) {},
		"default of an input": func(m *Model) {
			m.Graph.Inputs = append(m.Graph.Inputs, &ValueInfo{Name: "w", Type: m.Graph.Inputs[0].Type})
		},
		"IR version 3": func(m *Model) {
			m.IRVersion = 3
			m.Graph.Inputs = append(m.Graph.Inputs, &ValueInfo{Name: "w", Type: m.Graph.Inputs[0].Type})
		},
		"ai.onnx is the default": func(m *Model) { m.Opsets[0].Domain = "ai.onnx" },
		"optional input":         func(m *Model) { m.Graph.Nodes[0].Inputs = names("", "x", "") },
		"subgraph reads outside": func(m *Model) {
			sub := &Graph{Name: "then", Nodes: []*Node{node("n", "Neg", names("w"), names("b"))}, Outputs: []*ValueInfo{{Name: "b"}}}
			m.Graph.Nodes[1] = node("if", "If", names("s"), names("y"), &Attribute{Name: "then_branch", Type: AttrGraph, Graph: sub})
		},
		"siblings use one name": func(m *Model) {
			sub := func() *Graph {
				return &Graph{Nodes: []*Node{node("n", "Neg", names("w"), names("b"))}, Outputs: []*ValueInfo{{Name: "b"}}}
			}
			m.Graph.Nodes[1] = node("if", "If", names("s"), names("y"),
				&Attribute{Name: "then_branch", Type: AttrGraph, Graph: sub()}, &Attribute{Name: "else_branch", Type: AttrGraph, Graph: sub()})
		},
		"training": func(m *Model) {
			m.Training = []*TrainingInfo{{Algorithm: &Graph{Nodes: []*Node{node("t", "Neg", names("y"), names("z"))}}}}
		},
	} {
		m := goodModel()
		change(m)
		if err := Check(m); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckModel(t *testing.T) {
	w := func(m *Model) *Tensor { return m.Graph.Initializers[0] }
	tests := []struct {
		name   string
		change func(m *Model)
		want   string
	}{
		{"IR version", func(m *Model) {
			m.IRVersion, m.Graph.Initializers[0].Name, m.Graph.Inputs[0].Name = 2, "x", "x"
			m.Graph.Nodes[0].Inputs = names("x")
		}, "model has IR version 2, wanted 3 to 14"},
		{"new IR version", func(m *Model) { m.IRVersion = 99 }, "IR version 99"},
		{"opset version", func(m *Model) { m.Opsets[0].Version = 0 }, `imports version 0 of operator set ""`},
		{"opset twice", func(m *Model) { m.Opsets = append(m.Opsets, OpsetID{Domain: "ai.onnx", Version: 1}) }, `imports operator set "ai.onnx" twice`},
		{"metadata", func(m *Model) { m.Metadata = []StringPair{{Key: "k"}, {Key: "k"}} }, `model has metadata "k" twice`},
		{"graph metadata", func(m *Model) { m.Graph.Metadata = []StringPair{{Key: "k"}, {Key: "k"}} }, `graph has metadata "k" twice`},
		{"node metadata", func(m *Model) { m.Graph.Nodes[0].Metadata = []StringPair{{Key: "k"}, {Key: "k"}} }, `node "add" has metadata "k" twice`},
		{"no graph", func(m *Model) { m.Graph = nil }, "model has no graph"},
		{"input without a name", func(m *Model) { m.Graph.Inputs[0].Name = ""; m.Graph.Nodes[0].Inputs[0] = "w" }, "graph: input 0 has no name"},
		{"input without a type", func(m *Model) { m.Graph.Inputs[0].Type = nil }, `graph: input "x" has no type`},
		{"input twice", func(m *Model) { m.Graph.Inputs = append(m.Graph.Inputs, m.Graph.Inputs[0]) }, `graph: input "x" is defined twice`},
		{"input of unknown type", func(m *Model) { m.Graph.Inputs[0].Type = TensorOf(77) }, `input "x": element type 77`},
		{"input of huge shape", func(m *Model) { m.Graph.Inputs[0].Type = TensorOf(1, Known(1<<62), Known(4)) }, `input "x": shape [4611686018427387904,4]`},
		{"input of negative size", func(m *Model) { m.Graph.Inputs[0].Type = TensorOf(1, Dim{Value: -5}) }, `input "x": dimension 0 is -5`},
		{"sequence of nothing", func(m *Model) { m.Graph.Inputs[0].Type = &Type{Kind: TypeSequence} }, "does not say of what"},
		{"output without a name", func(m *Model) { m.Graph.Outputs = append(m.Graph.Outputs, &ValueInfo{}) }, "graph: output 1 has no name"},
		{"output twice", func(m *Model) { m.Graph.Outputs = append(m.Graph.Outputs, m.Graph.Outputs[0]) }, `output "y" is listed twice`},
		{"output not made", func(m *Model) { m.Graph.Outputs[0].Name = "z" }, `graph: output "z" is made by no node`},
		{"initializer without a name", func(m *Model) {
			m.Graph.Initializers = append(m.Graph.Initializers, NewTensor("", tensor.Scalar(int8(1))))
		}, "initializer without a name"},
		{"initializer twice", func(m *Model) { m.Graph.Initializers = append(m.Graph.Initializers, w(m)) }, `initializer "w" is defined twice`},
		{"initializer of IR 3", func(m *Model) { m.IRVersion = 3 }, `initializer "w" is not an input, as it must be before IR version 4`},
		{"negative dimension", func(m *Model) { w(m).Dims[0] = -2 }, `initializer "w": dimension 0 is -2`},
		{"huge dimension", func(m *Model) { w(m).Dims[0] = 1 << 62 }, `initializer "w": tensor: 4611686018427387904 elements`},
		{"short data", func(m *Model) { w(m).Raw = w(m).Raw[:7] }, `initializer "w": float32[2] needs 8 bytes, found 7`},
		{"two forms", func(m *Model) { w(m).Floats = []float32{1, 2} }, "data in more than one form"},
		{"no data", func(m *Model) { w(m).HasRaw = false }, "needs 2 entries in float_data, found 0"},
		{"external without location", func(m *Model) { w(m).HasRaw, w(m).Location = false, 1 }, "no location"},
		{"external outside", func(m *Model) {
			w(m).HasRaw, w(m).Location, w(m).External = false, 1, []StringPair{{Key: "location", Value: "../w"}}
		}, `"../w"`},
		{"external and own", func(m *Model) { w(m).Location = 1 }, "external data and data of its own"},
		{"sparse", func(m *Model) {
			m.Graph.SparseInitializers = []*SparseTensor{{Values: NewTensor("sp", tensor.Vector[int8](1)), Dims: dims(4)}}
		}, `sparse initializer "sp": needs values and indices`},
		{"sparse index", func(m *Model) {
			m.Graph.SparseInitializers = []*SparseTensor{{Values: NewTensor("sp", tensor.Vector[int8](1)), Indices: NewTensor("", tensor.Vector[int64](4)), Dims: dims(4)}}
		}, `sparse initializer "sp": index 0 is 4`},
		{"no operator", func(m *Model) { m.Graph.Nodes[0].OpType = "" }, `node "add" (, opset 17): has no operator`},
		{"domain", func(m *Model) { m.Graph.Nodes[0].Domain = "my.ops" }, `node "add" (my.ops.Add, opset 0): operator set "my.ops" is not imported`},
		{"input nowhere", func(m *Model) { m.Graph.Nodes[1].Inputs[0] = "q" }, `node "relu" (Relu, opset 17): input "q" is defined nowhere`},
		{"two makers", func(m *Model) { m.Graph.Nodes = append(m.Graph.Nodes, node("again", "Neg", names("x"), names("y"))) }, `node "again" (Neg, opset 17): output "y" is defined before`},
		{"makes an input", func(m *Model) { m.Graph.Nodes = append(m.Graph.Nodes, node("again", "Neg", names("y"), names("x"))) }, `output "x" is defined before`},
		{"makes an initializer", func(m *Model) { m.Graph.Nodes = append(m.Graph.Nodes, node("again", "Neg", names("y"), names("w"))) }, `output "w" is defined before`},
		{"order", func(m *Model) { n := m.Graph.Nodes; n[0], n[1] = n[1], n[0] }, `node "relu" (Relu, opset 17): input "s" is made later, by node "add": nodes are not in topological order`},
		{"cycle", func(m *Model) { m.Graph.Nodes[0].Inputs[0] = "y" }, `graph: nodes form a cycle: "relu" → "add" → "relu"`},
		{"cycle of one", func(m *Model) { m.Graph.Nodes[0].Inputs[0] = "s" }, `nodes form a cycle: "add" → "add"`},
		{"newline in a name", func(m *Model) { m.Graph.Nodes[1].Inputs[0] = "a\nb" }, `input "a\nb"`},
		{"subgraph", func(m *Model) {
			sub := &Graph{Name: "body", Nodes: []*Node{node("n", "Neg", names("q"), names("b"))}}
			m.Graph.Nodes[1] = node("if", "If", names("s"), names("y"), &Attribute{Name: "then_branch", Type: AttrGraph, Graph: sub})
		}, `node "n" (Neg, opset 17): input "q" is defined nowhere`},
		{"subgraph output", func(m *Model) {
			sub := &Graph{Name: "body", Outputs: []*ValueInfo{{Name: "b"}}}
			m.Graph.Nodes[1] = node("if", "If", names("s"), names("y"), &Attribute{Name: "then_branch", Type: AttrGraph, Graph: sub})
		}, `graph "body" in node "if": output "b" is made by no node`},
		{"reads from a subgraph", func(m *Model) {
			sub := &Graph{Nodes: []*Node{node("n", "Neg", names("x"), names("b"))}}
			m.Graph.Nodes[1] = node("if", "If", names("s"), names("t"), &Attribute{Name: "then_branch", Type: AttrGraph, Graph: sub})
			m.Graph.Nodes = append(m.Graph.Nodes, node("n2", "Neg", names("b"), names("y")))
		}, `node "n2" (Neg, opset 17): input "b" is defined nowhere`},
		{"training", func(m *Model) {
			m.Training = []*TrainingInfo{{Initialization: &Graph{Nodes: []*Node{node("t", "Neg", names("y"), names("z"))}}}}
		}, `node "t" (Neg, opset 17): input "y" is defined nowhere`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := goodModel()
			tt.change(m)
			wantError(t, Check(m), "onnx: ", tt.want)
		})
	}
}

func TestCheckAttributes(t *testing.T) {
	w := NewTensor("c", tensor.Scalar(int8(1)))
	bad := w.Clone()
	bad.Dims = dims(3)
	tests := []struct {
		name  string
		attrs []*Attribute
		want  string // "" where they are fine
	}{
		{"int", []*Attribute{{Name: "a", Type: AttrInt}}, ""},
		{"empty list", []*Attribute{{Name: "a", Type: AttrInts}}, ""},
		{"tensor", []*Attribute{{Name: "a", Type: AttrTensor, Tensor: w}}, ""},
		{"twice", []*Attribute{{Name: "a", Type: AttrInt}, {Name: "a", Type: AttrInt}}, `attribute "a" is given twice`},
		{"no name", []*Attribute{{Type: AttrInt}}, "attribute without a name"},
		{"no type", []*Attribute{{Name: "a", Int: 1}}, `attribute "a": has type undefined`},
		{"unknown type", []*Attribute{{Name: "a", Type: 15}}, `attribute "a": has type attribute type 15`},
		{"other field", []*Attribute{{Name: "a", Type: AttrInt, Float: 1}}, `attribute "a": is of type int but holds a value of type float`},
		{"two fields", []*Attribute{{Name: "a", Type: AttrInts, Ints: []int64{1}, Strings: [][]byte{{1}}}}, "is of type ints but holds a value of type strings"},
		{"missing", []*Attribute{{Name: "a", Type: AttrTensor}}, "is of type tensor but holds none"},
		{"missing graph", []*Attribute{{Name: "a", Type: AttrGraph}}, "is of type graph but holds none"},
		{"bad tensor", []*Attribute{{Name: "a", Type: AttrTensor, Tensor: bad}}, `attribute "a": tensor "c": int8[3] needs 3 bytes, found 1`},
		{"bad tensors", []*Attribute{{Name: "a", Type: AttrTensors, Tensors: []*Tensor{w, bad}}}, "needs 3 bytes"},
		{"bad sparse", []*Attribute{{Name: "a", Type: AttrSparseTensor, SparseTensor: &SparseTensor{}}}, "needs values and indices"},
		{"bad type", []*Attribute{{Name: "a", Type: AttrType, TypeProto: &Type{Kind: TypeOptional}}}, "does not say of what"},
		{"reference outside", []*Attribute{{Name: "a", Type: AttrInt, RefName: "b"}}, `refers to attribute "b" outside of a function`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := goodModel()
			m.Graph.Nodes[0].Attributes = tt.attrs
			err := Check(m)
			if tt.want != "" {
				wantError(t, err, `onnx: node "add" (Add, opset 17): `, tt.want)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// functionModel calls my.Twice(x) = x + x, once.
func functionModel() *Model {
	m := goodModel()
	m.Opsets = append(m.Opsets, OpsetID{Domain: "my", Version: 1})
	m.Graph.Nodes[1] = node("call", "Twice", names("s"), names("y"))
	m.Graph.Nodes[1].Domain = "my"
	m.Functions = []*Function{{
		Name: "Twice", Domain: "my", Inputs: names("a"), Outputs: names("b"), Opsets: []OpsetID{{Version: 17}, {Domain: "my", Version: 1}},
		Attributes: names("axis"), Defaults: []*Attribute{{Name: "scale", Type: AttrFloat, Float: 2}},
		Nodes: []*Node{node("sum", "Add", names("a", "a"), names("b"), &Attribute{Name: "x", Type: AttrInt, RefName: "axis"})},
	}}
	return m
}

func TestCheckFunctions(t *testing.T) {
	if err := Check(functionModel()); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		change func(m *Model, f *Function)
		want   string
	}{
		{"IR version", func(m *Model, _ *Function) { m.IRVersion = 7 }, "model has functions, which IR version 7 does not know"},
		{"overload", func(m *Model, f *Function) { m.IRVersion, f.Overload = 9, "o" }, "function my.Twice:o has an overload"},
		{"no name", func(_ *Model, f *Function) { f.Name = "" }, "function 0 has no name"},
		{"twice", func(m *Model, f *Function) { m.Functions = append(m.Functions, f.Clone()) }, "function my.Twice is defined twice"},
		{"attribute twice", func(_ *Model, f *Function) { f.Attributes = names("scale", "axis") }, `function my.Twice: attribute "scale" is declared twice`},
		{"default", func(_ *Model, f *Function) { f.Defaults[0].Type = AttrInt }, `default of attribute "scale": is of type int but`},
		{"input twice", func(_ *Model, f *Function) { f.Inputs = names("a", "a") }, `input "a" is defined twice`},
		{"output", func(_ *Model, f *Function) { f.Outputs = names("c") }, `function my.Twice: output "c" is made by no node`},
		{"body", func(_ *Model, f *Function) { f.Nodes[0].Inputs[0] = "s" }, `node "sum" (Add, opset 17): input "s" is defined nowhere`},
		{"imports", func(_ *Model, f *Function) { f.Opsets = f.Opsets[1:] }, `node "sum" (Add, opset 0): operator set "" is not imported`},
		{"reference", func(_ *Model, f *Function) { f.Nodes[0].Attributes[0].RefName = "q" }, `refers to attribute "q", which the function does not have`},
		{"reference and value", func(_ *Model, f *Function) { f.Nodes[0].Attributes[0].Int = 2 }, `refers to attribute "axis" and has a value too`},
		{"recursion", func(_ *Model, f *Function) { f.Nodes[0].OpType, f.Nodes[0].Domain = "Twice", "my" }, "functions call each other in a circle: my.Twice → my.Twice"},
		{"value", func(_ *Model, f *Function) { f.ValueInfo = []*ValueInfo{{Name: "v", Type: TensorOf(99)}} }, `function my.Twice: value "v": element type 99`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := functionModel()
			tt.change(m, m.Functions[0])
			wantError(t, Check(m), "onnx: ", tt.want)
		})
	}
}

func TestCheckListsAndCaps(t *testing.T) {
	m := goodModel()
	for i := range 50 {
		m.Graph.Nodes = append(m.Graph.Nodes, node(fmt.Sprint("n", i), "Neg", names("nowhere"), names(fmt.Sprint("o", i))))
	}
	m.Opsets = nil // one more, and each node's domain
	err := Check(m)
	var ce *CheckError
	if !errors.As(err, &ce) {
		t.Fatalf("error is a %T", err)
	}
	lines := strings.Split(err.Error(), "\n")
	if len(ce.Problems) != maxProblems || len(lines) != maxProblems+1 || lines[maxProblems] != "onnx: 83 more problems" {
		t.Errorf("%d problems, %d lines, the last %q", len(ce.Problems), len(lines), lines[len(lines)-1])
	}
	if lines[0] != "onnx: model imports no operator set" {
		t.Errorf("first line is %q", lines[0])
	}
}
