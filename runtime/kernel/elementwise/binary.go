package elementwise

import (
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// Grains: how many output elements a thread takes at once.
const (
	GrainCheap  = 1 << 15 // an instruction or two an element
	GrainCostly = 1 << 12 // a call of a transcendental function an element
)

// Binary is an operation on two inputs, in the forms that runs come in. In
// each, the slices are as long as dst.
type Binary[T, R any] struct {
	VV func(dst []R, a, b []T)   // dst[i] = a[i] ∘ b[i]
	VS func(dst []R, a []T, b T) // dst[i] = a[i] ∘ b
	SV func(dst []R, a T, b []T) // dst[i] = a ∘ b[i]
}

// Scalar makes a [Binary] of an operation on single elements. It calls f for
// each: for types and operations whose speed does not matter.
func Scalar[T, R any](f func(a, b T) R) Binary[T, R] {
	return Binary[T, R]{
		VV: func(dst []R, a, b []T) {
			for i := range dst {
				dst[i] = f(a[i], b[i])
			}
		},
		VS: func(dst []R, a []T, b T) {
			for i := range dst {
				dst[i] = f(a[i], b)
			}
		},
		SV: func(dst []R, a T, b []T) {
			for i := range dst {
				dst[i] = f(a, b[i])
			}
		},
	}
}

// Run computes dst, l.Len() elements, from the inputs a and b that l lays out.
func (op Binary[T, R]) Run(p *pool.Pool, grain int, l *Layout, dst []R, a, b []T) {
	if l.n <= grain || p.Threads() == 1 {
		op.span(l, dst, a, b, 0, l.n)
		return
	}
	op.split(p, grain, l, dst, a, b)
}

// split is apart so that only it pays for the closure.
func (op Binary[T, R]) split(p *pool.Pool, grain int, l *Layout, dst []R, a, b []T) {
	shared := *l
	p.For(l.n, grain, func(lo, hi int) { op.span(&shared, dst, a, b, lo, hi) })
}

// span computes output elements lo to hi.
func (op Binary[T, R]) span(l *Layout, dst []R, a, b []T, lo, hi int) {
	if lo >= hi {
		return
	}
	c := l.seek(lo)
	va, vb := l.strides[0][0] != 0, l.strides[1][0] != 0
	for lo < hi {
		n := l.run(&c, hi-lo)
		out, i, j := dst[lo:lo+n], c.offset[0], c.offset[1]
		switch {
		case va && vb:
			op.VV(out, a[i:i+n], b[j:j+n])
		case va:
			op.VS(out, a[i:i+n], b[j])
		case vb:
			op.SV(out, a[i], b[j:j+n])
		default:
			op.VV(out[:1], a[i:i+1], b[j:j+1])
			fill(out[1:], out[0])
		}
		l.advance(&c, n)
		lo += n
	}
}

func fill[T any](dst []T, v T) {
	for i := range dst {
		dst[i] = v
	}
}
