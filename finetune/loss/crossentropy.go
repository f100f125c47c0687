package loss

import (
	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// CrossEntropy is the negative log-likelihood of the right class, the mean over
// examples.
type CrossEntropy struct {
	// Smoothing ε makes of a target the mixture (1 − ε)·target + ε/classes.
	Smoothing float64
	// ClassWeights count the examples of each class; nil is 1 for all. The mean is
	// divided by the weights of the examples.
	ClassWeights []float64
}

// Of is the loss of logits [..., classes] for labels [...], of int64. Examples
// count by weights of the shape of the labels, all the same where it is "".
func (l CrossEntropy) Of(b *emit.Builder, logits, labels, weights string) string {
	classes := classesOf(b, logits)
	logp := b.LogSoftmax(logits, -1)
	target := oneHot(b, labels, classes, logits)
	count := weights
	if l.ClassWeights != nil {
		if len(l.ClassWeights) != classes {
			b.Failf("loss: %d class weights for %d classes", len(l.ClassWeights), classes)
			return ""
		}
		w := constant(b, l.ClassWeights, logits)
		logp = b.Mul(logp, w)
		own := b.ReduceSum(b.Mul(target, w), []int{-1}, false)
		return l.total(b, logp, target, classes, weights, own)
	}
	return weighted(b, l.perExample(b, logp, target, classes), count)
}

// perExample is −Σ target·logp of each example, the targets smoothed.
func (l CrossEntropy) perExample(b *emit.Builder, logp, target string, classes int) string {
	nll := b.Neg(b.ReduceSum(b.Mul(logp, target), []int{-1}, false))
	if l.Smoothing == 0 {
		return nll
	}
	uniform := b.Neg(b.ReduceSum(logp, []int{-1}, false))
	return b.Add(b.Scale(nll, 1-l.Smoothing), b.Scale(uniform, l.Smoothing/float64(classes)))
}

// total divides the losses, which have the class weights in them, by what the
// examples weigh.
func (l CrossEntropy) total(b *emit.Builder, logp, target string, classes int, weights, own string) string {
	losses := l.perExample(b, logp, target, classes)
	if weights != "" {
		weights = b.CastLike(weights, losses)
		losses, own = b.Mul(losses, weights), b.Mul(own, weights)
	}
	return b.Div(b.ReduceSum(losses, nil, false), b.ReduceSum(own, nil, false))
}

// CausalLM is the cross-entropy of the next token: logits [batch, time, vocabulary]
// at a place are compared with the label of the place after it. Labels [batch,
// time] are token ids, or Ignore where a token is not to be learnt: prompts and
// padding.
type CausalLM struct{}

// Ignore is the label of a token that is not to be learnt.
const Ignore = -100

// Of is the mean over the tokens that count.
func (CausalLM) Of(b *emit.Builder, logits, labels string) string {
	const end = 1 << 62
	logits = b.Slice(logits, 1, 0, -1)
	next := b.Slice(labels, 1, 1, end)
	counts := b.Node("Not", []string{b.Equal(next, b.Int(Ignore))})
	next = b.Where(counts, next, b.Int(0))
	return CrossEntropy{}.Of(b, logits, next, b.Cast(counts, tensor.Float32))
}
