package elementwise

import (
	"math"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/grad/rule"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// slope makes the derivative of a function of one variable at x, where its value
// is y.
type slope func(c *rule.Context, x, y string) string

// of is the rule of a function with that slope.
func of(op string, f slope) rule.Rule {
	return rule.Rule{Op: op, Grad: func(c *rule.Context) {
		c.Set(0, c.Mul(c.G(0), f(c, c.X(0), c.Y(0))))
	}}
}

// direct is the rule of a function whose gradient is better not written as a
// product with its slope.
func direct(op string, f func(c *rule.Context, g, x, y string) string) rule.Rule {
	return rule.Rule{Op: op, Grad: func(c *rule.Context) { c.Set(0, f(c, c.G(0), c.X(0), c.Y(0))) }}
}

// unary is a table, a line a function. At a kink it takes the side that PyTorch
// takes.
var unary = []rule.Rule{
	direct("Neg", func(c *rule.Context, g, _, _ string) string { return c.Neg(g) }),
	of("Abs", func(c *rule.Context, x, _ string) string { return c.Sign(x) }),
	of("Exp", func(_ *rule.Context, _, y string) string { return y }),
	direct("Log", func(c *rule.Context, g, x, _ string) string { return c.Div(g, x) }),
	direct("Sqrt", func(c *rule.Context, g, _, y string) string { return c.Div(g, c.Scale(y, 2)) }),
	of("Reciprocal", func(c *rule.Context, _, y string) string { return c.Neg(c.Square(y)) }),
	of("Sin", func(c *rule.Context, x, _ string) string { return c.Unary("Cos", x) }),
	of("Cos", func(c *rule.Context, x, _ string) string { return c.Neg(c.Unary("Sin", x)) }),
	of("Tan", func(c *rule.Context, _, y string) string { return c.Shift(c.Square(y), 1) }),
	direct("Asin", func(c *rule.Context, g, x, _ string) string { return c.Div(g, c.Sqrt(c.OneMinus(c.Square(x)))) }),
	direct("Acos", func(c *rule.Context, g, x, _ string) string {
		return c.Neg(c.Div(g, c.Sqrt(c.OneMinus(c.Square(x)))))
	}),
	direct("Atan", func(c *rule.Context, g, x, _ string) string { return c.Div(g, c.Shift(c.Square(x), 1)) }),
	of("Sinh", func(c *rule.Context, x, _ string) string { return c.Unary("Cosh", x) }),
	of("Cosh", func(c *rule.Context, x, _ string) string { return c.Unary("Sinh", x) }),
	direct("Asinh", func(c *rule.Context, g, x, _ string) string { return c.Div(g, c.Sqrt(c.Shift(c.Square(x), 1))) }),
	direct("Acosh", func(c *rule.Context, g, x, _ string) string { return c.Div(g, c.Sqrt(c.Shift(c.Square(x), -1))) }),
	direct("Atanh", func(c *rule.Context, g, x, _ string) string { return c.Div(g, c.OneMinus(c.Square(x))) }),
	of("Tanh", func(c *rule.Context, _, y string) string { return c.OneMinus(c.Square(y)) }),
	of("Sigmoid", func(c *rule.Context, _, y string) string { return c.Mul(y, c.OneMinus(y)) }),
	direct("Relu", func(c *rule.Context, g, x, y string) string {
		if c.Opset() < 15 {
			return c.Mask(c.Greater(x, c.Scalar(x, 0)), g)
		}
		return c.CallFunction(reluGradient, 1, []string{g, y})[0]
	}),
	direct("LeakyRelu", func(c *rule.Context, g, x, _ string) string {
		return c.Where(c.Greater(x, c.Scalar(x, 0)), g, c.Scale(g, alpha(c, "alpha", 0.01)))
	}),
	// α(eˣ − 1) for x < 0, whose slope is y + α
	direct("Elu", func(c *rule.Context, g, x, y string) string {
		return c.Where(c.Greater(x, c.Scalar(x, 0)), g, c.Mul(g, c.Shift(y, alpha(c, "alpha", 1))))
	}),
	direct("Selu", func(c *rule.Context, g, x, y string) string {
		a, s := alpha(c, "alpha", 1.67326319217681884765625), alpha(c, "gamma", 1.05070102214813232421875)
		return c.Where(c.Greater(x, c.Scalar(x, 0)), c.Scale(g, s), c.Mul(g, c.Shift(y, a*s)))
	}),
	// α(e^(x/α) − 1) for x < 0
	direct("Celu", func(c *rule.Context, g, x, y string) string {
		a := alpha(c, "alpha", 1)
		return c.Where(c.Greater(x, c.Scalar(x, 0)), g, c.Mul(g, c.Shift(c.Scale(y, 1/a), 1)))
	}),
	of("Softplus", func(c *rule.Context, x, _ string) string { return c.Unary("Sigmoid", x) }),
	direct("Softsign", func(c *rule.Context, g, x, _ string) string { return c.Div(g, c.Square(c.Shift(c.Unary("Abs", x), 1))) }),
	direct("HardSigmoid", func(c *rule.Context, g, _, y string) string {
		inside := c.And(c.Greater(y, c.Scalar(y, 0)), c.Less(y, c.Scalar(y, 1)))
		return c.Mask(inside, c.Scale(g, alpha(c, "alpha", 0.2)))
	}),
	// x·max(0, min(1, x/6 + ½)): 0, x/3 + ½, 1
	direct("HardSwish", func(c *rule.Context, g, x, _ string) string {
		middle := c.Mul(g, c.Shift(c.Scale(x, 1.0/3), 0.5))
		upper := c.Where(c.Less(x, c.Scalar(x, 3)), middle, g)
		return c.Mask(c.Greater(x, c.Scalar(x, -3)), upper)
	}),
	// x·σ(αx): σ + αx·σ(1 − σ)
	of("Swish", func(c *rule.Context, x, y string) string {
		a := alpha(c, "alpha", 1)
		s := c.Unary("Sigmoid", c.Scale(x, a))
		return c.Add(s, c.Scale(c.Mul(y, c.OneMinus(s)), a))
	}),
	// x·tanh(softplus x): t + x·σ(x)·(1 − t²)
	of("Mish", func(c *rule.Context, x, _ string) string {
		t := c.Unary("Tanh", c.Unary("Softplus", x))
		return c.Add(t, c.Mul(c.Mul(x, c.Unary("Sigmoid", x)), c.OneMinus(c.Square(t))))
	}),
	of("Erf", func(c *rule.Context, x, _ string) string {
		return c.Scale(c.Exp(c.Neg(c.Square(x))), 2/math.Sqrt(math.Pi))
	}),
	direct("ThresholdedRelu", func(c *rule.Context, g, x, _ string) string {
		return c.Mask(c.Greater(x, c.Scalar(x, alpha(c, "alpha", 1))), g)
	}),
	direct("Shrink", func(c *rule.Context, g, x, _ string) string {
		return c.Mask(c.Greater(c.Unary("Abs", x), c.Scalar(x, alpha(c, "lambd", 0.5))), g)
	}),
}

// reluGradient passes g on where the output is above 0.
var reluGradient = &emit.Function{Name: "ReluGradient", Body: `(g, y) => (dx) {
	zero0 = Constant<value_float = 0.0>()
	zero = CastLike(zero0, y)
	above = Greater(y, zero)
	dx = Where(above, g, zero)
}`}

// alpha reads a number of the node.
func alpha(c *rule.Context, name string, def float64) float64 {
	if !c.Attrs.Has(name) {
		return def
	}
	return float64(c.Attrs.Float(name, float32(def)))
}

// gelu is x·Φ(x), whose slope is Φ(x) + x·φ(x); or the approximation by tanh of
// u = √(2/π)·(x + 0.044715·x³), whose slope is
// ½(1 + t) + ½x·(1 − t²)·√(2/π)·(1 + 3·0.044715·x²).
var gelu = rule.Rule{Op: "Gelu", Grad: func(c *rule.Context) {
	c.Set(0, c.Mul(c.G(0), geluSlope(c, c.X(0), c.Attrs.String("approximate", "none"))))
}}

func geluSlope(c *rule.Context, x, approximate string) string {
	if approximate != "tanh" {
		cdf := c.Scale(c.Shift(c.Unary("Erf", c.Scale(x, math.Sqrt2/2)), 1), 0.5)
		pdf := c.Scale(c.Exp(c.Scale(c.Square(x), -0.5)), 1/math.Sqrt(2*math.Pi))
		return c.Add(cdf, c.Mul(x, pdf))
	}
	const k = 0.044715
	root := math.Sqrt(2 / math.Pi)
	x2 := c.Square(x)
	t := c.Unary("Tanh", c.Scale(c.Mul(x, c.Shift(c.Scale(x2, k), 1)), root))
	inner := c.Scale(c.Shift(c.Scale(x2, 3*k), 1), root)
	return c.Scale(c.Add(c.Shift(t, 1), c.Mul(x, c.Mul(c.OneMinus(c.Square(t)), inner))), 0.5)
}

// clip lets through what lies within its bounds, which gradients of their own
// never had.
var clip = rule.Rule{Op: "Clip", Grad: func(c *rule.Context) {
	if c.Want(1) || c.Want(2) {
		c.Failf("the gradient of its bounds is not known")
		return
	}
	x, g := c.X(0), c.G(0)
	low, high := c.X(1), c.X(2)
	if c.Opset() < 11 {
		low = c.Scalar(x, alpha(c, "min", -math.MaxFloat32))
		high = c.Scalar(x, alpha(c, "max", math.MaxFloat32))
	}
	// what lies on a bound passes, as it does in PyTorch
	if low != "" {
		g = c.Where(c.Less(x, low), c.Scalar(x, 0), g)
	}
	if high != "" {
		g = c.Where(c.Greater(x, high), c.Scalar(x, 0), g)
	}
	c.Set(0, g)
}}

// constants are flat wherever they have a derivative.
var constants = []rule.Rule{
	{Op: "Floor", Constant: true},
	{Op: "Ceil", Constant: true},
	{Op: "Round", Constant: true},
	{Op: "Sign", Constant: true},
	{Op: "Hardmax", Constant: true},
	{Op: "Size", Constant: true},
	{Op: "Shape", Constant: true},
	{Op: "RandomNormalLike", Constant: true},
	{Op: "RandomUniformLike", Constant: true},
	{Op: "EyeLike", Constant: true},
}

func boolOf(t *tensor.Tensor) bool {
	v, err := tensor.Data[bool](t)
	return err == nil && len(v) == 1 && v[0]
}

// constants64 is the value of a constant as float64; nil where v is none.
func constants64(c *rule.Context, v string) []float64 {
	t := c.Const(v)
	if t == nil {
		return nil
	}
	list, err := tensor.Float64s(t)
	if err != nil {
		return nil
	}
	return list
}
