//go:build gorgonia

package gorgonia

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
)

// graft rewrites a model so that onnx-go reads it rightly. m is left as it was.
//
//   - Inputs that have a default become constants, as SetInput counts inputs by
//     the place that they would have without these.
//   - Constant nodes become initializers, and initializers that nothing reads go:
//     onnx-go would take what has no reader for an output.
//   - Types of intermediate values go: a value with a type would keep zeros of
//     that type where it is not computed.
//   - Outputs that other nodes read too, which onnx-go would leave uncomputed,
//     are given out as Neg(Neg(x)), which is x to the bit.
func graft(m *onnx.Model, outputs []string) (*onnx.Model, error) {
	model, graph := *m, *m.Graph
	model.Graph = &graph
	graph.ValueInfo, graph.Quantization = nil, nil
	if len(graph.SparseInitializers) > 0 {
		return nil, fmt.Errorf("gorgonia: sparse initializers are not supported")
	}
	graph.Inputs = slices.DeleteFunc(slices.Clone(graph.Inputs), func(in *onnx.ValueInfo) bool {
		return m.Graph.Initializer(in.Name) != nil
	})
	graph.Nodes, graph.Initializers = nil, slices.Clone(m.Graph.Initializers)
	for _, n := range m.Graph.Nodes {
		a := n.Attribute("value")
		if n.OpType != "Constant" || a == nil || a.Tensor == nil || len(n.Outputs) != 1 {
			graph.Nodes = append(graph.Nodes, n)
			continue
		}
		t := *a.Tensor
		t.Name = n.Outputs[0]
		graph.Initializers = append(graph.Initializers, &t)
	}
	if len(outputs) == 0 {
		for _, out := range m.Graph.Outputs {
			outputs = append(outputs, out.Name)
		}
	}
	if err := giveOut(&graph, outputs); err != nil {
		return nil, err
	}
	return &model, embed(&graph)
}

// giveOut makes the named values the outputs.
func giveOut(g *onnx.Graph, names []string) error {
	read := map[string]bool{}
	made := map[string]bool{}
	for _, n := range g.Nodes {
		for _, in := range n.Inputs {
			read[in] = true
		}
		for _, out := range n.Outputs {
			made[out] = true
		}
	}
	g.Outputs = nil
	for i, name := range names {
		if !made[name] {
			return fmt.Errorf("gorgonia: output %q is not computed by a node", name)
		}
		at := name
		if read[name] || slices.Contains(names[:i], name) {
			once, twice := fmt.Sprintf("gorgonia/%d/%s/neg", i, name), fmt.Sprintf("gorgonia/%d/%s", i, name)
			g.Nodes = append(g.Nodes,
				&onnx.Node{OpType: "Neg", Inputs: []string{name}, Outputs: []string{once}},
				&onnx.Node{OpType: "Neg", Inputs: []string{once}, Outputs: []string{twice}})
			at = twice
		}
		g.Outputs = append(g.Outputs, &onnx.ValueInfo{Name: at})
	}
	return nil
}

// embed keeps the initializers that are read, with their data in the model.
func embed(g *onnx.Graph) error {
	read := map[string]bool{}
	for _, n := range g.Nodes {
		for _, in := range n.Inputs {
			read[in] = true
		}
	}
	var kept []*onnx.Tensor
	for _, t := range g.Initializers {
		if !read[t.Name] {
			continue
		}
		v, err := t.Value()
		if err != nil {
			return fmt.Errorf("gorgonia: initializer %q: %w", t.Name, err)
		}
		kept = append(kept, onnx.NewTensor(t.Name, v))
	}
	g.Initializers = kept
	return nil
}
