// Package rotary turns pairs of a vector's elements by angles that depend on its
// position: rotary position embedding. Of a pair (x, y) with the cosine c and
// the sine s of its angle, it makes (x·c - y·s, x·s + y·c).
package rotary

import (
	"github.com/seed6700ada1/infer/runtime/kernel/attention"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// Args describes one computation over vectors [batch, head, row, size].
type Args[T attention.Float] struct {
	Batch, Heads, Rows, Size int

	X, Y attention.View[T] // Y may be X

	// Rotated counts the elements at the start of a vector that are turned; the
	// rest are copied. It is even.
	Rotated int
	// Interleaved pairs elements 2i and 2i+1, else i and Rotated/2 + i.
	Interleaved bool

	// Cos and Sin are rows of Rotated/2 values; Position(b, i) is the row for
	// vector i of batch entry b.
	Cos, Sin []T
	Position func(b, i int) int
}

// chunkWork is the number of elements that threads take at a time.
const chunkWork = 1 << 14

// Run computes the embedding.
func Run[T attention.Float](p *pool.Pool, a *Args[T]) {
	n := a.Batch * a.Rows
	p.For(n, max(1, chunkWork/max(1, a.Heads*a.Size)), func(lo, hi int) {
		half := a.Rotated / 2
		for t := lo; t < hi; t++ {
			b, i := t/a.Rows, t%a.Rows
			at := a.Position(b, i) * half
			cos, sin := a.Cos[at:at+half], a.Sin[at:at+half]
			for h := range a.Heads {
				x := a.X.Data[b*a.X.Batch+h*a.X.Head+i*a.X.Row:][:a.Size]
				y := a.Y.Data[b*a.Y.Batch+h*a.Y.Head+i*a.Y.Row:][:a.Size]
				if a.Interleaved {
					interleaved(y, x, cos, sin)
				} else {
					halves(y, x, cos, sin)
				}
				copy(y[a.Rotated:], x[a.Rotated:])
			}
		}
	})
}

func interleaved[T attention.Float](y, x, cos, sin []T) {
	for k, c := range cos {
		u, v, s := x[2*k], x[2*k+1], sin[k]
		y[2*k], y[2*k+1] = u*c-v*s, u*s+v*c
	}
}

func halves[T attention.Float](y, x, cos, sin []T) {
	n := len(cos)
	x0, x1, y0, y1, sin := x[:n], x[n:2*n], y[:n], y[n:2*n], sin[:n]
	for k, c := range cos {
		u, v, s := x0[k], x1[k], sin[k]
		y0[k], y1[k] = u*c-v*s, u*s+v*c
	}
}
