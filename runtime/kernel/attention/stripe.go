package attention

import (
	"math"
	"sync"

	"github.com/seed6700ada1/infer/runtime/kernel/gemm"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/vec"
)

// In float32, queries of a head are worked on in stripes: the scores of a stripe
// are one matrix product, and so is their sum of values. No more than a stripe's
// scores are ever stored.

const (
	// stripeRows is the number of queries in a stripe.
	stripeRows = 48
	// stripeScores bounds the scores of a stripe, so that they stay in the L2
	// cache.
	stripeScores = 1 << 16
)

// stripeBuffers are kept between runs. They hold nothing that matters.
var stripeBuffers = sync.Pool{New: func() any { return new([]float32) }}

// runStripes computes the attention where nothing is captured.
func runStripes(p *pool.Pool, a *Args[float32]) {
	rows := max(1, min(stripeRows, a.Queries, stripeScores/max(1, a.Keys)))
	stripes := (a.Queries + rows - 1) / rows
	work := rows*a.Keys*(a.Size+a.VSize) + 1
	p.For(a.Batch*a.Heads*stripes, max(1, chunkWork/work), func(lo, hi int) {
		buf := stripeBuffers.Get().(*[]float32)
		if cap(*buf) < rows*a.Keys {
			*buf = make([]float32, rows*a.Keys)
		}
		for t := lo; t < hi; t++ {
			i := t % stripes * rows
			stripe(a, (*buf)[:cap(*buf)], t/(a.Heads*stripes), t/stripes%a.Heads, i, min(i+rows, a.Queries))
		}
		stripeBuffers.Put(buf)
	})
}

// stripe computes queries i0 to i1 of a head.
func stripe(a *Args[float32], scores []float32, b, h, i0, i1 int) {
	lo, hi := a.Keys, 0 // what any of them sees
	for i := i0; i < i1; i++ {
		l, r := a.visible(b, i)
		lo, hi = min(lo, l), max(hi, r)
	}
	if a.Bias.Data != nil {
		hi = min(hi, a.BiasKeys)
	}
	if lo >= hi {
		for i := i0; i < i1; i++ {
			a.empty(a.Y.at(b, h, i, a.VSize))
		}
		return
	}
	group := h * a.KVHeads / a.Heads
	scoreRows(a, scores[lo:], b, h, group, i0, i1, lo, hi)
	for i := i0; i < i1; i++ {
		row := scores[(i-i0)*a.Keys:][:a.Keys]
		from, to := a.visible(b, i)
		if !a.CapBias {
			a.cap(row[from:to])
		}
		to = a.addBias(row, b, h, i, from, to)
		if a.CapBias {
			a.cap(row[from:to])
		}
		clear(row[lo:from])
		clear(row[to:hi])
		if !a.weigh(row[from:to], h) && a.EmptyNaN {
			fill(row[lo:hi], float32(math.NaN()))
		}
	}
	gemm.Mul(nil, gemm.Args[float32]{
		M: i1 - i0, N: a.VSize, K: hi - lo, Alpha: 1,
		A: scores[lo:], LDA: a.Keys,
		B: a.V.Data[b*a.V.Batch+group*a.V.Head+lo*a.V.Row:], LDB: a.V.Row,
		C: a.Y.Data[b*a.Y.Batch+h*a.Y.Head+i0*a.Y.Row:], LDC: a.Y.Row,
	})
}

// scoreRows fills the scores of keys lo to hi, which begin at scores[0] and lie
// a.Keys apart for each query.
func scoreRows(a *Args[float32], scores []float32, b, h, group, i0, i1, lo, hi int) {
	// One query, or a few on many keys, do not pay for turning the keys around.
	// Short texts as a whole are a product: their scores round as those of longer
	// ones do.
	const few, many = 4, 64
	if i1-i0 == 1 || i1-i0 < few && hi-lo > many {
		for i := i0; i < i1; i++ {
			q := a.Q.at(b, h, i, a.Size)
			row := scores[(i-i0)*a.Keys:]
			for j := lo; j < hi; j++ {
				row[j-lo] = vec.Dot(q, a.K.at(b, group, j, a.Size)) * a.Scale
			}
		}
		return
	}
	gemm.Mul(nil, gemm.Args[float32]{
		M: i1 - i0, N: hi - lo, K: a.Size, Alpha: a.Scale,
		A: a.Q.Data[b*a.Q.Batch+h*a.Q.Head+i0*a.Q.Row:], LDA: a.Q.Row,
		B: a.K.Data[b*a.K.Batch+group*a.K.Head+lo*a.K.Row:], LDB: a.K.Row, TransB: true,
		C: scores, LDC: a.Keys,
	})
}

// weigh is softmax in float32.
func (a *Args[T]) weigh(scores []float32, h int) bool {
	if len(scores) == 0 {
		return false
	}
	top := vec.Largest(scores)
	if math.IsInf(float64(top), -1) {
		clear(scores)
		return false
	}
	rest := float32(0)
	if a.Sinks != nil {
		sink := float32(a.Sinks[h])
		top = max(top, sink)
		rest = float32(math.Exp(float64(sink - top)))
	}
	sum := vec.ExpSum(scores, scores, top) + rest
	vec.MulVS(scores, scores, 1/sum)
	return true
}

// empty is the result of a query that sees no key.
func (a *Args[T]) empty(y []T) {
	v := T(0)
	if a.EmptyNaN {
		v = T(math.NaN())
	}
	fill(y, v)
}
