package nn

import (
	"slices"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/grad/rule"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

// window is how a kernel slides over the spatial dimensions of [N, C, …].
type window struct {
	kernel, strides, dilations []int
	pads                       []int // all beginnings, then all ends
	group                      int
	in                         []int // sizes of the input; -1 where not known
}

// spatial is the number of dimensions.
func (w window) spatial() int { return len(w.kernel) }

// sizes lists the spatial sizes of a value; -1 where not known.
func sizes(c *rule.Context, x string) []int {
	d, ok := c.Dims(x)
	if !ok || len(d) < 3 {
		c.Failf("the shape of %q is not known", x)
		return nil
	}
	list := make([]int, len(d)-2)
	for i, s := range d[2:] {
		list[i] = -1
		if s.IsKnown() {
			list[i] = int(s.Value)
		}
	}
	return list
}

// windowOf reads the attributes of a node that slides a kernel of that size over
// its first input, with the padding that auto_pad stands for worked out.
func windowOf(c *rule.Context, kernel []int) (window, bool) {
	w := window{kernel: kernel, group: int(c.Attrs.Int("group", 1)), in: sizes(c, c.X(0))}
	n := len(kernel)
	if w.in == nil || len(w.in) != n {
		c.Failf("a kernel of %d dimensions over %q", n, c.X(0))
		return w, false
	}
	list := func(name string, def, count int) []int {
		v := c.Attrs.Ints(name)
		if v == nil {
			return slices.Repeat([]int{def}, count)
		}
		return v
	}
	w.strides, w.dilations, w.pads = list("strides", 1, n), list("dilations", 1, n), list("pads", 0, 2*n)
	auto := c.Attrs.String("auto_pad", "NOTSET")
	if auto != "SAME_UPPER" && auto != "SAME_LOWER" {
		return w, true
	}
	for i := range n {
		if w.in[i] < 0 {
			c.Failf("auto_pad %s needs sizes that are known", auto)
			return w, false
		}
		out := (w.in[i] + w.strides[i] - 1) / w.strides[i]
		total := max((out-1)*w.strides[i]+w.extent(i)-w.in[i], 0)
		small, large := total/2, total-total/2
		if auto == "SAME_LOWER" {
			small, large = large, small
		}
		w.pads[i], w.pads[n+i] = small, large
	}
	return w, true
}

// extent is what a dilated kernel covers.
func (w window) extent(i int) int { return (w.kernel[i]-1)*w.dilations[i] + 1 }

// attrs are the attributes of a convolution.
func (w window) attrs(group int) []*onnx.Attribute {
	return []*onnx.Attribute{
		emit.IntsAttr("strides", w.strides...), emit.IntsAttr("dilations", w.dilations...),
		emit.IntsAttr("pads", w.pads...), emit.IntAttr("group", group),
	}
}

// spread is the transposed convolution of g with weights, with the shape of x:
// rows and columns of x that no window reached, at its end, are zeros.
func (w window) spread(c *rule.Context, g, weights, x string, group int) string {
	n := w.spatial()
	out, extra := sizes(c, g), make([]int, n)
	static := out != nil
	for i := range n {
		if !static || out[i] < 0 || w.in[i] < 0 {
			static = false
			break
		}
		covered := (out[i]-1)*w.strides[i] + w.extent(i)
		extra[i] = w.in[i] + w.pads[i] + w.pads[n+i] - covered
	}
	if static && !slices.ContainsFunc(extra, func(e int) bool { return e < 0 }) && within(extra, w.strides) {
		attrs := w.attrs(group)
		if slices.Max(extra) > 0 {
			attrs = append(attrs, emit.IntsAttr("output_padding", extra...))
		}
		return c.Like(c.Builder.Node("ConvTranspose", []string{g, weights}, attrs...), x)
	}
	// What the windows covered, then cut and padded to x when the graph runs.
	whole := w
	whole.pads = make([]int, 2*n)
	full := c.Builder.Node("ConvTranspose", []string{g, weights}, whole.attrs(group)...)
	return fit(c, full, x, w.pads[:n])
}

// within reports whether each padding is smaller than the stride, as the
// standard asks.
func within(extra, strides []int) bool {
	for i, e := range extra {
		if e >= strides[i] {
			return false
		}
	}
	return true
}

// fit cuts off before elements from the front of each spatial dimension, and
// cuts or pads the end so that the sizes are those of x.
func fit(c *rule.Context, full, x string, before []int) string {
	zeros := func(k int) string { return c.Ints(slices.Repeat([]int{0}, k)...) }
	cut := make([]int, len(before))
	for i, b := range before {
		cut[i] = -b
	}
	ends := c.Sub(c.Sub(c.Builder.Node("Shape", []string{x}), c.Builder.Node("Shape", []string{full})), c.Concat(0, zeros(2), c.Ints(cut...)))
	pads := c.Concat(0, zeros(2), c.Ints(cut...), ends)
	return c.Like(c.Builder.Node("Pad", []string{full, pads}), x)
}
