package passes

import "github.com/seed6700ada1/infer/runtime/onnx"

// packMatMul makes a MatMul by constant weights that nothing was fused into a
// FusedMatMul all the same: that keeps its weights in the kernel's layout alone.
var packMatMul = Pass{
	Name: "pack-matmul",
	Why:  "weights are kept once, as the kernel reads them",
	Run:  runPackMatMul,
}

func runPackMatMul(g *Graph) (int, error) {
	if g.Registry.Find(Domain, "FusedMatMul", 1) == nil {
		return 0, nil
	}
	changed := 0
	for _, n := range g.Nodes() {
		if Is(n, "MatMul") && constantWeights(g, n) && rank(g, n.Inputs[0]) > 0 {
			n.OpType, n.Domain = "FusedMatMul", Domain
			changed++
		}
	}
	if changed == 0 {
		return 0, nil
	}
	g.RequireOpset(Domain, 1)
	return changed, g.Refresh()
}

// constantWeights reports whether a product is by a constant float32 matrix.
func constantWeights(g *Graph, product *onnx.Node) bool {
	w := g.Known(product.Inputs[1]).Const
	return w != nil && w.Rank() == 2 && isFloat32(g, product.Inputs[0]) && isFloat32(g, product.Inputs[1])
}
