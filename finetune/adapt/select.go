package adapt

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/runtime/onnx"
)

// Match reports whether a name fits a pattern in which * stands for any text.
func Match(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	if !strings.HasPrefix(name, parts[0]) {
		return false
	}
	name = name[len(parts[0]):]
	last := len(parts) - 1
	for _, p := range parts[1:last] {
		i := strings.Index(name, p)
		if i < 0 {
			return false
		}
		name = name[i+len(p):]
	}
	return strings.HasSuffix(name, parts[last])
}

// Select lists weights to train: those whose names, or whose nodes' names, fit a
// pattern, and those of the last n layers, a layer being a node with weights of
// its own. Weights in except are left out. A pattern that fits nothing is an
// error.
func Select(m *onnx.Model, patterns []string, last int, except []string) ([]string, error) {
	layers := layersOf(m.Graph, except)
	var list []string
	take := func(weights []string) {
		for _, w := range weights {
			if !slices.Contains(list, w) {
				list = append(list, w)
			}
		}
	}
	for _, p := range patterns {
		before := len(list)
		hit := false
		for _, l := range layers {
			if Match(p, l.node.Label()) {
				take(l.weights)
				hit = true
				continue
			}
			for _, w := range l.weights {
				if Match(p, w) {
					take([]string{w})
					hit = true
				}
			}
		}
		if !hit && len(list) == before {
			return nil, fmt.Errorf("adapt: the pattern %q fits no weight of the model%s", p, examples(layers))
		}
	}
	if last > len(layers) {
		return nil, fmt.Errorf("adapt: the last %d layers, and the model has %d", last, len(layers))
	}
	for _, l := range layers[len(layers)-last:] {
		take(l.weights)
	}
	return list, nil
}

// layer is a node with the weights that it reads.
type layer struct {
	node    *onnx.Node
	weights []string
}

// layersOf lists the nodes that read weights: initializers of floating-point
// numbers that are not mere scalars.
func layersOf(g *onnx.Graph, except []string) []layer {
	weights := map[string]bool{}
	for _, t := range g.Initializers {
		if t.DType.IsFloat() && len(t.Dims) > 0 && !slices.Contains(except, t.Name) {
			weights[t.Name] = true
		}
	}
	var list []layer
	for _, n := range g.Nodes {
		l := layer{node: n}
		for _, in := range n.Inputs {
			if weights[in] {
				l.weights = append(l.weights, in)
			}
		}
		if l.weights != nil {
			list = append(list, l)
		}
	}
	return list
}

// examples names a few layers, for a message.
func examples(layers []layer) string {
	const shown = 3
	var names []string
	for _, l := range layers[max(0, len(layers)-shown):] {
		names = append(names, fmt.Sprintf("%q of node %q", l.weights[0], l.node.Label()))
	}
	if names == nil {
		return ", which has none"
	}
	return ", such as " + strings.Join(names, ", ")
}

// Count counts the numbers in the named weights, and in all weights of the model.
func Count(m *onnx.Model, trainable []string) (trained, total int, err error) {
	for _, t := range m.Graph.Initializers {
		if !t.DType.IsFloat() || len(t.Dims) == 0 {
			continue
		}
		n := 1
		for _, d := range t.Dims {
			n *= int(d)
		}
		total += n
		if slices.Contains(trainable, t.Name) {
			trained += n
		}
	}
	for _, name := range trainable {
		if m.Graph.Initializer(name) == nil {
			return 0, 0, fmt.Errorf("adapt: the model has no weight %q", name)
		}
	}
	return trained, total, nil
}
