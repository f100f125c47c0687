package passes

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// fuseRMSNorm finds the division by the root of the mean of squares as
// exporters write it before opset 23,
//
//	x / √(mean(x²) + ε) · scale
//
// with x² as a product or a power, and the quotient as one or as a product with
// the inverse; and makes one SimplifiedLayerNormalization of it.
var fuseRMSNorm = Pass{
	Name: "fuse-rms-norm",
	Why:  "seven nodes over one row each become one",
	Run:  runFuseRMSNorm,
}

func runFuseRMSNorm(g *Graph) (int, error) {
	if g.Registry.Find("", "SimplifiedLayerNormalization", 1) == nil {
		return 0, nil
	}
	gone := map[*onnx.Node]bool{}
	changed := 0
	for _, n := range g.Nodes() {
		r, ok := matchRMSNorm(g, n)
		if !ok {
			continue
		}
		changed++
		for _, part := range r.parts {
			gone[part] = true
		}
		n.OpType, n.Inputs = "SimplifiedLayerNormalization", []string{r.x, r.scale}
		n.Attributes = []*onnx.Attribute{
			intAttr("axis", -1), {Name: "epsilon", Type: onnx.AttrFloat, Float: r.epsilon}, intAttr("stash_type", 1),
		}
	}
	if changed == 0 {
		return 0, nil
	}
	g.Remove(gone)
	return changed, g.Refresh()
}

// rmsNorm is one that was found.
type rmsNorm struct {
	x, scale string
	epsilon  float32
	parts    []*onnx.Node
}

// matchRMSNorm matches the last multiplication, by the scale.
func matchRMSNorm(g *Graph, last *onnx.Node) (rmsNorm, bool) {
	if !Is(last, "Mul") || !isFloat32(g, last.Inputs[0]) {
		return rmsNorm{}, false
	}
	for side := range 2 {
		r := rmsNorm{scale: last.Inputs[1-side]}
		scale, x := g.Known(r.scale).Const, dimsOf(g, last.Inputs[side])
		if scale == nil || scale.Rank() != 1 || scale.DType() != tensor.Float32 || len(x) == 0 || int(x[len(x)-1].Value) != scale.Dim(0) {
			continue
		}
		if r.normalized(g, last.Inputs[side]) {
			return r, true
		}
	}
	return rmsNorm{}, false
}

// normalized matches x/√… or x·(1/√…).
func (r *rmsNorm) normalized(g *Graph, name string) bool {
	if div := onlyUse(g, name, "Div"); div != nil {
		r.x = div.Inputs[0]
		return r.root(g, div.Inputs[1], div)
	}
	mul := onlyUse(g, name, "Mul")
	if mul == nil {
		return false
	}
	for side := range 2 {
		inverse := g.Maker(mul.Inputs[side])
		if inverse == nil || g.Users(mul.Inputs[side]) != 1 {
			continue
		}
		r.x = mul.Inputs[1-side]
		switch {
		case Is(inverse, "Div") && isScalar(g, inverse.Inputs[0], 1):
			return r.root(g, inverse.Inputs[1], mul, inverse)
		case Is(inverse, "Reciprocal"):
			return r.root(g, inverse.Inputs[0], mul, inverse)
		}
	}
	return false
}

// root matches √(mean(x²) + ε).
func (r *rmsNorm) root(g *Graph, name string, behind ...*onnx.Node) bool {
	sqrt := onlyUse(g, name, "Sqrt")
	if sqrt == nil {
		return false
	}
	add := onlyUse(g, sqrt.Inputs[0], "Add")
	if add == nil {
		return false
	}
	for side := range 2 {
		epsilon, ok := scalarOf(g, add.Inputs[1-side])
		mean := onlyUse(g, add.Inputs[side], "ReduceMean")
		if !ok || mean == nil || !overLast(g, mean) {
			continue
		}
		square := g.Maker(mean.Inputs[0])
		if square == nil || g.Users(mean.Inputs[0]) != 1 || !r.squares(g, square) {
			continue
		}
		r.epsilon = float32(epsilon)
		r.parts = append(behind, sqrt, add, mean, square)
		return true
	}
	return false
}

// squares reports whether a node squares x.
func (r *rmsNorm) squares(g *Graph, n *onnx.Node) bool {
	return Is(n, "Mul") && n.Inputs[0] == r.x && n.Inputs[1] == r.x ||
		Is(n, "Pow") && n.Inputs[0] == r.x && isScalar(g, n.Inputs[1], 2)
}

// overLast reports whether a reduction is over the last axis alone, which it
// keeps.
func overLast(g *Graph, n *onnx.Node) bool {
	if keep := n.Attribute("keepdims"); keep != nil && keep.Int != 1 {
		return false
	}
	var axes []int
	if a := n.Attribute("axes"); a != nil {
		for _, v := range a.Ints {
			axes = append(axes, int(v))
		}
	} else if len(n.Inputs) > 1 {
		c := g.Known(n.Inputs[1]).Const
		if c == nil {
			return false
		}
		list, err := ops.IntsOf(c)
		if err != nil {
			return false
		}
		axes = list
	}
	r := rank(g, n.Inputs[0])
	return r > 0 && (slices.Equal(axes, []int{-1}) || slices.Equal(axes, []int{r - 1}))
}
