package passes

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// fuseGelu finds the exact GELU as exporters write it before opset 20,
//
//	x · (1 + erf(x/√2)) · ½
//
// with the factors in any order, and makes one com.microsoft.Gelu of it.
var fuseGelu = Pass{
	Name: "fuse-gelu",
	Why:  "five passes over memory become one",
	Run:  runFuseGelu,
}

// microsoft is the domain of ONNX Runtime's own operators.
const microsoft = "com.microsoft"

func runFuseGelu(g *Graph) (int, error) {
	if g.Registry.Find(microsoft, "Gelu", 1) == nil {
		return 0, nil
	}
	gone := map[*onnx.Node]bool{}
	for _, n := range g.Nodes() {
		x, parts, ok := matchGelu(g, n)
		if !ok {
			continue
		}
		for _, p := range parts {
			gone[p] = true
		}
		n.OpType, n.Domain, n.Inputs, n.Attributes = "Gelu", microsoft, []string{x}, nil
	}
	if len(gone) == 0 {
		return 0, nil
	}
	g.RequireOpset(microsoft, 1)
	g.Remove(gone)
	return len(gone), g.Refresh()
}

// matchGelu matches the last multiplication of a GELU of x. The product of x,
// ½ and 1 + erf(…) may be grouped either way.
func matchGelu(g *Graph, last *onnx.Node) (x string, parts []*onnx.Node, ok bool) {
	if !Is(last, "Mul") || len(last.Inputs) != 2 {
		return "", nil, false
	}
	for side := range 2 {
		inner := onlyUse(g, last.Inputs[side], "Mul")
		other := last.Inputs[1-side]
		if inner == nil {
			continue
		}
		for k := range 2 {
			a, b := inner.Inputs[k], inner.Inputs[1-k]
			// {x, half, one + erf} in some order among other, a and b
			for _, order := range [][3]string{{a, b, other}, {a, other, b}, {other, a, b}} {
				x, half, sum := order[0], order[1], order[2]
				if !isScalar(g, half, 0.5) {
					continue
				}
				if tail, ok := matchErf(g, sum, x); ok {
					return x, append(tail, inner), true
				}
			}
		}
	}
	return "", nil, false
}

// matchErf matches 1 + erf(x/√2).
func matchErf(g *Graph, sum, x string) ([]*onnx.Node, bool) {
	add := onlyUse(g, sum, "Add")
	if add == nil {
		return nil, false
	}
	for side := range 2 {
		erf := onlyUse(g, add.Inputs[side], "Erf")
		if erf == nil || !isScalar(g, add.Inputs[1-side], 1) {
			continue
		}
		scale := g.Maker(erf.Inputs[0])
		if scale == nil || g.Users(erf.Inputs[0]) != 1 {
			return nil, false
		}
		byDiv := Is(scale, "Div") && scale.Inputs[0] == x && isScalar(g, scale.Inputs[1], math.Sqrt2)
		byMul := Is(scale, "Mul") && (scale.Inputs[0] == x && isScalar(g, scale.Inputs[1], 1/math.Sqrt2) ||
			scale.Inputs[1] == x && isScalar(g, scale.Inputs[0], 1/math.Sqrt2))
		return []*onnx.Node{add, erf, scale}, byDiv || byMul
	}
	return nil, false
}

// onlyUse is the node that makes a value, if it applies that operator and
// nobody else reads the value.
func onlyUse(g *Graph, name, op string) *onnx.Node {
	n := g.Maker(name)
	if !Is(n, op) || g.Users(name) != 1 {
		return nil
	}
	return n
}

// isScalar reports whether a value is a constant float32 of one element that is
// v to six digits.
func isScalar(g *Graph, name string, v float64) bool {
	c := g.Known(name).Const
	if c == nil || c.Len() != 1 {
		return false
	}
	data, err := tensor.Data[float32](c)
	return err == nil && math.Abs(float64(data[0])-v) <= 1e-6*math.Abs(v)
}
