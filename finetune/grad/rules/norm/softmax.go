package norm

import "github.com/seed6700ada1/infer/finetune/grad/rule"

// softmax has ∂x = y·(g − Σ g·y), the sum over what is normalized together.
var softmax = rule.Rule{Op: "Softmax", Grad: func(c *rule.Context) {
	y, g := c.Y(0), c.G(0)
	c.Set(0, c.Mul(y, c.Sub(g, c.ReduceSum(c.Mul(g, y), softmaxAxes(c), true))))
}}

// logSoftmax has ∂x = g − eʸ·Σ g.
var logSoftmax = rule.Rule{Op: "LogSoftmax", Grad: func(c *rule.Context) {
	y, g := c.Y(0), c.G(0)
	c.Set(0, c.Sub(g, c.Mul(c.Exp(y), c.ReduceSum(g, softmaxAxes(c), true))))
}}

// softmaxAxes lists the axes that are normalized together: before opset 13, all
// from the given one on.
func softmaxAxes(c *rule.Context) []int {
	if c.Opset() >= 13 {
		return []int{c.Axis(-1)}
	}
	var axes []int
	for i := c.Axis(1); i < c.Rank(c.X(0)); i++ {
		axes = append(axes, i)
	}
	return axes
}
