package fft

import "github.com/seed6700ada1/infer/runtime/kernel/pool"

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
//
// Complex lines whose length has no prime factor above five are transformed in
// their own precision, all others in float64: so does the standard's reference,
// and where sums cancel, its tests see it.
func Run[T float32 | float64](p *pool.Pool, l *Lines, window, x, y []T) {
	plan := newLinePlan(l, window)
	out := l.Out()
	p.For(l.Outer*l.Inner, max(1, chunkWork/l.N), func(lo, hi int) {
		w := plan.work()
		for i := lo; i < hi; i++ {
			o, inner := i/l.Inner, i%l.Inner
			w.transform(x, y, o*l.In*l.Inner+inner, o*out*l.Inner+inner)
		}
	})
}

// linePlan is how lines are transformed.
type linePlan[T float32 | float64] struct {
	*Lines
	window []T
	mixed  *mixed[T] // of complex lines with small factors, else nil
	plan   *Plan     // of the others
}

func newLinePlan[T float32 | float64](l *Lines, window []T) *linePlan[T] {
	p := &linePlan[T]{Lines: l, window: window}
	if l.Complex {
		p.mixed = newMixed[T](l.N, l.Inverse)
	}
	if p.mixed == nil {
		p.plan = New(l.N, l.Inverse)
	}
	return p
}

// lineWork is a plan with the buffers of one thread.
type lineWork[T float32 | float64] struct {
	*linePlan[T]
	line, scratch         []number[T]
	wideLine, wideScratch []complex128
}

func (p *linePlan[T]) work() *lineWork[T] {
	w := &lineWork[T]{linePlan: p, line: make([]number[T], p.N)}
	if p.mixed != nil {
		w.scratch = make([]number[T], p.N)
	} else {
		w.wideLine, w.wideScratch = make([]complex128, p.N), make([]complex128, p.plan.Scratch())
	}
	return w
}

// transform does one line, whose first value is number from of x, and number to
// of y.
func (w *lineWork[T]) transform(x, y []T, from, to int) {
	w.load(x, from)
	for j, weight := range w.window {
		w.line[j].re *= weight
		w.line[j].im *= weight
	}
	for _, v := range w.spectrum()[:w.Out()] {
		if w.ComplexOut() {
			y[2*to], y[2*to+1] = v.re, v.im
		} else {
			y[to] = v.re
		}
		to += w.Inner
	}
}

// spectrum transforms the line.
func (w *lineWork[T]) spectrum() []number[T] {
	if w.mixed != nil {
		return w.mixed.transform(w.line, w.scratch)
	}
	for i, v := range w.line {
		w.wideLine[i] = complex(float64(v.re), float64(v.im))
	}
	w.plan.Transform(w.wideLine, w.wideScratch)
	for i, v := range w.wideLine {
		w.line[i] = number[T]{T(real(v)), T(imag(v))}
	}
	return w.line
}

// load reads the line whose first value is value number at of x.
func (w *lineWork[T]) load(x []T, at int) {
	clear(w.line)
	half := w.OneSided && w.Inverse
	n := min(w.In, w.N)
	if half {
		n = min(w.In, w.N/2+1)
	}
	for j := range n {
		k := at + j*w.Inner
		if w.Complex {
			w.line[j] = number[T]{x[2*k], x[2*k+1]}
		} else {
			w.line[j] = number[T]{x[k], 0}
		}
	}
	if half { // the upper half is the conjugate of the lower
		for j := 1; j < (w.N+1)/2; j++ {
			w.line[w.N-j] = number[T]{w.line[j].re, -w.line[j].im}
		}
	}
}
