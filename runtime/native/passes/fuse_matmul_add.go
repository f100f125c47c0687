package passes

import (
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// fuseMatMulAdd lets a MatMul by constant weights start from the bias that is
// added to it, and then from the tensor that a residual block adds. The node
// becomes a FusedMatMul of the project's domain, where the last Add stood.
var fuseMatMulAdd = Pass{
	Name: "fuse-matmul-add",
	Why:  "a bias or a residual added later reads and writes the whole result once more",
	Run:  runFuseMatMulAdd,
}

func runFuseMatMulAdd(g *Graph) (int, error) {
	if g.Registry.Find(Domain, "FusedMatMul", 1) == nil {
		return 0, nil
	}
	gone := map[*onnx.Node]bool{}
	for _, add := range g.Nodes() {
		if !Is(add, "Add") || len(add.Inputs) != 2 {
			continue
		}
		for side := range 2 {
			product, other := g.Maker(add.Inputs[side]), add.Inputs[1-side]
			if product == nil || gone[product] || g.Users(add.Inputs[side]) != 1 || !takesAdd(g, product, add, other) {
				continue
			}
			add.Name, add.OpType, add.Domain = product.Name, "FusedMatMul", Domain
			add.Inputs = addInput(product, other, isVector(g, other))
			gone[product] = true
			break
		}
	}
	if len(gone) == 0 {
		return 0, nil
	}
	g.RequireOpset(Domain, 1)
	g.Remove(gone)
	return len(gone), g.Refresh()
}

// takesAdd reports whether a product can add other: a constant vector to a
// MatMul as its bias, or a tensor of the result's shape.
func takesAdd(g *Graph, product, add *onnx.Node, other string) bool {
	fused := product.Domain == Domain && product.OpType == "FusedMatMul"
	if !fused && !Is(product, "MatMul") || len(product.Inputs) > 3 {
		return false
	}
	w := g.Known(product.Inputs[1]).Const
	if w == nil || w.Rank() != 2 || w.DType() != tensor.Float32 || !isFloat32(g, product.Inputs[0]) {
		return false
	}
	if isVector(g, other) {
		return !fused && g.Known(other).Const.Len() == w.Dim(1)
	}
	return sameShape(g.Known(other).Type, g.Known(add.Outputs[0]).Type) && sameShape(g.Known(product.Outputs[0]).Type, g.Known(add.Outputs[0]).Type)
}

// isVector reports whether a value is a constant float32 vector.
func isVector(g *Graph, name string) bool {
	c := g.Known(name).Const
	return c != nil && c.Rank() == 1 && c.DType() == tensor.Float32
}

// addInput is the inputs of the product with one more, as bias or as residual.
func addInput(product *onnx.Node, other string, bias bool) []string {
	inputs := append([]string(nil), product.Inputs...)
	if bias {
		return append(inputs, other)
	}
	if len(inputs) == 2 {
		inputs = append(inputs, "")
	}
	return append(inputs, other)
}
