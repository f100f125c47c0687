package grad

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/grad/rule"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

// Expand gives a builder over a copy of a model in which the nodes between the
// trainable values and the loss that are abbreviations for others (a rule with
// Expand) are written out. loss "" means any output of the graph.
func Expand(m *onnx.Model, loss string, wrt []string) (*emit.Builder, error) {
	m = m.Clone()
	rules := AllRules()
	// What is written out may need writing out itself, but only so deep.
	const deepest = 8
	for range deepest {
		b, changed, err := expandOnce(m, rules, loss, wrt)
		if err != nil || !changed {
			return b, err
		}
		m = b.Model()
	}
	return nil, fmt.Errorf("grad: operators that are written out do not come to an end")
}

func expandOnce(m *onnx.Model, rules *Rules, loss string, wrt []string) (*emit.Builder, bool, error) {
	b, err := emit.New(m)
	if err != nil {
		return nil, false, err
	}
	var onPath []*onnx.Node
	goals := []string{loss}
	if loss == "" {
		goals = nil
		for _, o := range m.Graph.Outputs {
			goals = append(goals, o.Name)
		}
	}
	for _, goal := range goals {
		nodes, _ := between(b, m.Graph.Nodes, goal, wrt)
		onPath = append(onPath, nodes...)
	}
	expandable := func(n *onnx.Node) bool {
		f := rules.Find(n)
		return f != nil && f.Expand != nil && slices.Contains(onPath, n)
	}
	if !slices.ContainsFunc(m.Graph.Nodes, expandable) {
		return b, false, nil
	}
	nodes := m.Graph.Nodes
	m.Graph.Nodes = nil
	for _, n := range nodes {
		if !expandable(n) {
			b.Append(n)
			continue
		}
		b.Prefix(n.Label())
		outputs, err := rule.New(b, n, nil, nil).Write(rules.Find(n))
		if err != nil {
			return nil, false, fmt.Errorf("grad: %w", err)
		}
		b.Prefix("")
		for i, value := range outputs {
			if o := n.Outputs[i]; o != "" && value != "" {
				b.Append(&onnx.Node{Name: o, OpType: "Identity", Inputs: []string{value}, Outputs: []string{o}})
			}
		}
	}
	return b, true, b.Err()
}
