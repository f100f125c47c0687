package linear

import (
	"github.com/seed6700ada1/infer/finetune/grad/rule"
)

// matmul is y = x₀·x₁, with
//
//	∂x₀ = g·x₁ᵀ   ∂x₁ = x₀ᵀ·g
//
// summed over the leading dimensions that were broadcast. Vectors are matrices
// of one row or one column.
var matmul = rule.Rule{Op: "MatMul", Grad: func(c *rule.Context) {
	x, w, g := c.X(0), c.X(1), c.G(0)
	rx, rw := c.Rank(x), c.Rank(w)
	xm, wm := x, w
	if rx == 1 {
		xm = c.Unsqueeze(x, 0)
	}
	if rw == 1 {
		wm = c.Unsqueeze(w, 1)
	}
	switch {
	case rx == 1 && rw == 1:
		g = c.ReshapeTo(g, 1, 1)
	case rx == 1:
		g = c.Unsqueeze(g, c.Rank(g)-1)
	case rw == 1:
		g = c.Unsqueeze(g, c.Rank(g))
	}
	c.SetIf(0, func() string {
		d := c.SumTo(c.MatMul(g, c.Swap(wm, -2, -1)), xm)
		if rx == 1 {
			d = c.Squeeze(d, 0)
		}
		return d
	})
	c.SetIf(1, func() string {
		d := productOfRows(c, xm, g, wm)
		if rw == 1 {
			d = c.Squeeze(d, 1)
		}
		return d
	})
}}

// productOfRows is xᵀ·g for the gradient of w. Where w is a matrix and x a stack
// of them, rows of the stack are taken together: one product instead of many and
// a sum.
func productOfRows(c *rule.Context, x, g, w string) string {
	if c.Rank(w) == 2 && c.Rank(x) > 2 {
		dx, _ := c.Dims(x)
		dg, _ := c.Dims(g)
		k, n := dx[len(dx)-1], dg[len(dg)-1]
		if k.IsKnown() && n.IsKnown() && c.SameLeading(x, g) {
			x = c.ReshapeTo(x, -1, int(k.Value))
			g = c.ReshapeTo(g, -1, int(n.Value))
		}
	}
	return c.SumTo(c.MatMul(c.Swap(x, -2, -1), g), w)
}

// gemm is y = α·A′·B′ + β·C, where A′ and B′ are A and B or their transposes.
var gemm = rule.Rule{Op: "Gemm", Grad: func(c *rule.Context) {
	a, b, g := c.X(0), c.X(1), c.G(0)
	alpha, beta := float64(c.Attrs.Float("alpha", 1)), float64(c.Attrs.Float("beta", 1))
	ta, tb := c.Attrs.Bool("transA", false), c.Attrs.Bool("transB", false)
	product := func(x, y string, tx, ty bool) string {
		if tx {
			x = c.Transpose(x, 1, 0)
		}
		if ty {
			y = c.Transpose(y, 1, 0)
		}
		return c.Scale(c.MatMul(x, y), alpha)
	}
	c.SetIf(0, func() string {
		if ta {
			return product(b, g, tb, true) // (g·B′ᵀ)ᵀ
		}
		return product(g, b, false, !tb)
	})
	c.SetIf(1, func() string {
		if tb {
			return product(g, a, true, ta) // (A′ᵀ·g)ᵀ
		}
		return product(a, g, !ta, false)
	})
	c.SetIf(2, func() string { return c.SumTo(c.Scale(g, beta), c.X(2)) })
}}
