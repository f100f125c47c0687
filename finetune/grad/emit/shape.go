package emit

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Shape is the shape of x as int64: a constant where it is known.
func (b *Builder) Shape(x string) string {
	if d, ok := b.Dims(x); ok {
		if list, ok := dims.Concrete(d); ok {
			return b.Ints(list...)
		}
	}
	return b.Node("Shape", []string{x})
}

// Reshape gives x the shape that a value lists.
func (b *Builder) Reshape(x, shape string) string { return b.Node("Reshape", []string{x, shape}) }

// ReshapeTo gives x a shape in which 0 copies a size and −1 is what is left.
func (b *Builder) ReshapeTo(x string, shape ...int) string { return b.Reshape(x, b.Ints(shape...)) }

// ReshapeLike gives x the shape of another value.
func (b *Builder) ReshapeLike(x, like string) string {
	if dims.SameShape(b.Type(x), b.Type(like)) {
		return x
	}
	return b.Like(b.Reshape(x, b.Shape(like)), like)
}

// Expand broadcasts x to the shape that a value lists.
func (b *Builder) Expand(x, shape string) string { return b.Node("Expand", []string{x, shape}) }

// ExpandLike broadcasts x to the shape of another value.
func (b *Builder) ExpandLike(x, like string) string {
	if dims.SameShape(b.Type(x), b.Type(like)) {
		return x
	}
	return b.Like(b.Expand(x, b.Shape(like)), like)
}

// Zeros is a tensor of zeros with the type and shape of another value.
func (b *Builder) Zeros(like string) string { return b.Filled(like, 0) }

// Filled is a tensor of one number with the type and shape of another value.
func (b *Builder) Filled(like string, v float64) string {
	return b.Like(b.Expand(b.Scalar(like, v), b.Shape(like)), like)
}

// Transpose permutes the dimensions.
func (b *Builder) Transpose(x string, perm ...int) string {
	if isIdentity(perm) {
		return x
	}
	return b.Node("Transpose", []string{x}, IntsAttr("perm", perm...))
}

func isIdentity(perm []int) bool {
	for i, p := range perm {
		if i != p {
			return false
		}
	}
	return true
}

// Swap exchanges two dimensions; negative ones count from the end.
func (b *Builder) Swap(x string, i, j int) string {
	rank := b.Rank(x)
	if b.err != nil {
		return ""
	}
	return b.Transpose(x, swapped(rank, (i+rank)%rank, (j+rank)%rank)...)
}

// Unsqueeze adds dimensions of 1, at places that count in the result.
func (b *Builder) Unsqueeze(x string, axes ...int) string {
	if len(axes) == 0 {
		return x
	}
	if b.Opset() < 13 {
		return b.Node("Unsqueeze", []string{x}, IntsAttr("axes", axes...))
	}
	return b.Node("Unsqueeze", []string{x, b.Ints(axes...)})
}

// Squeeze removes dimensions of 1.
func (b *Builder) Squeeze(x string, axes ...int) string {
	if len(axes) == 0 {
		return x
	}
	if b.Opset() < 13 {
		return b.Node("Squeeze", []string{x}, IntsAttr("axes", axes...))
	}
	return b.Node("Squeeze", []string{x, b.Ints(axes...)})
}

// ReduceSum sums over axes, over all of them where the list is empty.
func (b *Builder) ReduceSum(x string, axes []int, keep bool) string {
	return b.reduce("ReduceSum", x, axes, keep, 13)
}

// ReduceMean is the mean over axes.
func (b *Builder) ReduceMean(x string, axes []int, keep bool) string {
	return b.reduce("ReduceMean", x, axes, keep, 18)
}

// ReduceMax is the largest element over axes.
func (b *Builder) ReduceMax(x string, axes []int, keep bool) string {
	return b.reduce("ReduceMax", x, axes, keep, 18)
}

// reduce emits a reduction whose axes are an input from one version on.
func (b *Builder) reduce(op, x string, axes []int, keep bool, since int) string {
	k := IntAttr("keepdims", 0)
	if keep {
		k.Int = 1
	}
	switch {
	case len(axes) == 0:
		return b.Node(op, []string{x}, k)
	case b.Opset() < since:
		return b.Node(op, []string{x}, IntsAttr("axes", axes...), k)
	default:
		return b.Node(op, []string{x, b.Ints(axes...)}, k)
	}
}

// Gather picks along an axis.
func (b *Builder) Gather(x, indices string, axis int) string {
	return b.Node("Gather", []string{x, indices}, IntAttr("axis", axis))
}

// Concat joins values along an axis.
func (b *Builder) Concat(axis int, values ...string) string {
	if len(values) == 1 {
		return values[0]
	}
	return b.Node("Concat", values, IntAttr("axis", axis))
}

