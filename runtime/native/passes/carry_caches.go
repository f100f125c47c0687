package passes

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
)

// CarryCaches makes the values of pairs caches: the Concat that puts what is new
// behind an input becomes a CacheAppend. It is no pass of the pipeline but runs
// behind it, where a caller asked for it. It fails where a pair is not made that
// way, or where the values are read by nodes that do not take caches.
func CarryCaches(g *Graph, present map[string]string) error {
	for input, output := range present {
		n := g.Maker(output)
		if !Is(n, "Concat") || len(n.Inputs) != 2 || n.Inputs[0] != input || !alongRows(n) || !isFloat32(g, input) || rank(g, input) != 4 {
			return fmt.Errorf("output %q is not a concatenation of input %q with new rows", output, input)
		}
		for _, name := range []string{input, output} {
			if reader := g.strangerTo(name, n); reader != nil {
				return fmt.Errorf("value %q is read by node %q (%s), which takes no cache", name, reader.Label(), reader.OpType)
			}
		}
		n.OpType, n.Domain, n.Attributes = "CacheAppend", Domain, nil
	}
	g.RequireOpset(Domain, 1)
	return g.Refresh()
}

// alongRows reports whether a Concat of rank 4 is along the last axis but one.
func alongRows(n *onnx.Node) bool {
	axis := n.Attribute("axis")
	return axis != nil && (axis.Int == 2 || axis.Int == -2)
}

// strangerTo is a node that reads a value and does not take caches; nil where
// there is none.
func (g *Graph) strangerTo(name string, appends *onnx.Node) *onnx.Node {
	for _, n := range g.Nodes() {
		for i, in := range n.Inputs {
			if in == name && n != appends && !Is(n, "Shape") && !takesCache(n, i) {
				return n
			}
		}
		for inner := range n.Subgraphs() {
			if slices.Contains(onnx.Captures(inner), name) {
				return n
			}
		}
	}
	return nil
}

// takesCache reports whether a node reads its input i as a cache.
func takesCache(n *onnx.Node, i int) bool {
	if n.Domain != Domain || n.OpType != "FusedAttention" || i != 1 && i != 2 {
		return false
	}
	return n.Attribute([]string{1: "k_rows_first", 2: "v_rows_first"}[i]) == nil
}
