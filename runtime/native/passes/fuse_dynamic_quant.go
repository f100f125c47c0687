package passes

import (
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// fuseDynamicQuant finds the product that dynamic quantisation makes of a MatMul,
//
//	Mul(Cast(MatMulInteger(A, B, a_zero, b_zero), float), Mul(a_scale, b_scale))
//
// with a constant B, and makes one FusedMatMulInteger of the project's domain of
// it. What quantises A stays a node of its own: several products may share it.
var fuseDynamicQuant = Pass{
	Name: "fuse-dynamic-quant",
	Why:  "the sums are scaled while they are in cache, not written as integers and read twice",
	Run:  runFuseDynamicQuant,
}

func runFuseDynamicQuant(g *Graph) (int, error) {
	if g.Registry.Find(Domain, "FusedMatMulInteger", 1) == nil {
		return 0, nil
	}
	gone := map[*onnx.Node]bool{}
	count := 0
	for _, scaled := range g.Nodes() {
		if !Is(scaled, "Mul") || len(scaled.Inputs) != 2 {
			continue
		}
		for side := range 2 {
			cast := onlyUse(g, scaled.Inputs[side], "Cast")
			if cast == nil || !isFloat32(g, cast.Outputs[0]) {
				continue
			}
			product := onlyUse(g, cast.Inputs[0], "MatMulInteger")
			if product == nil || !constantRight(g, product) {
				continue
			}
			a, b, ok := splitScales(g, scaled.Inputs[1-side], g.Known(product.Inputs[1]).Const.Dim(1))
			if !ok {
				continue
			}
			inputs := append([]string(nil), product.Inputs...)
			for len(inputs) < 4 {
				inputs = append(inputs, "")
			}
			scaled.Name, scaled.OpType, scaled.Domain = product.Name, "FusedMatMulInteger", Domain
			scaled.Inputs = append(inputs, a, b)
			gone[cast], gone[product] = true, true
			count++
			break
		}
	}
	if count == 0 {
		return 0, nil
	}
	g.RequireOpset(Domain, 1)
	g.Remove(gone)
	return count, g.Refresh()
}

// constantRight reports whether the right side of a MatMulInteger is a constant
// matrix with constant zero points, one or one a column, and the left side has
// one zero point at most.
func constantRight(g *Graph, n *onnx.Node) bool {
	w := g.Known(n.Inputs[1]).Const
	if w == nil || w.Rank() != 2 || len(n.Inputs) > 4 {
		return false
	}
	if len(n.Inputs) > 2 && n.Inputs[2] != "" && !isOne(g, n.Inputs[2]) {
		return false
	}
	if len(n.Inputs) > 3 && n.Inputs[3] != "" {
		zero := g.Known(n.Inputs[3]).Const
		return zero != nil && zero.Rank() <= 1 && (zero.Len() == 1 || zero.Len() == w.Dim(1))
	}
	return true
}

// splitScales finds the scales of A, one value, and of B, constant for n columns,
// whose product a value is.
func splitScales(g *Graph, name string, n int) (a, b string, ok bool) {
	mul := g.Maker(name)
	if !Is(mul, "Mul") || len(mul.Inputs) != 2 {
		return "", "", false
	}
	for side := range 2 {
		a, b = mul.Inputs[side], mul.Inputs[1-side]
		c := g.Known(b).Const
		if c != nil && c.DType() == tensor.Float32 && c.Rank() <= 1 && (c.Len() == 1 || c.Len() == n) && isOne(g, a) && isFloat32(g, a) {
			return a, b, true
		}
	}
	return "", "", false
}

// isOne reports whether a value is known to be a scalar.
func isOne(g *Graph, name string) bool {
	t := g.Known(name).Type
	return t != nil && t.Kind == onnx.TypeTensor && t.Shape != nil && len(t.Shape.Dims) == 0
}
