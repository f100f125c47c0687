package nn

import (
	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/grad/rule"
)

// conv has
//
//	∂x = the transposed convolution of g with W
//	∂W = the convolution of x with g, examples and channels exchanged, in which
//	     strides and dilations change places
//	∂b = Σ g
var conv = rule.Rule{Op: "Conv", Grad: func(c *rule.Context) {
	x, weights, g := c.X(0), c.X(1), c.G(0)
	w, ok := windowOf(c, sizes(c, weights))
	if !ok || !knownSizes(c, w.kernel) {
		return
	}
	c.SetIf(0, func() string { return w.dataGradient(c, g, weights, x) })
	c.SetIf(1, func() string { return w.correlate(c, x, g, weights) })
	c.SetIf(2, func() string { return c.ReduceSum(g, overChannels(w.spatial()), false) })
}}

// overChannels lists every axis but that of the channels.
func overChannels(spatial int) []int {
	axes := []int{0}
	for i := range spatial {
		axes = append(axes, 2+i)
	}
	return axes
}

func knownSizes(c *rule.Context, list []int) bool {
	for _, n := range list {
		if n < 0 {
			c.Failf("the size of the kernel is not known")
			return false
		}
	}
	return true
}

// correlate is the gradient of the weights [M, C/group, …] of a convolution of
// x [N, C, …] to what g [N, M, …] is the gradient of.
//
// It is one convolution: channels are its examples, and examples its channels;
// groups are kept apart by being its groups. Where a stride left a rest, it has
// rows or columns too many, which are cut off.
func (w window) correlate(c *rule.Context, x, g, weights string) string {
	n := w.spatial()
	if n <= withKernel && c.Opset() >= 12 {
		attrs := append(w.attrs(w.group), emit.IntsAttr("kernel_shape", w.kernel...))
		attrs = append(attrs, emit.IntsAttr("swap", swapped(n)...), emit.IntsAttr("part", regrouped(n)...),
			emit.IntsAttr("starts", make([]int, n)...), emit.IntsAttr("axes", emit.Axes(2, 2+n)...))
		return c.Like(c.CallFunction(convWeightsGradient, 1, []string{x, g}, attrs...)[0], weights)
	}
	dx, _ := c.Dims(x)
	if !dx[1].IsKnown() {
		c.Failf("the number of channels of %q is not known", x)
		return ""
	}
	perChannel := int(dx[1].Value) / w.group
	data := c.Swap(x, 0, 1) // [C, N, …]
	if w.group > 1 {
		data = w.byGroup(c, x, perChannel)
	}
	swapped := w
	swapped.strides, swapped.dilations = w.dilations, w.strides
	full := c.Builder.Node("Conv", []string{data, c.Swap(g, 0, 1)}, swapped.attrs(w.group)...) // [C/group, M, …]
	for i := range n {
		full = c.Slice(full, 2+i, 0, w.kernel[i])
	}
	return c.Like(c.Swap(full, 0, 1), weights)
}

// byGroup lays x [N, group·C, …] out as [C, group·N, …].
func (w window) byGroup(c *rule.Context, x string, perChannel int) string {
	n := w.spatial()
	shape := []int{0, w.group, perChannel}
	perm := []int{2, 1, 0}
	rest := []int{}
	for i := range n {
		if w.in[i] < 0 {
			c.Failf("the gradient of the weights of groups needs sizes that are known")
			return ""
		}
		shape, rest = append(shape, w.in[i]), append(rest, w.in[i])
		perm = append(perm, 3+i)
	}
	t := c.Transpose(c.ReshapeTo(x, shape...), perm...)
	return c.ReshapeTo(t, append([]int{perChannel, -1}, rest...)...)
}

// convTranspose is the gradient of a convolution, so that its own gradients are
// convolutions: ∂x = the convolution of g with W, and ∂W that of a convolution
// from g to x.
var convTranspose = rule.Rule{Op: "ConvTranspose", Grad: func(c *rule.Context) {
	x, weights, g := c.X(0), c.X(1), c.G(0)
	w, ok := windowOf(c, sizes(c, weights))
	if !ok || !knownSizes(c, w.kernel) || !w.completePads(c) {
		return
	}
	// the padding at the end that output_padding took back is not read: windows
	// start where those of x stood, and there are as many
	c.SetIf(0, func() string {
		out := c.Builder.Node("Conv", []string{g, weights}, w.attrs(w.group)...)
		return c.Like(out, x)
	})
	c.SetIf(1, func() string {
		back := w
		back.in = sizes(c, g)
		return back.correlate(c, g, x, weights)
	})
	c.SetIf(2, func() string { return c.ReduceSum(g, overChannels(w.spatial()), false) })
}}

// completePads works out the padding of a ConvTranspose that gives the size of
// its output instead.
func (w *window) completePads(c *rule.Context) bool {
	auto := c.Attrs.String("auto_pad", "NOTSET")
	if !c.Attrs.Has("output_shape") && (auto == "NOTSET" || auto == "VALID") {
		return true
	}
	n := w.spatial()
	out := sizes(c, c.Y(0))
	extra := c.Attrs.Ints("output_padding")
	for i := range n {
		if w.in[i] < 0 || out == nil || out[i] < 0 {
			c.Failf("its padding follows from sizes that are not known")
			return false
		}
		total := w.strides[i]*(w.in[i]-1) + w.extent(i) - out[i]
		if i < len(extra) {
			total += extra[i]
		}
		small := total / 2
		w.pads[i], w.pads[n+i] = total-small, small
		if auto == "SAME_UPPER" {
			w.pads[i], w.pads[n+i] = small, total-small
		}
	}
	return true
}
