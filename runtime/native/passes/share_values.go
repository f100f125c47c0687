package passes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/runtime/onnx"
)

// shareValues finds nodes that compute what another has computed before, and
// takes them out: the same operator on the same inputs with the same attributes,
// or a small integer value that shape inference knows to be the same, such as
// the length of the sequence, which exporters ask for anew in every layer.
var shareValues = Pass{
	Name: "share-values",
	Why:  "exporters write the same arithmetic on shapes in every layer",
	Run:  runShareValues,
}

func runShareValues(g *Graph) (int, error) {
	seen := map[string]*onnx.Node{}
	gone := map[*onnx.Node]bool{}
	renamed := map[string]string{} // of values whose nodes went
	for _, n := range g.Nodes() {
		for i, in := range n.Inputs {
			if by, ok := renamed[in]; ok {
				n.Inputs[i] = by
			}
		}
		keys := []string{nodeKey(g, n), valueKey(g, n)}
		first := n
		for _, key := range keys {
			if earlier := seen[key]; key != "" && earlier != nil && !anyOutput(g, n) {
				first = earlier
				break
			}
		}
		if first != n {
			gone[n] = true
			for i, out := range n.Outputs {
				renamed[out] = first.Outputs[i]
			}
		}
		// Under both keys, the node that stays: one that goes under one key must
		// not be found under the other.
		for _, key := range keys {
			if key != "" && seen[key] == nil {
				seen[key] = first
			}
		}
	}
	if len(gone) == 0 {
		return 0, nil
	}
	g.Remove(gone)
	for old, by := range renamed {
		g.replaceInSubgraphs(old, by)
	}
	return len(gone), g.Refresh()
}

// replaceInSubgraphs renames a value where subgraphs read it.
func (g *Graph) replaceInSubgraphs(old, by string) {
	for _, n := range g.Nodes() {
		for inner := range n.Subgraphs() {
			replace(inner, old, by)
			for _, o := range inner.Outputs {
				if o.Name == old {
					o.Name = by
				}
			}
		}
	}
}

// anyOutput reports whether the graph gives out a value that the node makes.
func anyOutput(g *Graph, n *onnx.Node) bool {
	return slices.ContainsFunc(n.Outputs, g.IsOutput)
}

// nodeKey is the same for nodes that compute the same; "" where that cannot be
// told, as of random numbers and of subgraphs.
func nodeKey(g *Graph, n *onnx.Node) string {
	def := g.Registry.Find(n.Domain, n.OpType, g.scope.Opset(n.Domain))
	if def == nil || def.Random || hasSubgraph(n) {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s.%s%q%d", n.Domain, n.OpType, n.Inputs, len(n.Outputs))
	for _, a := range n.Attributes {
		switch a.Type {
		case onnx.AttrInt, onnx.AttrInts, onnx.AttrFloat, onnx.AttrFloats, onnx.AttrString, onnx.AttrStrings:
			fmt.Fprintf(&b, " %s %d %v %b %b %q %q", a.Name, a.Int, a.Ints, a.Float, a.Floats, a.String, a.Strings)
		default:
			return ""
		}
	}
	return b.String()
}

// valueKey is the same for nodes whose one result is known to be the same small
// integer value; "" where it is not known.
func valueKey(g *Graph, n *onnx.Node) string {
	if len(n.Outputs) != 1 {
		return ""
	}
	k := g.Known(n.Outputs[0])
	if k.Value == nil || k.Type == nil || k.Type.Shape == nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "value %s", k.Type)
	for _, d := range k.Value {
		if !d.IsKnown() && !d.IsNamed() {
			return ""
		}
		fmt.Fprintf(&b, " %s", d)
	}
	return b.String()
}
