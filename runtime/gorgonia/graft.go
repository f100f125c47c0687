//go:build gorgonia

package gorgonia

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
)

// part is a model that computes some of the outputs.
type part struct {
	model   *onnx.Model
	outputs []string
}

// graft rewrites a model so that onnx-go reads it rightly. m is left as it was.
//
//   - Inputs that have a default become constants, as SetInput counts inputs by
//     the place that they would have without these.
//   - Constant nodes become initializers, and what no output needs goes: onnx-go
//     would take what has no reader for an output.
//   - Types of intermediate values go: a value with a type would keep zeros of
//     that type where it is not computed.
//   - Each output that other nodes read too becomes the only output of a model of
//     its own: onnx-go would leave it uncomputed, and Gorgonia overwrite it.
func graft(m *onnx.Model, outputs []string) ([]part, error) {
	if len(m.Graph.SparseInitializers) > 0 {
		return nil, refuse(m, "sparse initializers", "")
	}
	if len(outputs) == 0 {
		for _, out := range m.Graph.Outputs {
			outputs = append(outputs, out.Name)
		}
	}
	plain, err := hoist(m)
	if err != nil {
		return nil, err
	}
	made, read := map[string]bool{}, map[string]bool{}
	for _, n := range plain.Graph.Nodes {
		for _, name := range n.Inputs {
			read[name] = true
		}
		for _, name := range n.Outputs {
			made[name] = true
		}
	}
	var ends []string
	var parts []part
	for i, name := range outputs {
		switch {
		case !made[name]:
			return nil, refuse(m, fmt.Sprintf("output %q", name), "no node computes it")
		case slices.Contains(outputs[:i], name): // it is there already
		case read[name]:
			parts = append(parts, prune(plain, []string{name}))
		default:
			ends = append(ends, name)
		}
	}
	if len(ends) > 0 {
		parts = append(parts, prune(plain, ends))
	}
	return parts, nil
}

// hoist copies a model without types of intermediate values, and with all
// constants as initializers whose data is in the model.
func hoist(m *onnx.Model) (*onnx.Model, error) {
	model, graph := *m, *m.Graph
	model.Graph = &graph
	graph.ValueInfo, graph.Quantization = nil, nil
	graph.Inputs = slices.DeleteFunc(slices.Clone(graph.Inputs), func(in *onnx.ValueInfo) bool {
		return m.Graph.Initializer(in.Name) != nil
	})
	graph.Nodes, graph.Initializers = nil, nil
	add := func(name string, t *onnx.Tensor) error {
		v, err := t.Value()
		if err != nil {
			return fmt.Errorf("gorgonia: constant %q: %w", name, err)
		}
		graph.Initializers = append(graph.Initializers, onnx.NewTensor(name, v))
		return nil
	}
	for _, t := range m.Graph.Initializers {
		if err := add(t.Name, t); err != nil {
			return nil, err
		}
	}
	for _, n := range m.Graph.Nodes {
		a := n.Attribute("value")
		if n.OpType != "Constant" || a == nil || a.Tensor == nil || len(n.Outputs) != 1 {
			graph.Nodes = append(graph.Nodes, n)
			continue
		}
		if err := add(n.Outputs[0], a.Tensor); err != nil {
			return nil, err
		}
	}
	return &model, nil
}

// prune keeps what the outputs need; and all inputs, whose number counts.
func prune(m *onnx.Model, outputs []string) part {
	model, graph := *m, *m.Graph
	model.Graph = &graph
	graph.Nodes, graph.Initializers, graph.Outputs = nil, nil, nil
	needed := map[string]bool{}
	for _, name := range outputs {
		needed[name] = true
		graph.Outputs = append(graph.Outputs, &onnx.ValueInfo{Name: name})
	}
	for _, n := range slices.Backward(m.Graph.Nodes) {
		if !slices.ContainsFunc(n.Outputs, func(name string) bool { return needed[name] }) {
			continue
		}
		graph.Nodes = append(graph.Nodes, n)
		for _, name := range n.Inputs {
			needed[name] = true
		}
	}
	slices.Reverse(graph.Nodes)
	for _, t := range m.Graph.Initializers {
		if needed[t.Name] {
			graph.Initializers = append(graph.Initializers, t)
		}
	}
	return part{&model, outputs}
}
