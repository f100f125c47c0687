package passes

import (
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// fuseMatMulAdd lets a product by constant weights start from the bias that is
// added to it, and then from the tensor that a residual block adds. A MatMul
// becomes a FusedMatMul of the project's domain, where the last Add stood; a
// FusedMatMulInteger stays one.
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
			if isFused(product, "FusedMatMulInteger") {
				add.OpType = product.OpType
			}
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
// product without any as its bias, or a tensor of the result's shape.
func takesAdd(g *Graph, product, add *onnx.Node, other string) bool {
	bias := biasInput(product)
	if bias == 0 || len(product.Inputs) > bias+1 {
		return false
	}
	w := g.Known(product.Inputs[1]).Const
	if w == nil || w.Rank() != 2 {
		return false
	}
	if Is(product, "MatMul") && (w.DType() != tensor.Float32 || !isFloat32(g, product.Inputs[0])) {
		return false
	}
	if isVector(g, other) {
		return len(product.Inputs) == bias && g.Known(other).Const.Len() == w.Dim(1)
	}
	return dims.SameShape(g.Known(other).Type, g.Known(add.Outputs[0]).Type) && dims.SameShape(g.Known(product.Outputs[0]).Type, g.Known(add.Outputs[0]).Type)
}

// biasInput is the input of a product that is its bias once it is fused, which
// the residual follows; 0 for what is no product.
func biasInput(n *onnx.Node) int {
	switch {
	case Is(n, "MatMul"), isFused(n, "FusedMatMul"):
		return 2
	case isFused(n, "FusedMatMulInteger"):
		return 6
	default:
		return 0
	}
}

// isFused reports whether a node applies an operator of the project's domain.
func isFused(n *onnx.Node, op string) bool {
	return n != nil && n.Domain == Domain && n.OpType == op
}

// isVector reports whether a value is a constant float32 vector.
func isVector(g *Graph, name string) bool {
	c := g.Known(name).Const
	return c != nil && c.Rank() == 1 && c.DType() == tensor.Float32
}

// addInput is the inputs of the product with one more, as bias or as residual.
func addInput(product *onnx.Node, other string, bias bool) []string {
	inputs := append([]string(nil), product.Inputs...)
	for !bias && len(inputs) <= biasInput(product) {
		inputs = append(inputs, "")
	}
	return append(inputs, other)
}
