// Package attention computes scaled dot-product attention:
//
//	y[b,h,i] = Σ_j softmax_j(scale·q[b,h,i]·k[b,g,j] + bias[b,h,i,j])·v[b,g,j]
//
// for batch entry b, query head h and query i, over the keys j that the query
// may see. Query heads share key heads in order: g = h·KVHeads/Heads.
//
// Operands are read where they lie: a [View] is a slice with a stride for the
// batch entry, the head and the position, so that [batch, head, position, size]
// and [batch, position, head·size] need no copy. One task is a query of a head;
// its scores are a row in a buffer of the thread's own; in float32 it is a stripe
// of queries.
package attention

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// Float lists the element types.
type Float interface{ float32 | float64 }

// View is an operand [batch, head, position, size] with a contiguous last
// dimension.
type View[T any] struct {
	Data             []T
	Batch, Head, Row int // strides
}

// at is the vector of a position.
func (v View[T]) at(b, h, i, size int) []T {
	return v.Data[b*v.Batch+h*v.Head+i*v.Row:][:size]
}

// HeadsFirst is a view of [batch, heads, rows, size].
func HeadsFirst[T any](data []T, heads, rows, size int) View[T] {
	return View[T]{Data: data, Batch: heads * rows * size, Head: rows * size, Row: size}
}

// HeadsLast is a view of [batch, rows, heads·size].
func HeadsLast[T any](data []T, heads, rows, size int) View[T] {
	return View[T]{Data: data, Batch: rows * heads * size, Head: size, Row: heads * size}
}

// Stage names a point of the computation at which scores are captured.
type Stage uint8

// The stages.
const (
	CaptureNothing Stage = iota
	CaptureScores        // scaled products
	CaptureBias          // with the bias, hidden keys at -∞
	CaptureCapped        // bounded by Softcap
	CaptureWeights       // after softmax
)

// Args describes one computation.
type Args[T Float] struct {
	Batch, Heads, KVHeads int
	Queries, Keys         int // Keys counts all that there are in K and V
	Size, VSize           int // of a key and of a value

	Q, K, V, Y View[T]
	Scale      T

	// Softcap, where positive, bounds scores: softcap·tanh(score / softcap). It
	// comes before the bias, or after where CapBias is set; a bias of -∞ stays.
	Softcap T
	CapBias bool

	// Bias is added to the scores, [batch, head, query, key] with strides of 0
	// where it is broadcast; nil is none. Keys from BiasKeys on are hidden.
	Bias     View[T]
	BiasKeys int
	BiasKey  int // stride of a key: 1, or 0 where one value serves all

	// Valid, where not nil, holds for each batch entry how many keys count.
	Valid []int
	// Offset, where not nil, holds for each batch entry the position among the
	// keys of its first query; else that is 0. It may be negative.
	Offset []int
	// Causal hides keys after the query's position.
	Causal bool
	// Left and Right, where not negative, hide keys further before or after the
	// query's position.
	Left, Right int

	// Sinks, where not nil, holds for each head the score of a key without a
	// value, which only takes weight away from the others.
	Sinks []T

	// EmptyNaN makes the result of a query that sees no key NaN, as softmax by
	// its formula would; else it is 0.
	EmptyNaN bool

	Stage    Stage
	Captured []T // [batch, head, query, key], where Stage asks for it
}

// chunkWork is the number of multiply-adds that threads take at a time.
const chunkWork = 1 << 16

// Run computes the attention.
func Run[T Float](p *pool.Pool, a *Args[T]) {
	if f, ok := any(a).(*Args[float32]); ok && a.Stage == CaptureNothing {
		runStripes(p, f)
		return
	}
	n := a.Batch * a.Heads * a.Queries
	work := a.Keys*(a.Size+a.VSize) + 1
	p.For(n, max(1, chunkWork/work), func(lo, hi int) {
		scores := make([]T, a.Keys)
		for t := lo; t < hi; t++ {
			a.query(scores, t/(a.Heads*a.Queries), t/a.Queries%a.Heads, t%a.Queries)
		}
	})
}

// query computes one query of a head.
func (a *Args[T]) query(scores []T, b, h, i int) {
	group := h * a.KVHeads / a.Heads
	lo, hi := a.visible(b, i)
	from, to := lo, hi
	if a.Stage != CaptureNothing {
		from, to = 0, a.Keys
	}
	a.products(scores, b, h, group, i, from, to)
	a.capture(CaptureScores, scores, b, h, i)
	if !a.CapBias {
		a.cap(scores[from:to])
		a.capture(CaptureCapped, scores, b, h, i)
	}
	hi = a.addBias(scores, b, h, i, lo, hi)
	if a.Stage != CaptureNothing {
		fill(scores[:lo], T(math.Inf(-1)))
		fill(scores[hi:], T(math.Inf(-1)))
	}
	a.capture(CaptureBias, scores, b, h, i)
	if a.CapBias {
		a.cap(scores[lo:hi])
		a.capture(CaptureCapped, scores, b, h, i)
	}
	y := a.Y.at(b, h, i, a.VSize)
	seen := a.softmax(scores[lo:hi], h)
	if a.Stage == CaptureWeights {
		fill(scores[:lo], 0)
		fill(scores[hi:], 0)
	}
	a.capture(CaptureWeights, scores, b, h, i)
	if !seen {
		a.empty(y)
		return
	}
	a.gather(y, scores[lo:hi], b, group, lo)
}

