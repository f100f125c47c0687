package emit

import (
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Add is x + y, with broadcasting.
func (b *Builder) Add(x, y string) string { return b.Node("Add", []string{x, y}) }

// Sub is x − y.
func (b *Builder) Sub(x, y string) string { return b.Node("Sub", []string{x, y}) }

// Mul is x · y.
func (b *Builder) Mul(x, y string) string { return b.Node("Mul", []string{x, y}) }

// Div is x / y.
func (b *Builder) Div(x, y string) string { return b.Node("Div", []string{x, y}) }

// Pow is x to the power of y.
func (b *Builder) Pow(x, y string) string { return b.Node("Pow", []string{x, y}) }

// Neg is −x.
func (b *Builder) Neg(x string) string { return b.Node("Neg", []string{x}) }

// Exp is eˣ.
func (b *Builder) Exp(x string) string { return b.Node("Exp", []string{x}) }

// Log is the natural logarithm.
func (b *Builder) Log(x string) string { return b.Node("Log", []string{x}) }

// Sqrt is the square root.
func (b *Builder) Sqrt(x string) string { return b.Node("Sqrt", []string{x}) }

// Reciprocal is 1 / x.
func (b *Builder) Reciprocal(x string) string { return b.Node("Reciprocal", []string{x}) }

// Sign is −1, 0 or 1.
func (b *Builder) Sign(x string) string { return b.Node("Sign", []string{x}) }

// Scale is v · x.
func (b *Builder) Scale(x string, v float64) string {
	if v == 1 {
		return x
	}
	return b.Mul(x, b.Scalar(x, v))
}

// Shift is x + v.
func (b *Builder) Shift(x string, v float64) string { return b.Add(x, b.Scalar(x, v)) }

// OneMinus is 1 − x.
func (b *Builder) OneMinus(x string) string { return b.Sub(b.Scalar(x, 1), x) }

// Square is x².
func (b *Builder) Square(x string) string { return b.Mul(x, x) }

// MatMul is the matrix product of the last two dimensions.
func (b *Builder) MatMul(x, y string) string { return b.Node("MatMul", []string{x, y}) }

// Greater is x > y.
func (b *Builder) Greater(x, y string) string { return b.Node("Greater", []string{x, y}) }

// Less is x < y.
func (b *Builder) Less(x, y string) string { return b.Node("Less", []string{x, y}) }

// Equal is x = y. Numbers of opsets before 11, which compare integers only, are
// compared by their difference.
func (b *Builder) Equal(x, y string) string {
	if d := b.DType(x); b.Opset() < 11 && d.IsFloat() {
		return b.Node("Not", []string{b.Node("Cast", []string{b.Sub(x, y)}, IntAttr("to", int(tensor.Bool)))})
	}
	return b.Node("Equal", []string{x, y})
}

// Where picks x where cond holds, else y.
func (b *Builder) Where(cond, x, y string) string {
	return b.Node("Where", []string{cond, x, y})
}

// Mask is x where cond holds, else 0.
func (b *Builder) Mask(cond, x string) string { return b.Where(cond, x, b.Scalar(x, 0)) }

// Cast converts the elements; x itself where they are of that type already.
func (b *Builder) Cast(x string, d tensor.DType) string {
	if b.DType(x) == d {
		return x
	}
	return b.Node("Cast", []string{x}, IntAttr("to", int(d)))
}

// CastLike is Cast to the element type of another value.
func (b *Builder) CastLike(x, like string) string { return b.Cast(x, b.DType(like)) }

// Softmax is the softmax over one axis.
func (b *Builder) Softmax(x string, axis int) string { return b.alongLast("Softmax", x, axis) }

// LogSoftmax is the logarithm of the softmax over one axis.
func (b *Builder) LogSoftmax(x string, axis int) string { return b.alongLast("LogSoftmax", x, axis) }

// alongLast emits an operator that before opset 13 took all axes from one on:
// only over the last one does it mean the same.
func (b *Builder) alongLast(op, x string, axis int) string {
	if b.Opset() >= 13 {
		return b.Node(op, []string{x}, IntAttr("axis", axis))
	}
	rank := b.Rank(x)
	if axis < 0 {
		axis += rank
	}
	if axis == rank-1 {
		return b.Node(op, []string{x}, IntAttr("axis", axis))
	}
	perm := swapped(rank, axis, rank-1)
	return b.Transpose(b.Node(op, []string{b.Transpose(x, perm...)}, IntAttr("axis", rank-1)), perm...)
}

// swapped is the identity permutation with two axes exchanged.
func swapped(rank, i, j int) []int {
	perm := make([]int, rank)
	for k := range perm {
		perm[k] = k
	}
	perm[i], perm[j] = perm[j], perm[i]
	return perm
}

// Total adds up values of one shape; "" where there are none.
func (b *Builder) Total(values ...string) string {
	sum := ""
	for _, v := range values {
		switch {
		case v == "":
		case sum == "":
			sum = v
		default:
			sum = b.Add(sum, v)
		}
	}
	return sum
}

// Like gives v the type of another value, which it is known to have.
func (b *Builder) Like(v, like string) string {
	if b.err == nil && v != "" {
		if t := b.Type(like); t != nil && better(t, b.Type(v)) {
			b.SetType(v, t)
		}
	}
	return v
}

// better reports whether t says more of a shape than old does.
func better(t, old *onnx.Type) bool {
	return t.Shape != nil && (old == nil || old.Shape == nil || known(t) > known(old))
}

func known(t *onnx.Type) int {
	n := 0
	for _, d := range t.Shape.Dims {
		if d.IsKnown() || d.IsNamed() {
			n++
		}
	}
	return n
}

// Unary is a function of one variable that is an operator without attributes.
func (b *Builder) Unary(op, x string) string { return b.Node(op, []string{x}) }

// And holds where both do.
func (b *Builder) And(x, y string) string { return b.Node("And", []string{x, y}) }

// Abs is the absolute value.
func (b *Builder) Abs(x string) string { return b.Node("Abs", []string{x}) }
