package loss

import (
	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// MultiBox is the loss of single-shot detectors: the cross-entropy of anchors
// that hold a face and of the hardest ones that do not, and the distance of the
// offsets of those that do. Each is a sum, divided by the number of anchors that
// hold a face.
type MultiBox struct {
	// Negatives is how many anchors without a face count for each with one (3 where
	// it is 0): those of the whole batch on which the model is most wrong.
	Negatives float64
	// BoxWeight is how much offsets count (1 where it is 0).
	BoxWeight float64
}

// What an anchor holds, as the labels say.
const (
	Background = 0
	Object     = 1
	Unknown    = -1 // counts for nothing
)

// mostNegatives bounds how many anchors of a batch are looked through for the
// hardest.
const mostNegatives = 4096

// Of is the loss of logits [batch, anchors, 2] and offsets [batch, anchors, 4]
// for labels [batch, anchors] of int64 and offsets that are right. anchors is
// batch·anchors at least.
func (l MultiBox) Of(b *emit.Builder, logits, offsets, labels, right string, anchors int) string {
	logp := b.LogSoftmax(logits, -1)
	column := func(i int) string { return b.Neg(b.Squeeze(b.Slice(logp, 2, i, i+1), 2)) }
	asBackground, asFace := column(0), column(1)
	positive := b.CastLike(b.Equal(labels, b.Int(Object)), logits)
	negative := b.CastLike(b.Equal(labels, b.Int(Background)), logits)
	found := b.ReduceSum(positive, nil, false)
	count := b.Where(b.Less(found, b.Scalar(found, 1)), b.Scalar(found, 1), found)

	hard := b.Mul(negative, l.hardest(b, b.Mul(negative, asBackground), count, anchors))
	classes := b.Add(b.ReduceSum(b.Mul(positive, asFace), nil, false), b.ReduceSum(b.Mul(hard, asBackground), nil, false))

	off := b.Abs(b.Sub(offsets, right))
	near := b.Less(off, b.Scalar(off, 1))
	smooth := b.Where(near, b.Scale(b.Square(off), 0.5), b.Shift(off, -0.5))
	boxes := b.ReduceSum(b.Mul(b.ReduceSum(smooth, []int{2}, false), positive), nil, false)
	weight := l.BoxWeight
	if weight == 0 {
		weight = 1
	}
	return b.Div(b.Add(classes, b.Scale(boxes, weight)), count)
}

// hardest marks the anchors whose loss is among the largest of the batch: as
// many as faces ask for.
func (l MultiBox) hardest(b *emit.Builder, losses, count string, anchors int) string {
	k := min(anchors, mostNegatives)
	ratio := l.Negatives
	if ratio == 0 {
		ratio = 3
	}
	flat := b.ReshapeTo(losses, -1)
	var sorted string
	if b.Opset() < 10 {
		sorted = b.Nodes("TopK", 2, []string{flat}, emit.IntAttr("k", k), emit.IntAttr("axis", 0))[0]
	} else {
		sorted = b.Nodes("TopK", 2, []string{flat, b.Ints(k)}, emit.IntAttr("axis", 0))[0]
	}
	b.SetType(sorted, onnx.TensorOf(b.DType(losses), onnx.Known(k)))
	want := b.Scale(count, ratio)
	last := b.Scalar(want, float64(k-1))
	at := b.Cast(b.Where(b.Less(want, last), want, last), tensor.Int64)
	least := b.Gather(sorted, at, 0)
	return b.CastLike(b.Unary("Not", b.Less(losses, least)), losses)
}
