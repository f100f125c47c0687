// Package loss adds losses to a graph: each takes what a model gives and what it
// should have given, and makes one number of them.
//
// Losses are written in standard operators, so that they are differentiated and
// run like the rest of the graph. Where examples of a batch count differently,
// or not at all (padding), weights say so; means are over what counts.
package loss

import (
	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// weighted is the mean of the losses of examples, of any shape, with weights of
// the same shape; "" are weights of 1. Where all weights are 0 it is 0.
func weighted(b *emit.Builder, losses, weights string) string {
	if weights == "" {
		return b.ReduceMean(losses, nil, false)
	}
	weights = b.CastLike(weights, losses)
	sum := b.ReduceSum(weights, nil, false)
	none := b.Equal(sum, b.Scalar(sum, 0))
	return b.Div(b.ReduceSum(b.Mul(losses, weights), nil, false), b.Where(none, b.Scalar(sum, 1), sum))
}

// oneHot marks in [..., classes] the class that labels [...] name, as floats
// like those of another value.
func oneHot(b *emit.Builder, labels string, classes int, like string) string {
	values := b.Concat(0, b.Unsqueeze(b.Scalar(like, 0), 0), b.Unsqueeze(b.Scalar(like, 1), 0))
	return b.Node("OneHot", []string{labels, b.Int(classes), values}, emit.IntAttr("axis", -1))
}

// classesOf is the size of the last dimension.
func classesOf(b *emit.Builder, x string) int {
	d, ok := b.Dims(x)
	if !ok || len(d) == 0 || !d[len(d)-1].IsKnown() {
		b.Failf("loss: the number of classes of %q is not known", x)
		return 1
	}
	return int(d[len(d)-1].Value)
}

// constant adds a constant list with elements like those of another value.
func constant(b *emit.Builder, values []float64, like string) string {
	return b.Cast(b.Initializer("weights", tensor.Vector(values...)), b.DType(like))
}
