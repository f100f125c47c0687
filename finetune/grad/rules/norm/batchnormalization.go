package norm

import (
	"slices"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/grad/rule"
)

// batchNormalization is y = (x − mean)/√(variance + ε)·scale + bias, by channel.
// Mean and variance are inputs, or in training those of the batch.
var batchNormalization = rule.Rule{Op: "BatchNormalization", Grad: func(c *rule.Context) {
	if !c.OnlyFirst() {
		return
	}
	x, scale, g := c.X(0), c.X(1), c.G(0)
	rank := c.Rank(x)
	axes := []int{0}
	for i := 2; i < rank; i++ {
		axes = append(axes, i)
	}
	// a channel's number as [C, 1, …]
	channel := func(v string) string { return c.Unsqueeze(v, emit.Axes(1, rank-1)...) }
	var xhat, r string
	training := c.Attrs.Bool("training_mode", false)
	if training && c.Opset() >= 15 && rank > 2 {
		trainBatch(c, axes)
		return
	}
	if training {
		xhat, r = statistics(c, x, axes, epsilon(c), true)
	} else {
		r = channel(c.Reciprocal(c.Sqrt(c.Shift(c.X(4), epsilon(c)))))
		xhat = c.Mul(c.Sub(x, channel(c.X(3))), r)
	}
	h := c.Mul(g, channel(scale))
	c.SetIf(0, func() string {
		if training {
			return normalized(c, h, xhat, r, axes, true)
		}
		return c.Mul(h, r)
	})
	sum := func(v string) string { return c.ReduceSum(v, axes, false) }
	c.SetIf(1, func() string { return sum(c.Mul(g, xhat)) })
	c.SetIf(2, func() string { return sum(g) })
	if training {
		return
	}
	c.SetIf(3, func() string { return c.Neg(sum(c.Mul(h, r))) })
	// ∂r/∂variance = −½·r³
	c.SetIf(4, func() string { return c.Scale(sum(c.Mul(c.Mul(h, xhat), c.Square(r))), -0.5) })
}}

// instanceNormalization normalizes each channel of each example.
var instanceNormalization = rule.Rule{Op: "InstanceNormalization", Grad: func(c *rule.Context) {
	x, scale, g := c.X(0), c.X(1), c.G(0)
	rank := c.Rank(x)
	var axes []int
	for i := 2; i < rank; i++ {
		axes = append(axes, i)
	}
	xhat, r := statistics(c, x, axes, epsilon(c), true)
	over := slices.Concat([]int{0}, axes)
	c.SetIf(0, func() string {
		return normalized(c, c.Mul(g, c.Unsqueeze(scale, emit.Axes(1, rank-1)...)), xhat, r, axes, true)
	})
	c.SetIf(1, func() string { return c.ReduceSum(c.Mul(g, xhat), over, false) })
	c.SetIf(2, func() string { return c.ReduceSum(g, over, false) })
}}

// groupNormalization normalizes groups of channels of each example; written out,
// since its scale is by group before opset 21 and by channel from then on.
var groupNormalization = rule.Rule{Op: "GroupNormalization", Expand: func(c *rule.Context) {
	x := c.X(0)
	d, ok := c.Dims(x)
	groups := int(c.Attrs.Int("num_groups", 1))
	if !ok || len(d) < 2 || !d[1].IsKnown() || groups < 1 {
		c.Failf("the number of channels is not known")
		return
	}
	channels := int(d[1].Value)
	// [N, G, C/G, everything else]
	grouped := c.ReshapeTo(x, 0, groups, channels/groups, -1)
	xhat, _ := statistics(c, grouped, []int{2, 3}, epsilon(c), true)
	parameter := func(v string) string {
		if c.Opset() < 21 {
			return c.ReshapeTo(v, 1, groups, 1, 1)
		}
		return c.ReshapeTo(v, 1, groups, channels/groups, 1)
	}
	y := c.Add(c.Mul(xhat, parameter(c.X(1))), parameter(c.X(2)))
	c.Result(0, c.ReshapeLike(y, x))
}}

// lpNormalization divides by the norm along an axis.
var lpNormalization = rule.Rule{Op: "LpNormalization", Expand: func(c *rule.Context) {
	x, axis := c.X(0), []int{c.Axis(-1)}
	if c.Attrs.Int("p", 2) == 1 {
		c.Result(0, c.Div(x, c.ReduceSum(c.Abs(x), axis, true)))
		return
	}
	c.Result(0, c.Div(x, c.Sqrt(c.ReduceSum(c.Square(x), axis, true))))
}}

// lrn is x/(bias + α/size·Σ x²)^β, the sum over neighbouring channels: it is
// written out as a mean over them.
var lrn = rule.Rule{Op: "LRN", Expand: func(c *rule.Context) {
	x := c.X(0)
	size := int(c.Attrs.Int("size", 1))
	alpha, beta := float64(c.Attrs.Float("alpha", 1e-4)), float64(c.Attrs.Float("beta", 0.75))
	rank := c.Rank(x)
	d, ok := c.Dims(x)
	if !ok || rank < 2 || !d[1].IsKnown() {
		c.Failf("the number of channels is not known")
		return
	}
	before, after := (size-1)/2, size/2
	pads := make([]int, 2*rank)
	pads[1], pads[rank+1] = before, after
	squares := c.Pad(c.Square(x), pads...)
	var parts []string
	for k := range size {
		parts = append(parts, c.Slice(squares, 1, k, k+int(d[1].Value)))
	}
	sum := c.Scale(c.Total(parts...), alpha/float64(size))
	base := c.Shift(sum, float64(c.Attrs.Float("bias", 1)))
	c.Result(0, c.Div(x, c.Pow(base, c.Scalar(base, beta))))
}}
