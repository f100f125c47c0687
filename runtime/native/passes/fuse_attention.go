package passes

import (
	"math"
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// fuseAttention finds attention as exporters write it,
//
//	softmax(s·Q·(s·K)ᵀ + bias)·V
//
// and makes one FusedAttention of the project's domain of it, which never stores
// the scores of all queries. It sees through what stands around: scales on
// either side, keys and values repeated for groups of query heads, heads that
// are moved before rows and back, and the test by which a row without keys
// becomes 0 and not NaN.
var fuseAttention = Pass{
	Name: "fuse-attention",
	Why:  "scores of queries × keys are made, masked, normalized and used while they are in cache",
	Run:  runFuseAttention,
}

func runFuseAttention(g *Graph) (int, error) {
	if g.Registry.Find(Domain, "FusedAttention", 1) == nil {
		return 0, nil
	}
	gone := map[*onnx.Node]bool{}
	changed := 0
	for _, n := range g.Nodes() {
		a, ok := matchAttention(g, n)
		if !ok {
			continue
		}
		changed++
		for _, part := range a.parts {
			gone[part] = true
		}
		a.write(g, n, gone)
	}
	if changed == 0 {
		return 0, nil
	}
	g.RequireOpset(Domain, 1)
	g.Remove(gone)
	return changed, g.Refresh()
}

// attention is one that was found.
type attention struct {
	parts      []*onnx.Node // nodes that nobody needs any more
	q, k, v    string
	bias       string
	rowsFirst  [3]bool // of q, k and v
	scale      float64
	kept       [2]*onnx.Node // scales of q and k that stay nodes of their own, or nil
	emptyIsNaN bool
}

// matchAttention matches the last product of an attention.
func matchAttention(g *Graph, last *onnx.Node) (*attention, bool) {
	if !Is(last, "MatMul") || !isFloat32(g, last.Inputs[0]) || rank(g, last.Outputs[0]) != 4 {
		return nil, false
	}
	a := &attention{scale: 1, emptyIsNaN: true}
	weights := last.Inputs[0]
	if where := onlyUse(g, weights, "Where"); where != nil {
		// Where(IsNaN(w), 0, w)
		isNaN := onlyUse(g, where.Inputs[0], "IsNaN")
		if isNaN == nil || isNaN.Inputs[0] != where.Inputs[2] || g.Users(where.Inputs[2]) != 2 || !isScalar(g, where.Inputs[1], 0) {
			return nil, false
		}
		a.parts = append(a.parts, where, isNaN)
		a.emptyIsNaN = false
		weights = where.Inputs[2]
	} else if g.Users(weights) != 1 {
		return nil, false
	}
	softmax := g.Maker(weights)
	if !Is(softmax, "Softmax") || !alongLast(g, softmax) {
		return nil, false
	}
	a.parts = append(a.parts, softmax)
	if !a.matchScores(g, softmax.Inputs[0]) {
		return nil, false
	}
	a.v = last.Inputs[1]
	a.shareHeads(g)
	a.moveRows(g)
	return a, a.fits(g)
}

// fits reports whether operands are known to have one batch, and keys and
// values as many heads: products broadcast these, the fused node does not.
func (a *attention) fits(g *Graph) bool {
	var batch, heads [3]onnx.Dim
	for i, name := range []string{a.q, a.k, a.v} {
		d := dimsOf(g, name)
		if len(d) != 4 {
			return false
		}
		batch[i], heads[i] = d[0], d[1]
		if a.rowsFirst[i] {
			heads[i] = d[2]
		}
	}
	return dims.Equal(batch[0], batch[1]) && dims.Equal(batch[0], batch[2]) && dims.Equal(heads[1], heads[2]) &&
		heads[0].IsKnown() && heads[1].IsKnown() && heads[1].Value > 0 && heads[0].Value%heads[1].Value == 0
}

// alongLast reports whether a Softmax is over the last axis alone.
func alongLast(g *Graph, n *onnx.Node) bool {
	axis := int64(-1)
	if g.Model.Opset("") < 13 {
		axis = 1 // and all that follow
	}
	if a := n.Attribute("axis"); a != nil {
		axis = a.Int
	}
	return axis == -1 || axis == 3
}

// matchScores matches (scale·) Q·Kᵀ (+ bias).
func (a *attention) matchScores(g *Graph, scores string) bool {
	if add := onlyUse(g, scores, "Add"); add != nil {
		for side := range 2 {
			if product, ok := a.scaled(g, add.Inputs[side]); ok {
				a.parts, a.bias = append(a.parts, add), add.Inputs[1-side]
				return a.matchProduct(g, product) && fitsScores(g, a.bias)
			}
		}
		return false
	}
	product, ok := a.scaled(g, scores)
	return ok && a.matchProduct(g, product)
}

// scaled is the product that makes a value, seen through one scale.
func (a *attention) scaled(g *Graph, name string) (*onnx.Node, bool) {
	if n := onlyUse(g, name, "MatMul"); n != nil {
		return n, true
	}
	inner, factor, scale := scaleOf(g, name)
	if scale == nil {
		return nil, false
	}
	n := onlyUse(g, inner, "MatMul")
	if n == nil {
		return nil, false
	}
	a.parts = append(a.parts, scale)
	a.scale *= factor
	return n, true
}

// scaleOf sees a value as another times a constant; the node is nil where it is
// not.
func scaleOf(g *Graph, name string) (inner string, factor float64, n *onnx.Node) {
	if n = onlyUse(g, name, "Mul"); n != nil {
		for side := range 2 {
			if v, ok := scalarOf(g, n.Inputs[side]); ok {
				return n.Inputs[1-side], v, n
			}
		}
		return "", 0, nil
	}
	if n = onlyUse(g, name, "Div"); n != nil {
		if v, ok := scalarOf(g, n.Inputs[1]); ok && v != 0 {
			return n.Inputs[0], 1 / v, n
		}
	}
	return "", 0, nil
}

// scalarOf is a constant float32 of one element.
func scalarOf(g *Graph, name string) (float64, bool) {
	c := g.Known(name).Const
	if c == nil || c.Len() != 1 || c.Rank() > 1 {
		return 0, false
	}
	data, err := tensor.Data[float32](c)
	if err != nil || math.IsNaN(float64(data[0])) || math.IsInf(float64(data[0]), 0) {
		return 0, false
	}
	return float64(data[0]), true
}

// matchProduct matches (scale·Q)·(scale·Kᵀ).
func (a *attention) matchProduct(g *Graph, product *onnx.Node) bool {
	if rank(g, product.Outputs[0]) != 4 || !isFloat32(g, product.Inputs[0]) {
		return false
	}
	a.parts = append(a.parts, product)
	sides := [2]string{product.Inputs[0], product.Inputs[1]}
	for i, name := range sides {
		inner, factor, scale := scaleOf(g, name)
		if scale == nil {
			continue
		}
		sides[i] = inner
		if significand, _ := math.Frexp(factor); significand != 0.5 && roundsLater(g) {
			a.kept[i] = scale // times a scale, products would round differently
			continue
		}
		a.parts = append(a.parts, scale)
		a.scale *= factor
	}
	a.q = sides[0]
	turn := g.Maker(sides[1])
	if !Is(turn, "Transpose") || turn.Attribute("perm") == nil {
		return false
	}
	switch perm := turn.Attribute("perm").Ints; {
	case slices.Equal(perm, []int64{0, 1, 3, 2}):
	case slices.Equal(perm, []int64{0, 2, 3, 1}): // from rows before heads
		a.rowsFirst[1] = true
	default:
		return false
	}
	a.k = turn.Inputs[0]
	return true
}

func rank(g *Graph, name string) int {
	t := g.Known(name).Type
	if t == nil || t.Kind != onnx.TypeTensor || t.Shape == nil {
		return -1
	}
	return len(t.Shape.Dims)
}

// fitsScores reports whether a bias is known to be float32 of at most the
// scores' rank.
func fitsScores(g *Graph, bias string) bool {
	r := rank(g, bias)
	return isFloat32(g, bias) && r >= 0 && r <= 4
}

// shareHeads looks behind the repetition of keys and values for groups of query
// heads: only if both are repeated alike.
func (a *attention) shareHeads(g *Graph) {
	if a.rowsFirst[1] {
		return
	}
	k, timesK := repeated(g, a.k)
	v, timesV := repeated(g, a.v)
	if timesK > 1 && timesK == timesV {
		a.k, a.v = k, v
	}
}

// repeated sees [B, G·times, T, D] as each head of [B, G, T, D] times times:
// Unsqueeze at 2, Expand there, Reshape.
func repeated(g *Graph, name string) (inner string, times int) {
	reshape := g.Maker(name)
	if !Is(reshape, "Reshape") {
		return "", 0
	}
	expand := g.Maker(reshape.Inputs[0])
	if !Is(expand, "Expand") {
		return "", 0
	}
	unsqueeze := g.Maker(expand.Inputs[0])
	if !Is(unsqueeze, "Unsqueeze") {
		return "", 0
	}
	from, wide, to := dimsOf(g, unsqueeze.Inputs[0]), dimsOf(g, expand.Outputs[0]), dimsOf(g, name)
	one := dimsOf(g, expand.Inputs[0])
	if len(from) != 4 || len(wide) != 5 || len(one) != 5 || len(to) != 4 || !dims.Equal(one[2], onnx.Known(1)) || !wide[2].IsKnown() || !from[1].IsKnown() {
		return "", 0
	}
	for i, axis := range []int{0, 1, 3, 4} { // all but the new one stay as they are
		if !dims.Equal(one[axis], from[i]) || !dims.Equal(wide[axis], from[i]) {
			return "", 0
		}
	}
	times = int(wide[2].Value)
	heads := onnx.Known(int(from[1].Value) * times)
	if !dims.Equal(to[0], from[0]) || !dims.Equal(to[1], heads) || !dims.Equal(to[2], from[2]) || !dims.Equal(to[3], from[3]) {
		return "", 0
	}
	return unsqueeze.Inputs[0], times
}

func dimsOf(g *Graph, name string) []onnx.Dim {
	t := g.Known(name).Type
	if t == nil || t.Shape == nil {
		return nil
	}
	return t.Shape.Dims
}

// headsToFront is the Transpose that brings heads before rows, or back.
func headsToFront(n *onnx.Node) bool {
	return Is(n, "Transpose") && n.Attribute("perm") != nil && slices.Equal(n.Attribute("perm").Ints, []int64{0, 2, 1, 3})
}

// moveRows reads operands from before their heads were moved.
func (a *attention) moveRows(g *Graph) {
	for i, name := range []*string{&a.q, &a.k, &a.v} {
		if n := g.Maker(*name); headsToFront(n) && !a.rowsFirst[i] {
			*name, a.rowsFirst[i] = n.Inputs[0], true
		}
	}
}

// write makes the last product the fused node, and lets it write rows first
// where that is what follows.
func (a *attention) write(g *Graph, last *onnx.Node, gone map[*onnx.Node]bool) {
	attrs := []*onnx.Attribute{{Name: "scale", Type: onnx.AttrFloat, Float: float32(a.scale)}}
	flag := func(name string, on bool) {
		if on {
			attrs = append(attrs, intAttr(name, 1))
		}
	}
	flag("q_rows_first", a.rowsFirst[0])
	flag("k_rows_first", a.rowsFirst[1])
	flag("v_rows_first", a.rowsFirst[2])
	flag("empty_nan", a.emptyIsNaN)
	if back := a.movedBack(g, last.Outputs[0]); back != nil {
		flag("y_rows_first", true)
		last.Outputs = back.Outputs
		gone[back] = true
	}
	a.keepScales(g)
	inputs := []string{a.q, a.k, a.v}
	if a.bias != "" {
		inputs = append(inputs, a.bias)
	}
	last.OpType, last.Domain, last.Inputs, last.Attributes = "FusedAttention", Domain, inputs, attrs
}

// keepScales lets the scales that stay read what was found to be the operands.
func (a *attention) keepScales(g *Graph) {
	for i, operand := range []*string{&a.q, &a.k} {
		scale := a.kept[i]
		if scale == nil {
			continue
		}
		data := 0
		if _, constant := scalarOf(g, scale.Inputs[0]); constant {
			data = 1
		}
		scale.Inputs[data] = *operand
		*operand = g.Fresh(scale.Outputs[0]) // it is not of the shape that it was
		scale.Outputs[0] = *operand
	}
}

// movedBack is the Transpose that follows, if it alone reads the result.
func (a *attention) movedBack(g *Graph, name string) *onnx.Node {
	if g.Users(name) != 1 {
		return nil
	}
	for _, n := range g.Nodes() {
		if headsToFront(n) && n.Inputs[0] == name {
			return n
		}
	}
	return nil
}
