package movement

import (
	"slices"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/grad/rule"
)

// sameElements is the gradient of operators that keep the order of elements.
func sameElements(c *rule.Context) {
	c.SetIf(0, func() string { return c.ReshapeLike(c.G(0), c.X(0)) })
}

var reshapes = []rule.Rule{
	{Op: "Reshape", Grad: sameElements},
	{Op: "Flatten", Grad: sameElements},
	{Op: "Squeeze", Grad: sameElements},
	{Op: "Unsqueeze", Grad: sameElements},
}

// transpose is undone by the inverse permutation.
var transpose = rule.Rule{Op: "Transpose", Grad: func(c *rule.Context) {
	perm := c.Attrs.Ints("perm")
	if perm == nil {
		for i := range c.Rank(c.X(0)) {
			perm = append(perm, i)
		}
		slices.Reverse(perm)
	}
	inverse := make([]int, len(perm))
	for i, p := range perm {
		if p < 0 || p >= len(perm) {
			c.Failf("perm %v is no permutation", perm)
			return
		}
		inverse[p] = i
	}
	c.Set(0, c.Transpose(c.G(0), inverse...))
}}

// concat gives each input its part of g.
var concat = rule.Rule{Op: "Concat", Grad: func(c *rule.Context) {
	axis := c.Axis(0)
	sizes := make([]string, len(c.Node.Inputs))
	for i, x := range c.Node.Inputs {
		sizes[i] = c.Size(x, axis)
	}
	for i, part := range splitBy(c, c.G(0), sizes, axis) {
		c.SetIf(i, func() string { return part })
	}
}}

// splitBy cuts x into pieces whose sizes are int64 lists of one element.
func splitBy(c *rule.Context, x string, sizes []string, axis int) []string {
	if len(sizes) == 1 {
		return []string{x}
	}
	if c.Opset() >= 13 {
		return c.Nodes("Split", len(sizes), []string{x, c.Concat(0, sizes...)}, emit.IntAttr("axis", axis))
	}
	list := make([]int, len(sizes))
	for i, s := range sizes {
		v, ok := c.KnownInts(s)
		if !ok {
			c.Failf("the sizes of its inputs are not known, which needs opset 13")
			return make([]string, len(sizes))
		}
		list[i] = v[0]
	}
	return c.Nodes("Split", len(sizes), []string{x}, emit.IntAttr("axis", axis), emit.IntsAttr("split", list...))
}

// split joins the gradients of the pieces; those of pieces that are not used are
// zeros.
var split = rule.Rule{Op: "Split", Grad: func(c *rule.Context) {
	parts := make([]string, len(c.Node.Outputs))
	for i := range parts {
		if parts[i] = c.G(i); parts[i] == "" {
			if c.Y(i) == "" {
				c.Failf("output %d has no name", i)
				return
			}
			parts[i] = c.Zeros(c.Y(i))
		}
	}
	c.Set(0, c.Concat(c.Axis(0), parts...))
}}

// expand is undone by a sum. What it repeats is told by comparing its input with
// its output.
var expand = rule.Rule{Op: "Expand", Grad: func(c *rule.Context) {
	c.Set(0, c.SumTo(c.G(0), c.X(0)))
}}

// tile adds up the copies. With known repeats, by setting them out along axes of
// their own.
var tile = rule.Rule{Op: "Tile", Grad: func(c *rule.Context) {
	x, repeats := c.X(0), c.X(1)
	list, ok := c.KnownInts(repeats)
	d, known := c.Dims(x)
	if !ok || !known || len(list) != len(d) || slices.ContainsFunc(d, unknown) {
		c.Set(0, c.ScatterBack(x, c.G(0), false, func(numbers string) string {
			return c.Builder.Node("Tile", []string{numbers, repeats})
		}))
		return
	}
	var shape, axes []int
	for i, r := range list {
		axes = append(axes, len(shape))
		shape = append(shape, r, int(d[i].Value))
	}
	c.Set(0, c.ReduceSum(c.ReshapeTo(c.G(0), shape...), axes, false))
}}

// trilu cuts the same triangle out of g.
var trilu = rule.Rule{Op: "Trilu", Grad: func(c *rule.Context) {
	c.Set(0, c.Builder.Node("Trilu", []string{c.G(0), c.X(1)}, c.Node.Attributes...))
}}

// cumsum adds up from the other end.
var cumsum = rule.Rule{Op: "CumSum", Grad: func(c *rule.Context) {
	reverse, exclusive := 1, 0
	if c.Attrs.Bool("reverse", false) {
		reverse = 0
	}
	if c.Attrs.Bool("exclusive", false) {
		exclusive = 1
	}
	c.Set(0, c.Builder.Node("CumSum", []string{c.G(0), c.X(1)},
		emit.IntAttr("exclusive", exclusive), emit.IntAttr("reverse", reverse)))
}}
