package passes

import (
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// removeIdentities takes out nodes whose output is their input: Identity,
// Dropout outside of training, Cast to the type a value has, Transpose that
// keeps the order, and Reshape-likes that keep the shape.
var removeIdentities = Pass{
	Name: "remove-identities",
	Why:  "nodes that do nothing cost a call each and hide patterns from later passes",
	Run:  runRemoveIdentities,
}

func runRemoveIdentities(g *Graph) (int, error) {
	gone := map[*onnx.Node]bool{}
	for _, n := range g.Nodes() {
		// A graph output keeps its name, and with it its node.
		if len(n.Outputs) == 0 || g.IsOutput(n.Outputs[0]) || !isIdentity(g, n) {
			continue
		}
		g.Replace(n.Outputs[0], n.Inputs[0])
		gone[n] = true
	}
	g.Remove(gone)
	if len(gone) == 0 {
		return 0, nil
	}
	return len(gone), g.Refresh()
}

func isIdentity(g *Graph, n *onnx.Node) bool {
	if onnx.CanonicalDomain(n.Domain) != "" || len(n.Inputs) == 0 || n.Inputs[0] == "" {
		return false
	}
	in, out := g.Known(n.Inputs[0]).Type, g.Known(n.Outputs[0]).Type
	switch n.OpType {
	case "Identity":
		return true
	case "Dropout":
		return !trains(g, n) && (len(n.Outputs) < 2 || g.Users(n.Outputs[1]) == 0)
	case "Cast":
		to := n.Attribute("to")
		return to != nil && in != nil && in.Kind == onnx.TypeTensor && in.DType != tensor.Undefined && in.DType == tensor.DType(to.Int)
	case "Transpose":
		return keepsOrder(n)
	case "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Expand":
		return dims.SameShape(in, out)
	}
	return false
}

// trains reports whether a Dropout may be in training mode.
func trains(g *Graph, n *onnx.Node) bool {
	if len(n.Inputs) < 3 || n.Inputs[2] == "" {
		return false
	}
	c := g.Known(n.Inputs[2]).Const
	if c == nil {
		return true
	}
	mode, err := tensor.Data[bool](c)
	return err != nil || len(mode) != 1 || mode[0]
}

func keepsOrder(n *onnx.Node) bool {
	perm := n.Attribute("perm")
	if perm == nil {
		return false
	}
	for i, p := range perm.Ints {
		if int(p) != i {
			return false
		}
	}
	return true
}
