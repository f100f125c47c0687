package onnx_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// scaling is a model that computes y = x · w.
func scaling() *onnx.Model {
	row := onnx.TensorOf(tensor.Float32, onnx.Symbol("batch"), onnx.Known(2))
	return &onnx.Model{
		IRVersion: 10,
		Opsets:    []onnx.OpsetID{{Version: 21}},
		Graph: &onnx.Graph{
			Name:         "scaling",
			Inputs:       []*onnx.ValueInfo{{Name: "x", Type: row}},
			Outputs:      []*onnx.ValueInfo{{Name: "y", Type: row}},
			Initializers: []*onnx.Tensor{onnx.NewTensor("w", tensor.Vector[float32](2, 3))},
			Nodes:        []*onnx.Node{{Name: "scale", OpType: "Mul", Inputs: []string{"x", "w"}, Outputs: []string{"y"}}},
		},
	}
}

// A model is read, looked at and checked.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "onnx")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "scaling.onnx")
	if err := onnx.Save(path, scaling(), onnx.SaveOptions{}); err != nil {
		log.Fatal(err)
	}

	m, err := onnx.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	if err := onnx.Check(m); err != nil {
		log.Fatal(err)
	}
	fmt.Println("opset", m.Opset(""))
	for _, in := range m.Graph.Inputs {
		fmt.Println(in.Name, in.Type)
	}
	w, err := m.Graph.Initializer("w").Value()
	if err != nil {
		log.Fatal(err)
	}
	values, err := tensor.Data[float32](w)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(w, values)
	// Output:
	// opset 21
	// x float32[batch,2]
	// float32[2] [2 3]
}

// The checker names the node and the reason.
func ExampleCheck() {
	m := scaling()
	m.Graph.Nodes[0].Inputs[1] = "weights"
	fmt.Println(onnx.Check(m))
	// Output: onnx: node "scale" (Mul, opset 21): input "weights" is defined nowhere
}

// Initializers can go to a second file.
func ExampleSave() {
	dir, err := os.MkdirTemp("", "onnx")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	err = onnx.Save(filepath.Join(dir, "scaling.onnx"), scaling(), onnx.SaveOptions{ExternalAbove: 8})
	if err != nil {
		log.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range files {
		fmt.Println(f.Name())
	}
	// Output:
	// scaling.onnx
	// scaling.onnx.data
}

// Values are stored as the standard's test data is.
func ExampleParseValue() {
	data, err := onnx.MarshalValue(tensor.Vector[int64](1, 2, 3))
	if err != nil {
		log.Fatal(err)
	}
	v, err := onnx.ParseValue(data, onnx.TensorOf(tensor.Int64))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(v)
	// Output: int64[3]
}

// A pass looks at every node, those of subgraphs included.
func ExampleWalk() {
	onnx.Walk(scaling().Graph, func(n *onnx.Node) { fmt.Println(n.Label(), n.OpType) })
	// Output: scale Mul
}

// Calls of model-local functions become their bodies.
func ExampleInline() {
	m := scaling()
	m.Opsets = append(m.Opsets, onnx.OpsetID{Domain: "my", Version: 1})
	m.Functions = []*onnx.Function{{
		Domain: "my", Name: "Square", Inputs: []string{"a"}, Outputs: []string{"b"},
		Opsets: []onnx.OpsetID{{Version: 21}},
		Nodes:  []*onnx.Node{{Name: "mul", OpType: "Mul", Inputs: []string{"a", "a"}, Outputs: []string{"b"}}},
	}}
	m.Graph.Nodes[0].Outputs[0] = "s"
	m.Graph.Nodes = append(m.Graph.Nodes, &onnx.Node{Domain: "my", OpType: "Square", Inputs: []string{"s"}, Outputs: []string{"y"}})
	inlined, err := onnx.Inline(m, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, n := range inlined.Graph.Nodes {
		fmt.Println(n.Label(), n.Inputs, n.Outputs)
	}
	// Output:
	// scale [x w] [s]
	// Square_1/mul [s s] [y]
}
