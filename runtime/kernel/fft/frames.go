package fft

import "github.com/seed6700ada1/infer/runtime/kernel/pool"

// Framing cuts signals into frames that may overlap.
type Framing struct {
	Batch, Length int // the signals
	Step, Count   int // distance of frames, and how many of them a signal has
}

// Frames transforms each frame of each signal. l describes the frames as lines;
// its Outer and Inner are not used.
//
//	x [Batch, Length, 1 or 2]  →  y [Batch, Count, Out, 2]
func Frames[T float32 | float64](p *pool.Pool, l *Lines, f Framing, window, x, y []T) {
	one := *l
	one.Outer, one.Inner = 1, 1
	plan := newLinePlan(&one, window)
	out, components := l.Out(), 1
	if l.Complex {
		components = 2
	}
	p.For(f.Batch*f.Count, max(1, chunkWork/l.N), func(lo, hi int) {
		w := plan.work()
		for i := lo; i < hi; i++ {
			start := (i/f.Count*f.Length + i%f.Count*f.Step) * components
			w.transform(x[start:start+l.N*components], y[i*out*2:][:out*2], 0, 0)
		}
	})
}
