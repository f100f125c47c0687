package norm

import (
	"fmt"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/grad/rule"
)

// batchGradient is the gradient of BatchNormalization in training mode: the same
// that [normalized] writes. Before opset 18, means have their axes as an attribute.
func batchGradient(opset int) *emit.Function {
	mean := func(y, x string) string {
		if opset < 18 {
			return fmt.Sprintf(`%s = ReduceMean<axes = "@axes">(%s)`, y, x)
		}
		return fmt.Sprintf(`%s = ReduceMean(%s, axes)`, y, x)
	}
	return &emit.Function{
		Name: "BatchNormalizationGradient", Attributes: []string{"epsilon", "axes", "spread"},
		Body: `(x, scale, g) => (dx, dscale, dbias) {
			axes = Constant<value_ints = "@axes">()
			spread = Constant<value_ints = "@spread">()
			eps0 = Constant<value_float = "@epsilon:float">()
			eps = CastLike(eps0, x)
			` + mean("m", "x") + `
			centred = Sub(x, m)
			squares = Mul(centred, centred)
			` + mean("v", "squares") + `
			v1 = Add(v, eps)
			d = Sqrt(v1)
			xhat = Div(centred, d)
			dbias = ReduceSum<keepdims = 0>(g, axes)
			gx = Mul(g, xhat)
			dscale = ReduceSum<keepdims = 0>(gx, axes)
			` + mean("mg", "g") + `
			` + mean("mgx", "gx") + `
			a = Mul(xhat, mgx)
			b = Sub(g, mg)
			c = Sub(b, a)
			s = Unsqueeze(scale, spread)
			k = Div(s, d)
			dx = Mul(c, k)
		}`,
	}
}

// trainBatch sets the gradients by way of the function.
func trainBatch(c *rule.Context, axes []int) {
	rank := c.Rank(c.X(0))
	d := c.CallFunction(batchGradient(c.Opset()), 3, []string{c.X(0), c.X(1), c.G(0)},
		emit.FloatAttr("epsilon", float32(epsilon(c))), emit.IntsAttr("axes", axes...), emit.IntsAttr("spread", emit.Axes(1, rank-1)...))
	for i, g := range d {
		c.Set(i, g)
	}
}
