package movement

import (
	"slices"

	"github.com/seed6700ada1/infer/finetune/grad/rule"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

// unknown reports whether a size is not known.
func unknown(d onnx.Dim) bool { return !d.IsKnown() }

// slice puts g back where it was cut out: between zeros where the places are
// known and next to each other, else element by element.
var slice = rule.Rule{Op: "Slice", Grad: func(c *rule.Context) {
	x := c.X(0)
	if pads, ok := around(c); ok {
		c.Set(0, c.Pad(c.G(0), pads...))
		return
	}
	again := c.Node.Clone()
	c.Set(0, c.ScatterBack(x, c.G(0), true, func(numbers string) string {
		inputs := append([]string{numbers}, again.Inputs[1:]...)
		return c.Builder.Node("Slice", inputs, again.Attributes...)
	}))
}}

// around is the padding that a slice took off, where that is known.
func around(c *rule.Context) (pads []int, ok bool) {
	starts, ends, axes, steps, ok := bounds(c)
	d, known := c.Dims(c.X(0))
	if !ok || !known {
		return nil, false
	}
	pads = make([]int, 2*len(d))
	for i, s := range starts {
		axis := i
		if axes != nil {
			axis = axes[i]
		}
		if axis < 0 {
			axis += len(d)
		}
		if axis < 0 || axis >= len(d) || unknown(d[axis]) || i < len(steps) && steps[i] != 1 {
			return nil, false
		}
		n := int(d[axis].Value)
		from, to := place(s, n), place(ends[i], n)
		pads[axis], pads[len(d)+axis] = from, n-max(to, from)
	}
	return pads, true
}

// place is a bound of a slice within [0, n].
func place(v, n int) int {
	if v < 0 {
		v += n
	}
	return min(max(v, 0), n)
}

// bounds reads the lists of a slice, from attributes before opset 10.
func bounds(c *rule.Context) (starts, ends, axes, steps []int, ok bool) {
	if c.Opset() < 10 {
		return c.Attrs.Ints("starts"), c.Attrs.Ints("ends"), c.Attrs.Ints("axes"), nil, true
	}
	lists := make([][]int, 4)
	for i := range lists {
		if !c.Has(i + 1) {
			continue
		}
		if lists[i], ok = c.KnownInts(c.X(i + 1)); !ok {
			return nil, nil, nil, nil, false
		}
	}
	return lists[0], lists[1], lists[2], lists[3], len(lists[0]) == len(lists[1])
}

// pad cuts off what was added. Where the padding repeats elements, they get its
// gradient too.
var pad = rule.Rule{Op: "Pad", Grad: func(c *rule.Context) {
	if c.Want(2) {
		c.Failf("the gradient of the value that is padded with is not known")
		return
	}
	x := c.X(0)
	if c.Attrs.String("mode", "constant") != "constant" {
		c.Set(0, c.ScatterBack(x, c.G(0), false, func(numbers string) string {
			inputs := append([]string{numbers}, c.Node.Inputs[1:]...)
			return c.Builder.Node("Pad", inputs, c.Node.Attributes...)
		}))
		return
	}
	if c.Opset() < 11 {
		pads := slices.Clone(c.Attrs.Ints("pads"))
		for i := range pads {
			pads[i] = -pads[i]
		}
		c.Set(0, c.Pad(c.G(0), pads...))
		return
	}
	inputs := []string{c.G(0), c.Neg(c.X(1))}
	if c.Has(3) {
		inputs = append(inputs, "", c.X(3))
	}
	c.Set(0, c.Builder.Node("Pad", inputs))
}}
