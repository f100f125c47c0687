package passes

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
)

// removeDead takes out nodes that no output depends on, and constants that
// nothing reads.
var removeDead = Pass{
	Name: "remove-dead",
	Why:  "what no output depends on need not run, and need not be kept",
	Run:  runRemoveDead,
}

func runRemoveDead(g *Graph) (int, error) {
	g.reindex()
	gone := map[*onnx.Node]bool{}
	nodes := g.Nodes()
	for i := len(nodes) - 1; i >= 0; i-- { // backwards: a dead node frees its makers
		n := nodes[i]
		if slices.ContainsFunc(n.Outputs, func(o string) bool { return o != "" && g.users[o] > 0 }) {
			continue
		}
		gone[n] = true
		g.release(n)
	}
	g.Remove(gone)
	graph := g.Model.Graph
	before := len(graph.Initializers)
	graph.Initializers = slices.DeleteFunc(graph.Initializers, func(t *onnx.Tensor) bool { return g.users[t.Name] == 0 })
	changed := len(gone) + before - len(graph.Initializers)
	if changed == 0 {
		return 0, nil
	}
	return changed, g.Refresh()
}

// release takes back the uses that a node and its subgraphs made.
func (g *Graph) release(n *onnx.Node) {
	for _, in := range n.Inputs {
		g.users[in]--
	}
	for _, a := range n.Attributes {
		if a.Graph == nil {
			continue
		}
		for _, inner := range a.Graph.Nodes {
			g.release(inner)
		}
		for _, o := range a.Graph.Outputs {
			g.users[o.Name]--
		}
	}
}
