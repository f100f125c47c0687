package norm

import "github.com/seed6700ada1/infer/finetune/grad/rule"

// normalized is the gradient of x̂ = (x − mean)·r, r = 1/√(variance + ε), with
// mean and variance over axes, given h, the gradient of x̂:
//
//	r·(h − mean(h) − x̂·mean(h·x̂))
//
// centred says whether the mean is taken off; without it the middle term is none.
func normalized(c *rule.Context, h, xhat, r string, axes []int, centred bool) string {
	d := c.Sub(h, c.Mul(xhat, c.ReduceMean(c.Mul(h, xhat), axes, true)))
	if centred {
		d = c.Sub(d, c.ReduceMean(h, axes, true))
	}
	return c.Mul(r, d)
}

// statistics makes x̂ and r again.
func statistics(c *rule.Context, x string, axes []int, epsilon float64, centred bool) (xhat, r string) {
	if centred {
		x = c.Sub(x, c.ReduceMean(x, axes, true))
	}
	r = c.Reciprocal(c.Sqrt(c.Shift(c.ReduceMean(c.Square(x), axes, true), epsilon)))
	return c.Mul(x, r), r
}

// overLast lists the axes from one on.
func overLast(c *rule.Context) []int {
	var axes []int
	for i := c.Axis(-1); i < c.Rank(c.X(0)); i++ {
		axes = append(axes, i)
	}
	return axes
}

// alike is the gradient of y = x̂·scale + bias.
func alike(c *rule.Context, centred bool) {
	if !c.OnlyFirst() {
		return
	}
	x, scale, g := c.X(0), c.X(1), c.G(0)
	axes := overLast(c)
	xhat, r := statistics(c, x, axes, epsilon(c), centred)
	c.SetIf(0, func() string { return normalized(c, c.Mul(g, scale), xhat, r, axes, centred) })
	c.SetIf(1, func() string { return c.SumTo(c.Mul(g, xhat), scale) })
	c.SetIf(2, func() string { return c.SumTo(g, c.X(2)) })
}

func epsilon(c *rule.Context) float64 { return float64(c.Attrs.Float("epsilon", 1e-5)) }

var (
	layerNormalization           = rule.Rule{Op: "LayerNormalization", Grad: func(c *rule.Context) { alike(c, true) }}
	rmsNormalization             = rule.Rule{Op: "RMSNormalization", Grad: func(c *rule.Context) { alike(c, false) }}
	simplifiedLayerNormalization = rule.Rule{Op: "SimplifiedLayerNormalization", Grad: func(c *rule.Context) { alike(c, false) }}
)

// The operators of com.microsoft that add a skipped connection first: output 3
// is that sum.
var (
	skipLayerNormalization           = skip("SkipLayerNormalization", true)
	skipSimplifiedLayerNormalization = skip("SkipSimplifiedLayerNormalization", false)
)

func skip(op string, centred bool) rule.Rule {
	return rule.Rule{Op: op, Domain: "com.microsoft", Expand: func(c *rule.Context) {
		sum := c.Add(c.X(0), c.X(1))
		bias := 3
		if centred {
			bias = 4
		}
		if c.Has(bias) {
			sum = c.Add(sum, c.X(bias))
		}
		axes := []int{c.Rank(c.X(0)) - 1}
		xhat, _ := statistics(c, sum, axes, epsilon(c), centred)
		y := c.Mul(xhat, c.X(2))
		if centred && c.Has(3) {
			y = c.Add(y, c.X(3))
		}
		c.Result(0, y)
		c.Result(3, sum)
	}}
}