// Slice cuts [from, to) along one axis.
func (b *Builder) Slice(x string, axis, from, to int) string {
	if b.Opset() < 10 {
		return b.Node("Slice", []string{x}, IntsAttr("axes", axis), IntsAttr("starts", from), IntsAttr("ends", to))
	}
	return b.Node("Slice", []string{x, b.Ints(from), b.Ints(to), b.Ints(axis)})
}

// Pad adds zeros before and after each axis; negative numbers cut off.
func (b *Builder) Pad(x string, pads ...int) string {
	if !slices.ContainsFunc(pads, func(p int) bool { return p != 0 }) {
		return x
	}
	if b.Opset() < 11 {
		return b.Node("Pad", []string{x}, IntsAttr("pads", pads...))
	}
	return b.Node("Pad", []string{x, b.Ints(pads...)})
}

// Size is the size of x along an axis, as an int64 list of one element.
func (b *Builder) Size(x string, axis int) string {
	if d, ok := b.Dims(x); ok {
		if axis < 0 {
			axis += len(d)
		}
		if axis < 0 || axis >= len(d) {
			b.Failf("axis %d of %q, which has %d dimensions", axis, x, len(d))
			return ""
		}
		if d[axis].IsKnown() {
			return b.Ints(int(d[axis].Value))
		}
	}
	return b.Gather(b.Node("Shape", []string{x}), b.Ints(axis), 0)
}

// Range is 0, 1, … up to a size, which is an int64 list of one element.
func (b *Builder) Range(size string) string {
	return b.Node("Range", []string{b.Int(0), b.Squeeze(size, 0), b.Int(1)})
}

// SumTo sums g, whose shape is one that x was broadcast to, so that it has the
// shape of x again.
//
// Which axes were broadcast follows from the shapes where they are known;
// otherwise it is found out when the graph runs, which takes opset 13.
func (b *Builder) SumTo(g, x string) string {
	if b.err != nil {
		return ""
	}
	gt, xt := b.Type(g), b.Type(x)
	if dims.SameShape(gt, xt) {
		return g
	}
	axes, lead, ok := broadcastAxes(gt, xt)
	if !ok {
		return b.sumToDynamic(g, x)
	}
	if len(axes) == 0 {
		return g
	}
	sum := b.ReduceSum(g, axes, true)
	if lead > 0 {
		sum = b.Reshape(sum, b.Shape(x))
	}
	return b.Like(sum, x)
}

// broadcastAxes lists the axes of g along which x was repeated, and how many of
// g's axes x lacks. ok is false where that is not known.
func broadcastAxes(g, x *onnx.Type) (axes []int, lead int, ok bool) {
	if g == nil || x == nil || g.Shape == nil || x.Shape == nil {
		return nil, 0, false
	}
	gd, xd := g.Shape.Dims, x.Shape.Dims
	lead = len(gd) - len(xd)
	if lead < 0 {
		return nil, 0, false
	}
	for i := range gd {
		switch {
		case i < lead:
			axes = append(axes, i)
		case xd[i-lead].IsKnown() && xd[i-lead].Value == 1:
			if !gd[i].IsKnown() || gd[i].Value != 1 {
				axes = append(axes, i)
			}
		case dims.Equal(gd[i], xd[i-lead]), xd[i-lead].IsKnown():
		default:
			return nil, 0, false
		}
	}
	return axes, lead, true
}

func (b *Builder) sumToDynamic(g, x string) string {
	if b.Opset() < 13 {
		b.Failf("whether %q was broadcast is not known before the graph runs, which needs opset 13; the model has %d", x, b.Opset())
		return ""
	}
	rank := b.Rank(g)
	lead := rank - b.Rank(x)
	shape := b.Node("Shape", []string{x})
	if lead > 0 {
		shape = b.Concat(0, b.Ints(slices.Repeat([]int{1}, lead)...), shape)
	}
	same := b.Equal(shape, b.Node("Shape", []string{g}))
	axes := b.Node("NonZero", []string{b.Cast(b.Node("Not", []string{same}), tensor.Int64)})
	sum := b.Node("ReduceSum", []string{g, b.ReshapeTo(axes, -1)}, IntAttr("keepdims", 1), IntAttr("noop_with_empty_axes", 1))
	return b.Like(b.Reshape(sum, b.Node("Shape", []string{x})), x)
}

// SameShape reports whether two values are known to have the same shape.
func (b *Builder) SameShape(x, y string) bool { return dims.SameShape(b.Type(x), b.Type(y)) }

// SameLeading reports whether two values are known to have the same shape but
// for the last dimension.
func (b *Builder) SameLeading(x, y string) bool {
	xd, okx := b.Dims(x)
	yd, oky := b.Dims(y)
	if !okx || !oky || len(xd) != len(yd) {
		return false
	}
	for i := range len(xd) - 1 {
		if !dims.Equal(xd[i], yd[i]) {
			return false
		}
	}
	return true
}
