package passes

import (
	"github.com/seed6700ada1/infer/runtime/onnx"
)

// fuseMatMulActivation lets a FusedMatMul or FusedMatMulInteger apply the activation that follows it.
var fuseMatMulActivation = Pass{
	Name: "fuse-matmul-activation",
	Why:  "an activation over a stored result reads and writes all of it once more",
	Run:  runFuseMatMulActivation,
}

func runFuseMatMulActivation(g *Graph) (int, error) {
	gone := map[*onnx.Node]bool{}
	for _, act := range g.Nodes() {
		if len(act.Inputs) == 0 || len(act.Outputs) != 1 {
			continue
		}
		product := g.Maker(act.Inputs[0])
		if !isFused(product, "FusedMatMul") && !isFused(product, "FusedMatMulInteger") || product.Attribute("activation") != nil || g.Users(act.Inputs[0]) != 1 {
			continue
		}
		name, params, ok := rowActivation(g, act)
		if !ok {
			continue
		}
		product.Attributes = append(product.Attributes, stringAttr("activation", name))
		if params != nil {
			product.Attributes = append(product.Attributes, &onnx.Attribute{Name: "activation_params", Type: onnx.AttrFloats, Floats: params})
		}
		product.Outputs = act.Outputs
		g.makers[act.Outputs[0]] = product
		gone[act] = true
	}
	if len(gone) == 0 {
		return 0, nil
	}
	g.Remove(gone)
	return len(gone), g.Refresh()
}

// rowActivation tells whether a node is an activation that a product can apply.
func rowActivation(g *Graph, n *onnx.Node) (name string, params []float32, ok bool) {
	if n.OpType == "Gelu" && (n.Domain == microsoft || onnx.CanonicalDomain(n.Domain) == "") {
		if a := n.Attribute("approximate"); a == nil || string(a.String) == "none" {
			return "Gelu", nil, true
		}
		return "", nil, false
	}
	if onnx.CanonicalDomain(n.Domain) != "" {
		return "", nil, false
	}
	params, ok = activationParams(g, n)
	return n.OpType, params, ok
}
