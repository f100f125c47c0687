package fft

import (
	"math/cmplx"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// Lines is the transform of all lines of a tensor along one axis. A value is one
// number where it is real, a pair where it is complex.
//
//	x [Outer, In, Inner, 1 or 2]  →  y [Outer, Out, Inner, 1 or 2]
type Lines struct {
	Outer, In, Inner int
	N                int  // length of the transforms: lines are cut, or filled with zeros, to it
	Complex          bool // whether x is
	Inverse          bool

	// OneSided leaves out what follows from symmetry: the upper half of the
	// transform of real lines, or, of an inverse, of complex lines whose
	// transform is real.
	OneSided bool
}

// Out is the length of the transformed lines.
func (l *Lines) Out() int {
	if l.OneSided && !l.Inverse {
		return l.N/2 + 1
	}
	return l.N
}

// ComplexOut reports whether the transformed lines are complex.
func (l *Lines) ComplexOut() bool { return !(l.OneSided && l.Inverse) }

// chunkWork is the number of values that is worth handing to a thread.
const chunkWork = 1 << 12

// Run transforms all lines. window, where it is not nil, weighs the N values of
// each line before its transform.
func Run[T float32 | float64](p *pool.Pool, l *Lines, window, x, y []T) {
	plan := New(l.N, l.Inverse)
	out := l.Out()
	p.For(l.Outer*l.Inner, max(1, chunkWork/l.N), func(lo, hi int) {
		line := make([]complex128, l.N)
		scratch := make([]complex128, plan.Scratch())
		for i := lo; i < hi; i++ {
			o, inner := i/l.Inner, i%l.Inner
			transform(l, plan, window, x, y, line, scratch, o*l.In*l.Inner+inner, o*out*l.Inner+inner)
		}
	})
}

// transform does one line, whose first value is number from of x, and number to
// of y.
func transform[T float32 | float64](l *Lines, plan *Plan, window, x, y []T, line, scratch []complex128, from, to int) {
	load(l, line, x, from)
	for j, w := range window {
		line[j] *= complex(float64(w), 0)
	}
	plan.Transform(line, scratch)
	for _, v := range line[:l.Out()] {
		if l.ComplexOut() {
			y[2*to], y[2*to+1] = T(real(v)), T(imag(v))
		} else {
			y[to] = T(real(v))
		}
		to += l.Inner
	}
}

// load reads the line whose first value is value number at of x.
func load[T float32 | float64](l *Lines, line []complex128, x []T, at int) {
	clear(line)
	n := min(l.In, l.N)
	if l.OneSided && l.Inverse {
		n = min(l.In, l.N/2+1)
	}
	for j := range n {
		k := at + j*l.Inner
		if l.Complex {
			line[j] = complex(float64(x[2*k]), float64(x[2*k+1]))
		} else {
			line[j] = complex(float64(x[k]), 0)
		}
	}
	if l.OneSided && l.Inverse {
		for j := 1; j < (l.N+1)/2; j++ {
			line[l.N-j] = cmplx.Conj(line[j])
		}
	}
}
