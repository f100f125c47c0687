package nn

import (
	"slices"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/grad/rule"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

// maxPool adds each element of g where the largest one of its window was. The
// operator tells where that is, in a second output that is asked for here.
var maxPool = rule.Rule{Op: "MaxPool", Grad: func(c *rule.Context) {
	if c.Opset() < 16 {
		c.Failf("its gradient adds at repeated places, which needs opset 16; the model has %d", c.Opset())
		return
	}
	if c.Attrs.Int("storage_order", 0) != 0 {
		c.Failf("the gradient with storage_order 1 is not known")
		return
	}
	x := c.X(0)
	places := c.Y(1)
	if places == "" {
		attrs := slices.Clone(c.Node.Attributes)
		places = c.Nodes("MaxPool", 2, []string{x}, attrs...)[1]
	}
	zeros := c.Expand(c.Scalar(x, 0), c.Size(c.ReshapeTo(x, -1), 0))
	sum := c.Builder.Node("ScatterElements", []string{zeros, c.ReshapeTo(places, -1), c.ReshapeTo(c.G(0), -1)},
		emit.IntAttr("axis", 0), emit.StringAttr("reduction", "add"))
	c.Set(0, c.Reshape(sum, c.Shape(x)))
}}

// averagePool gives each element of a window the same share of g: it is a
// transposed convolution of g, divided by how many elements the window has, with
// a kernel of ones; all channels are examples.
var averagePool = rule.Rule{Op: "AveragePool", Grad: func(c *rule.Context) {
	x, g := c.X(0), c.G(0)
	w, ok := windowOf(c, c.Attrs.Ints("kernel_shape"))
	if !ok {
		return
	}
	out := sizes(c, c.Y(0))
	for i := range w.in {
		if w.in[i] < 0 || out == nil || out[i] < 0 {
			c.Failf("its gradient needs sizes that are known")
			return
		}
	}
	counts := c.Reciprocal(w.counts(c, out))
	share := c.ReshapeTo(c.Mul(g, counts), append([]int{-1, 1}, out...)...)
	ones := c.Expand(c.Scalar(x, 1), c.Ints(append([]int{1, 1}, w.kernel...)...))
	whole := w
	whole.pads = make([]int, 2*w.spatial())
	full := c.Builder.Node("ConvTranspose", []string{share, ones}, whole.attrs(1)...)
	flat := c.ReshapeTo(x, append([]int{-1, 1}, w.in...)...)
	c.Set(0, c.Reshape(fit(c, full, flat, w.pads[:w.spatial()]), c.Shape(x)))
}}

// counts is the number of elements that each window averages: [1, 1, …].
func (w window) counts(c *rule.Context, out []int) string {
	n := w.spatial()
	include := c.Attrs.Bool("count_include_pad", false)
	total := "" // the product of what each dimension counts
	for i := range n {
		list := make([]int, out[i])
		for o := range list {
			for k := range w.kernel[i] {
				at := o*w.strides[i] - w.pads[i] + k*w.dilations[i]
				if at >= 0 && at < w.in[i] || include && at >= -w.pads[i] && at < w.in[i]+w.pads[n+i] {
					list[o]++
				}
			}
		}
		shape := slices.Repeat([]int{1}, n+2)
		shape[2+i] = out[i]
		v := c.ReshapeTo(c.Cast(c.Ints(list...), c.DType(c.X(0))), shape...)
		if total == "" {
			total = v
		} else {
			total = c.Mul(total, v)
		}
	}
	return total
}

// globalAveragePool spreads g evenly.
var globalAveragePool = rule.Rule{Op: "GlobalAveragePool", Grad: func(c *rule.Context) {
	x, g := c.X(0), c.G(0)
	count := func(v string) string { return c.Cast(c.Builder.Node("Size", []string{v}), c.DType(g)) }
	c.Set(0, c.ExpandLike(c.Div(g, c.Div(count(x), count(g))), x))
}}

// globalMaxPool gives g to the largest elements, in equal shares.
var globalMaxPool = rule.Rule{Op: "GlobalMaxPool", Grad: func(c *rule.Context) {
	x, g := c.X(0), c.G(0)
	picked := c.CastLike(c.Equal(x, c.Y(0)), g)
	axes := overChannels(c.Rank(x) - 2)[1:]
	c.Set(0, c.Mul(picked, c.Div(g, c.ReduceSum(picked, axes, true))))
}}

// resize is linear in x along each axis: y = M·x, with a matrix M that follows
// from resizing the unit matrix. So g goes back through the transpose of M.
var resize = rule.Rule{Op: "Resize", Grad: func(c *rule.Context) {
	if axes := c.Attrs.Ints("axes"); axes != nil {
		c.Failf("the gradient with axes is not known")
		return
	}
	resampled(c, func(unit string, n, m, rank, axis int) string {
		// [n, n] → [n, m], resized along the second axis as x is along this one
		var attrs []*onnx.Attribute
		for _, a := range c.Node.Attributes {
			if a.Name != "keep_aspect_ratio_policy" {
				attrs = append(attrs, a)
			}
		}
		if c.Opset() < 11 {
			return c.Builder.Node("Resize", []string{unit, pairOf(c, c.X(1), axis)}, attrs...)
		}
		roi := ""
		if c.Has(1) && c.Attrs.String("coordinate_transformation_mode", "") == "tf_crop_and_resize" {
			c.Failf("the gradient of cropping is not known")
			return ""
		}
		if c.Opset() < 13 && c.Has(1) {
			roi = c.X(1) // it must be there, and is not read
		}
		if c.Has(2) && !emptyList(c, c.X(2)) {
			return c.Builder.Node("Resize", []string{unit, roi, pairOf(c, c.X(2), axis)}, attrs...)
		}
		return c.Builder.Node("Resize", []string{unit, roi, "", c.Ints(n, m)}, attrs...)
	})
}}

// upsample is what Resize was called before opset 10.
var upsample = rule.Rule{Op: "Upsample", Grad: func(c *rule.Context) {
	resampled(c, func(unit string, _, _, _, axis int) string {
		if c.Opset() < 9 {
			c.Failf("the gradient before opset 9 is not known")
			return ""
		}
		return c.Builder.Node("Upsample", []string{unit, pairOf(c, c.X(1), axis)}, c.Node.Attributes...)
	})
}}

// pairOf makes of the scales of all axes those of a matrix: 1, and that of one
// axis.
func pairOf(c *rule.Context, scales string, axis int) string {
	return c.Concat(0, c.Unsqueeze(c.Scalar(scales, 1), 0), c.Gather(scales, c.Ints(axis), 0))
}

func emptyList(c *rule.Context, v string) bool {
	d, ok := c.Dims(v)
	return ok && len(d) == 1 && d[0].IsKnown() && d[0].Value == 0
}

// resampled sends g back along each axis whose size changed. along gives the
// transpose of the matrix of one, from the unit matrix.
func resampled(c *rule.Context, along func(unit string, n, m, rank, axis int) string) {
	in, okIn := c.Dims(c.X(0))
	out, okOut := c.Dims(c.Y(0))
	if !okIn || !okOut {
		c.Failf("its shapes are not known")
		return
	}
	g, rank := c.G(0), len(in)
	for axis := range in {
		if in[axis].Param != "" && in[axis].Param == out[axis].Param {
			continue // a size that is not touched
		}
		if !in[axis].IsKnown() || !out[axis].IsKnown() {
			c.Failf("axis %d goes from %v to %v, and its gradient needs sizes that are known", axis, in[axis], out[axis])
			return
		}
		n, m := int(in[axis].Value), int(out[axis].Value)
		if n == m {
			continue
		}
		shape := c.Expand(c.Scalar(g, 0), c.Ints(n, n))
		unit := c.Builder.Node("EyeLike", []string{shape}, emit.IntAttr("dtype", int(c.DType(g))))
		matrix := c.Swap(along(unit, n, m, rank, axis), 0, 1) // [m, n]
		last := rank - 1
		g = c.Swap(c.MatMul(c.Swap(g, axis, last), matrix), axis, last)
	}
	c.Set(0, g)
}
