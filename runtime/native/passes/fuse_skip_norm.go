package passes

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
)

// fuseSkipNorm makes Add and LayerNormalization one com.microsoft
// SkipLayerNormalization where ONNX Runtime does, in graphs that quantise what
// they compute.
//
// That operator takes moments in another way than LayerNormalization, and its
// last bits differ. Rounded to 8 bits next, one of them can become a whole step,
// which grows through the layers: sentence embeddings were 1e-2 off. Elsewhere
// a residual is better added by the product before it.
//
// ONNX Runtime fuses a sum of two tensors of rank 3 that it knows to be of one
// shape. It does not look through a computed Reshape as this project's inference
// does, so that what counts is narrower than equal shapes: sizes in numbers, or
// one operand made of the other by nodes that each keep the leading dimensions.
var fuseSkipNorm = Pass{
	Name: "fuse-skip-norm",
	Why:  "before a dynamic quantisation, a sum is to be normalized to the last bit as ONNX Runtime does",
	Run:  runFuseSkipNorm,
}

func runFuseSkipNorm(g *Graph) (int, error) {
	if !roundsLater(g) || g.Registry.Find(microsoft, "SkipLayerNormalization", 1) == nil {
		return 0, nil
	}
	gone := map[*onnx.Node]bool{}
	for _, norm := range g.Nodes() {
		if !Is(norm, "LayerNormalization") || len(norm.Outputs) != 1 || !isFloat32(g, norm.Outputs[0]) || !normsLast(norm) {
			continue
		}
		sum := onlyUse(g, norm.Inputs[0], "Add")
		if sum == nil || !oneShape(g, sum.Inputs[0], sum.Inputs[1]) {
			continue
		}
		epsilon := &onnx.Attribute{Name: "epsilon", Type: onnx.AttrFloat, Float: 1e-5}
		if a := norm.Attribute("epsilon"); a != nil {
			epsilon = a
		}
		norm.OpType, norm.Domain, norm.Attributes = "SkipLayerNormalization", microsoft, []*onnx.Attribute{epsilon}
		norm.Inputs = append(slices.Clone(sum.Inputs), norm.Inputs[1:]...)
		gone[sum] = true
	}
	if len(gone) == 0 {
		return 0, nil
	}
	g.RequireOpset(microsoft, 1)
	g.Remove(gone)
	return len(gone), g.Refresh()
}

// roundsLater reports whether the graph quantises what it computes.
func roundsLater(g *Graph) bool {
	return slices.ContainsFunc(g.Nodes(), func(n *onnx.Node) bool { return Is(n, "DynamicQuantizeLinear") })
}

// normsLast reports whether a LayerNormalization of rank 3 is over the last axis
// alone.
func normsLast(n *onnx.Node) bool {
	a := n.Attribute("axis")
	return a == nil || a.Int == -1 || a.Int == 2
}

// oneShape reports whether ONNX Runtime knows that values of rank 3 are of one
// shape; see [fuseSkipNorm].
func oneShape(g *Graph, a, b string) bool {
	x := dimsOf(g, a)
	if len(x) != 3 || !dims.SameShape(g.Known(a).Type, g.Known(b).Type) {
		return false
	}
	return allKnown(x) || comesFrom(g, a, b) || comesFrom(g, b, a)
}

func allKnown(shape []onnx.Dim) bool {
	_, ok := dims.Concrete(shape)
	return ok
}

// elementwise are operators of one input that keep its shape.
var elementwise = []string{"Cast", "DynamicQuantizeLinear", "Erf", "Gelu", "LayerNormalization", "Relu", "Sigmoid", "Tanh"}

// comesFrom reports whether a value is made of another by nodes that keep all
// dimensions but the last.
func comesFrom(g *Graph, name, source string) bool {
	const far = 32 // nodes
	for range far {
		if name == source {
			return true
		}
		n := g.Maker(name)
		switch {
		case n == nil || n.Outputs[0] != name:
			return false
		case slices.Contains(elementwise, n.OpType),
			isFused(n, "FusedMatMulInteger") && len(n.Inputs) <= biasInput(n)+1,
			Is(n, "MatMul") && rank(g, n.Inputs[1]) == 2 && g.Known(n.Inputs[1]).Const != nil:
			name = n.Inputs[0]
		case len(n.Inputs) == 2 && (Is(n, "Add") || Is(n, "Mul") || Is(n, "Div")):
			side := slices.IndexFunc(n.Inputs, func(in string) bool { return g.Known(in).Const != nil && rank(g, in) <= 1 })
			if side < 0 {
				return false
			}
			name = n.Inputs[1-side]
		default:
			return false
		}
	}
	return false
}
