package nn

import (
	"slices"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/grad/rule"
)

// withKernel is the most spatial axes for which gradients of convolutions have a
// kernel.
const withKernel = 2

// convDataGradient is the transposed convolution of g with w, cut and padded to the
// shape of x: cut has two zeros and the negative padding in front.
var convDataGradient = &emit.Function{
	Name:       "ConvDataGradient",
	Attributes: []string{"strides", "dilations", "pads", "group", "cut"},
	Body: `(g, w, shape) => (dx) {
		full = ConvTranspose<strides = "@strides", dilations = "@dilations", group = "@group:int">(g, w)
		have = Shape(full)
		more = Sub(shape, have)
		begins = Constant<value_ints = "@cut">()
		ends = Sub(more, begins)
		pads = Concat<axis = 0>(begins, ends)
		dx = Pad(full, pads)
	}`,
}

// convWeightsGradient is the convolution of x with g, in which examples and
// channels are exchanged, and strides and dilations: see [window.correlate].
var convWeightsGradient = &emit.Function{
	Name:       "ConvWeightsGradient",
	Attributes: []string{"strides", "dilations", "pads", "group", "kernel_shape", "swap", "part", "starts", "axes"},
	Body: `(x, g) => (dw) {
		size = Shape(x)
		two = Constant<value_ints = [2]>()
		most = Constant<value_ints = [9]>()
		spatial = Slice(size, two, most)
		zero = Constant<value_ints = [0]>()
		rest = Constant<value_ints = [-1]>()
		groups0 = Constant<value_int = "@group:int">()
		groups = Reshape(groups0, rest)
		apart = Concat<axis = 0>(zero, groups, rest, spatial)
		parts = Reshape(x, apart)
		turned = Transpose<perm = "@part">(parts)
		together = Concat<axis = 0>(zero, rest, spatial)
		data = Reshape(turned, together)
		kernel = Transpose<perm = "@swap">(g)
		full = Conv<strides = "@dilations", dilations = "@strides", pads = "@pads", group = "@group:int">(data, kernel)
		starts = Constant<value_ints = "@starts">()
		ends = Constant<value_ints = "@kernel_shape">()
		axes = Constant<value_ints = "@axes">()
		cut = Slice(full, starts, ends, axes)
		dw = Transpose<perm = "@swap">(cut)
	}`,
}

// dataGradient is the gradient of the input of a convolution.
func (w window) dataGradient(c *rule.Context, g, weights, x string) string {
	n := w.spatial()
	if n > withKernel || c.Opset() < 12 {
		return w.spread(c, g, weights, x, w.group)
	}
	cut := []int{0, 0}
	for _, p := range w.pads[:n] {
		cut = append(cut, -p)
	}
	attrs := append(w.attrs(w.group), emit.IntsAttr("cut", cut...))
	return c.Like(c.CallFunction(convDataGradient, 1, []string{g, weights, c.Shape(x)}, attrs...)[0], x)
}

// swapped exchanges the first two of n + 2 axes.
func swapped(n int) []int { return slices.Concat([]int{1, 0}, emit.Axes(2, 2+n)) }

// regrouped makes [N, group, C, …] into [C, group, N, …].
func regrouped(n int) []int { return slices.Concat([]int{2, 1, 0}, emit.Axes(3, 3+n)) }
