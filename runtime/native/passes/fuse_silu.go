package passes

import "github.com/seed6700ada1/infer/runtime/onnx"

// fuseSilu finds x · sigmoid(x), which is QuickGelu of factor 1.
var fuseSilu = Pass{
	Name: "fuse-silu",
	Why:  "two passes over memory become one",
	Run:  runFuseSilu,
}

func runFuseSilu(g *Graph) (int, error) {
	if g.Registry.Find(microsoft, "QuickGelu", 1) == nil {
		return 0, nil
	}
	gone := map[*onnx.Node]bool{}
	for _, n := range g.Nodes() {
		if !Is(n, "Mul") || !isFloat32(g, n.Outputs[0]) {
			continue
		}
		for side := range 2 {
			x := n.Inputs[1-side]
			if s := onlyUse(g, n.Inputs[side], "Sigmoid"); s != nil && s.Inputs[0] == x {
				gone[s] = true
				n.OpType, n.Domain, n.Inputs = "QuickGelu", microsoft, []string{x}
				n.Attributes = []*onnx.Attribute{{Name: "alpha", Type: onnx.AttrFloat, Float: 1}}
				break
			}
		}
	}
	if len(gone) == 0 {
		return 0, nil
	}
	g.RequireOpset(microsoft, 1)
	g.Remove(gone)
	return len(gone), g.Refresh()
}