// visible is the range of keys that query i may see.
func (a *Args[T]) visible(b, i int) (lo, hi int) {
	hi = a.Keys
	if a.Valid != nil {
		hi = min(hi, max(0, a.Valid[b]))
	}
	at := i
	if a.Offset != nil {
		at += a.Offset[b]
	}
	if a.Causal {
		hi = min(hi, max(0, at+1))
	}
	if a.Right >= 0 {
		hi = min(hi, max(0, at+min(a.Right, a.Keys)+1))
	}
	if a.Left >= 0 {
		lo = max(0, at-min(a.Left, max(at, 0)))
	}
	return min(lo, hi), hi
}

// products fills scores[lo:hi] with the scaled products of a query with keys.
func (a *Args[T]) products(scores []T, b, h, group, i, lo, hi int) {
	q := a.Q.at(b, h, i, a.Size)
	j := lo
	for ; j+4 <= hi; j += 4 {
		s0, s1, s2, s3 := dot4(q, a.K.at(b, group, j, a.Size), a.K.at(b, group, j+1, a.Size),
			a.K.at(b, group, j+2, a.Size), a.K.at(b, group, j+3, a.Size))
		scores[j], scores[j+1], scores[j+2], scores[j+3] = s0*a.Scale, s1*a.Scale, s2*a.Scale, s3*a.Scale
	}
	for ; j < hi; j++ {
		scores[j] = dot(q, a.K.at(b, group, j, a.Size)) * a.Scale
	}
}

// addBias adds the bias to scores[lo:hi]; keys that it does not reach are
// hidden, so that hi may become smaller.
func (a *Args[T]) addBias(scores []T, b, h, i, lo, hi int) int {
	if a.Bias.Data == nil {
		return hi
	}
	hi = max(lo, min(hi, a.BiasKeys))
	bias := a.Bias.Data[b*a.Bias.Batch+h*a.Bias.Head+i*a.Bias.Row:]
	for j := lo; j < hi; j++ {
		scores[j] += bias[j*a.BiasKey]
	}
	return hi
}

// cap bounds scores where it is asked for; -∞ stays.
func (a *Args[T]) cap(scores []T) {
	if a.Softcap <= 0 {
		return
	}
	for j, s := range scores {
		if !math.IsInf(float64(s), -1) {
			scores[j] = a.Softcap * T(math.Tanh(float64(s/a.Softcap)))
		}
	}
}

// softmax turns scores into weights; it reports false where no key has any.
func (a *Args[T]) softmax(scores []T, h int) bool {
	top := T(math.Inf(-1))
	for _, s := range scores {
		top = max(top, s)
	}
	if math.IsInf(float64(top), -1) {
		clear(scores)
		return false
	}
	if a.Sinks != nil {
		top = max(top, a.Sinks[h])
	}
	for j := range scores {
		scores[j] -= top
	}
	elementwise.Exp(scores, scores)
	var sum T
	for _, s := range scores {
		sum += s
	}
	if a.Sinks != nil {
		sum += T(math.Exp(float64(a.Sinks[h] - top)))
	}
	r := 1 / sum
	for j := range scores {
		scores[j] *= r
	}
	return true
}

// gather sets y to the sum of the values from key lo on, times their weights.
func (a *Args[T]) gather(y, weights []T, b, group, lo int) {
	clear(y)
	j := 0
	for ; j+4 <= len(weights); j += 4 {
		k := lo + j
		axpy4(y, (*[4]T)(weights[j:]), a.V.at(b, group, k, a.VSize), a.V.at(b, group, k+1, a.VSize),
			a.V.at(b, group, k+2, a.VSize), a.V.at(b, group, k+3, a.VSize))
	}
	for ; j < len(weights); j++ {
		w := weights[j]
		for d, v := range a.V.at(b, group, lo+j, a.VSize) {
			y[d] += w * v
		}
	}
}

// capture copies the scores of a query where the stage is the one asked for.
func (a *Args[T]) capture(s Stage, scores []T, b, h, i int) {
	if a.Stage == s {
		copy(a.Captured[((b*a.Heads+h)*a.Queries+i)*a.Keys:], scores[:a.Keys])
	}
}

func fill[T Float](s []T, v T) {
	for i := range s {
		s[i] = v
	}
}

func dot[T Float](q, k []T) (s T) {
	k = k[:len(q)]
	for d, v := range q {
		s += v * k[d]
	}
	return s
}

func dot4[T Float](q, k0, k1, k2, k3 []T) (s0, s1, s2, s3 T) {
	k0, k1, k2, k3 = k0[:len(q)], k1[:len(q)], k2[:len(q)], k3[:len(q)]
	for d, v := range q {
		s0 += v * k0[d]
		s1 += v * k1[d]
		s2 += v * k2[d]
		s3 += v * k3[d]
	}
	return s0, s1, s2, s3
}

func axpy4[T Float](y []T, w *[4]T, v0, v1, v2, v3 []T) {
	v0, v1, v2, v3 = v0[:len(y)], v1[:len(y)], v2[:len(y)], v3[:len(y)]
	w0, w1, w2, w3 := w[0], w[1], w[2], w[3]
	for d := range y {
		y[d] = y[d] + w0*v0[d] + w1*v1[d] + w2*v2[d] + w3*v3[d]
	}
}
