package elementwise

import (
	"github.com/seed6700ada1/infer/finetune/grad/rule"
)

// back sends g to both inputs, each through its function and summed to its
// shape.
func back(c *rule.Context, first, second func() string) {
	c.SetIf(0, func() string { return c.SumTo(first(), c.X(0)) })
	c.SetIf(1, func() string { return c.SumTo(second(), c.X(1)) })
}

var add = rule.Rule{Op: "Add", Grad: func(c *rule.Context) {
	g := func() string { return c.G(0) }
	back(c, g, g)
}}

var sub = rule.Rule{Op: "Sub", Grad: func(c *rule.Context) {
	back(c, func() string { return c.G(0) }, func() string { return c.Neg(c.G(0)) })
}}

var mul = rule.Rule{Op: "Mul", Grad: func(c *rule.Context) {
	back(c,
		func() string { return c.Mul(c.G(0), c.X(1)) },
		func() string { return c.Mul(c.G(0), c.X(0)) })
}}

// ∂(x₀/x₁) is g/x₁ and −g·y/x₁.
var div = rule.Rule{Op: "Div", Grad: func(c *rule.Context) {
	g := c.Div(c.G(0), c.X(1))
	back(c, func() string { return g }, func() string { return c.Neg(c.Mul(g, c.Y(0))) })
}}

// ∂(x₀ˣ¹) is g·x₁·x₀^(x₁−1) and g·y·ln x₀, the latter where x₀ > 0.
var pow = rule.Rule{Op: "Pow", Grad: func(c *rule.Context) {
	x, e := c.X(0), c.CastLike(c.X(1), c.X(0))
	back(c,
		func() string { return c.Mul(c.G(0), c.Mul(e, powerBelow(c, x, e))) },
		func() string {
			positive := c.Greater(x, c.Scalar(x, 0))
			ln := c.Log(c.Where(positive, x, c.Scalar(x, 1)))
			return c.Mask(positive, c.Mul(c.G(0), c.Mul(c.Y(0), ln)))
		})
}}

// powerBelow is x^(e−1), without a power where the exponent is 2.
func powerBelow(c *rule.Context, x, e string) string {
	if list := constants64(c, c.X(1)); len(list) == 1 && list[0] == 2 {
		return x
	}
	return c.Pow(x, c.Shift(e, -1))
}

// mod is x₀ − x₁·⌊x₀/x₁⌋ or, with fmod, with truncation: its slope by x₀ is 1.
var mod = rule.Rule{Op: "Mod", Grad: func(c *rule.Context) {
	if c.Want(1) {
		c.Failf("the gradient of the divisor is not known")
	}
	c.SetIf(0, func() string { return c.SumTo(c.G(0), c.X(0)) })
}}

var sum = rule.Rule{Op: "Sum", Grad: func(c *rule.Context) {
	for i := range c.Node.Inputs {
		c.SetIf(i, func() string { return c.SumTo(c.G(0), c.X(i)) })
	}
}}

var mean = rule.Rule{Op: "Mean", Grad: func(c *rule.Context) {
	g := c.Scale(c.G(0), 1/float64(len(c.Node.Inputs)))
	for i := range c.Node.Inputs {
		c.SetIf(i, func() string { return c.SumTo(g, c.X(i)) })
	}
}}

var (
	maxRule = rule.Rule{Op: "Max", Grad: extreme}
	minRule = rule.Rule{Op: "Min", Grad: extreme}
)

// extreme sends g to the inputs that are equal to the output, in equal shares.
func extreme(c *rule.Context) {
	picked := make([]string, len(c.Node.Inputs))
	for i, x := range c.Node.Inputs {
		picked[i] = c.CastLike(c.Equal(x, c.Y(0)), c.Y(0))
	}
	share := c.Div(c.G(0), c.Total(picked...))
	for i, x := range c.Node.Inputs {
		c.SetIf(i, func() string { return c.SumTo(c.Mul(share, picked[i]), x) })
	}
}

var prelu = rule.Rule{Op: "PRelu", Grad: func(c *rule.Context) {
	x, slope := c.X(0), c.X(1)
	positive := c.Greater(x, c.Scalar(x, 0))
	back(c,
		func() string { return c.Where(positive, c.G(0), c.Mul(c.G(0), slope)) },
		func() string { return c.Where(positive, c.Scalar(x, 0), c.Mul(c.G(0), x)) })
}}

var where = rule.Rule{Op: "Where", Grad: func(c *rule.Context) {
	c.SetIf(1, func() string { return c.SumTo(c.Mask(c.X(0), c.G(0)), c.X(1)) })
	c.SetIf(2, func() string { return c.SumTo(c.Where(c.X(0), c.Scalar(c.G(0), 0), c.G(0)), c.X(2)) })
}}

func castBack(c *rule.Context) {
	c.SetIf(0, func() string { return c.CastLike(c.G(0), c.X(0)) })
}

var (
	cast     = rule.Rule{Op: "Cast", Grad: castBack}
	castLike = rule.Rule{Op: "CastLike", Grad: castBack}
	identity = rule.Rule{Op: "Identity", Grad: func(c *rule.Context) { c.Set(0, c.G(0)) }}
)

// dropout scales what its mask let through. A node that gives out no mask drops
// nothing.
var dropout = rule.Rule{Op: "Dropout", Grad: func(c *rule.Context) {
	if !c.OnlyFirst() {
		return
	}
	training := false
	if c.Has(2) {
		if t := c.Const(c.X(2)); t == nil {
			training = true
		} else if v := boolOf(t); v {
			training = true
		}
	}
	switch {
	case !training:
		c.Set(0, c.G(0))
	case c.Y(1) == "":
		c.Failf("a Dropout that is training has to give out its mask (output 1)")
	default:
		keep := c.Scalar(c.G(0), 0.5)
		if c.Has(1) {
			keep = c.CastLike(c.OneMinus(c.X(1)), c.G(0))
		}
		c.Set(0, c.Mask(c.Y(1), c.Div(c.G(0), keep)))
	}
}}

// dequantize is (x − zero)·scale, of which the scale can be trained where it is
// one number.
var dequantize = rule.Rule{Op: "DequantizeLinear", Grad: func(c *rule.Context) {
	if !c.Want(1) {
		return
	}
	if c.Rank(c.X(1)) != 0 {
		c.Failf("the gradient of a scale that is not one number is not known")
		return
	}
	x := c.Cast(c.X(0), c.DType(c.X(1)))
	if c.Has(2) {
		x = c.Sub(x, c.Cast(c.X(2), c.DType(c.X(1))))
	}
	c.Set(1, c.SumTo(c.Mul(c.G(0), x), c.X(1)))
}}
