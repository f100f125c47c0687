// Package reduce has the rules of reductions over axes.
package reduce

import (
	"slices"

	"github.com/seed6700ada1/infer/finetune/grad/rule"
)

// Rules is the list of this family.
var Rules = []rule.Rule{
	over("ReduceSum", func(c *rule.Context, r reduction) string { return r.g }),
	over("ReduceMean", func(c *rule.Context, r reduction) string {
		return c.Div(r.g, c.Div(c.Cast(elements(c, r.x), c.DType(r.g)), c.Cast(elements(c, r.y), c.DType(r.g))))
	}),
	over("ReduceMax", shares),
	over("ReduceMin", shares),
	// y/x for each factor; a factor of 0 has a gradient that this does not see
	over("ReduceProd", func(c *rule.Context, r reduction) string { return c.Div(c.Mul(r.g, r.y), r.x) }),
	over("ReduceL1", func(c *rule.Context, r reduction) string { return c.Mul(r.g, c.Sign(r.x)) }),
	over("ReduceL2", func(c *rule.Context, r reduction) string {
		// where all is 0, so is the gradient
		zero := c.Equal(r.y, c.Scalar(r.y, 0))
		return c.Mul(r.x, c.Div(r.g, c.Where(zero, c.Scalar(r.y, 1), r.y)))
	}),
	over("ReduceSumSquare", func(c *rule.Context, r reduction) string { return c.Scale(c.Mul(r.g, r.x), 2) }),
	over("ReduceLogSum", func(c *rule.Context, r reduction) string { return c.Div(r.g, c.Exp(r.y)) }),
	over("ReduceLogSumExp", func(c *rule.Context, r reduction) string { return c.Mul(r.g, c.Exp(c.Sub(r.x, r.y))) }),
}

// reduction is a node whose result and gradient have got the reduced axes back,
// with a size of 1.
type reduction struct{ x, y, g string }

// over is the rule of a reduction: f gives the gradient, which may still lack
// the repetition along the reduced axes.
func over(op string, f func(*rule.Context, reduction) string) rule.Rule {
	return rule.Rule{Op: op, Grad: func(c *rule.Context) {
		x := c.X(0)
		axes, all, ok := axesOf(c)
		if !ok {
			return
		}
		r := reduction{x: x, y: c.Y(0), g: c.G(0)}
		if !c.Attrs.Bool("keepdims", true) {
			if all {
				axes = nil
				for i := range c.Rank(x) {
					axes = append(axes, i)
				}
			}
			r.y, r.g = c.Unsqueeze(r.y, axes...), c.Unsqueeze(r.g, axes...)
		}
		c.Set(0, c.ExpandLike(f(c, r), x))
	}}
}

// axesOf reads the axes, from the front and in order. all says that the node
// names none and so reduces over every axis.
func axesOf(c *rule.Context) (axes []int, all, ok bool) {
	axes = c.Attrs.Ints("axes")
	if c.Has(1) {
		list, known := c.KnownInts(c.X(1))
		if !known {
			c.Failf("the axes are not known before the graph runs")
			return nil, false, false
		}
		axes = list
	}
	if len(axes) == 0 && c.Attrs.Bool("noop_with_empty_axes", false) {
		c.Failf("no axes and noop_with_empty_axes: not a reduction")
		return nil, false, false
	}
	rank := c.Rank(c.X(0))
	list := slices.Clone(axes)
	for i, a := range list {
		if a < 0 {
			list[i] = a + rank
		}
	}
	slices.Sort(list)
	return list, len(list) == 0, true
}

// elements is the number of elements of a value, an int64.
func elements(c *rule.Context, x string) string {
	return c.Builder.Node("Size", []string{x})
}

// shares sends g to the extreme elements, in equal parts.
func shares(c *rule.Context, r reduction) string {
	axes, _, _ := axesOf(c)
	picked := c.CastLike(c.Equal(r.x, r.y), r.g)
	return c.Mul(picked, c.Div(r.g, c.ReduceSum(picked, axes, true)))
}
