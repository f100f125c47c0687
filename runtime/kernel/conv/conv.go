// Package conv computes convolutions (cross-correlations) of any number of
// spatial axes, their transposes, and their deformable form.
//
// Tensors are dense and row-major, channels before spatial axes:
//
//	x  [Batch, Groups·In,  spatial…]
//	w  [Groups·Out, In, kernel…]
//	y  [Batch, Groups·Out, spatial…]
//
//	y[b, g·Out+m, p] = act( bias[g·Out+m] + Σ_c Σ_k w[g·Out+m, c, k] · x[b, g·In+c, at(p,k)] + residual[…] )
//
// where at(p, k) is the input position that [window.Axes.Offset] gives, and
// padding counts as zero.
//
// A convolution whose groups have one input channel goes by [depthwise]: each
// output row is a few shifted input rows. Every other one is a product of
// matrices, w [Out, In·taps] by columns [In·taps, positions]:
//
//	         positions →   tile of tileCols
//	taps ↓  ┌───────────┬──────┐
//	        │           │ rows │ rowBlock rows of columns at a time, copied from
//	        │           │      │ x (or lying there already, where pointwise)
//	        └───────────┴──────┘
//	    y   ┌───────────┬──────┐
//	 m ↓    │           │  +=  │ every output row adds its four rows at a time
//	        └───────────┴──────┘
//
// so that the columns are never whole in memory. Work is split by sizes alone:
// results are the same bits for any number of threads.
package conv

import (
	"github.com/seed6700ada1/infer/runtime/kernel/activation"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/window"
)

// Float lists the element types that the kernels take.
type Float = activation.Float

// Shape is the geometry of a convolution. In and Out count the channels of one
// group.
type Shape struct {
	Batch, Groups, In, Out int
	Axes                   window.Axes
}

// Epilogue is what happens to the sums before they are stored.
type Epilogue[T Float] struct {
	Bias     []T // one for each output channel; nil is zero
	Residual []T // of the output's shape, added before the activation; nil is none
	Act      activation.Func
}

const (
	// tileCols is how many output positions a tile has: long enough for quick
	// inner loops, short enough for rowBlock rows to stay in the first cache.
	tileCols = 256
	rowBlock = 16

	// chunkWork is the number of multiply-adds that is worth handing to a thread.
	chunkWork = 1 << 17
)

// Run convolves x with w into y, whose lengths must be those of the shape. y
// must not overlap an input, unless it is the residual itself.
func Run[T Float](p *pool.Pool, s *Shape, x, w []T, e Epilogue[T], y []T) {
	in, out, taps := s.Axes.Sizes()
	if out == 0 || s.Out == 0 {
		return
	}
	flat := *s
	flat.Axes = withoutOnes(s.Axes)
	s = &flat
	if s.In == 1 && len(s.Axes) > 0 && s.Axes[len(s.Axes)-1].Out >= 4 {
		depthwise(p, s, x, w, e, y)
		return
	}
	m := matrix[T]{
		shape: s, x: x, w: w, y: y, e: e,
		in: in, out: out, depth: s.In * taps, taps: taps, pointwise: s.Axes.Pointwise(),
	}
	m.run(p)
}

// withoutOnes drops last axes of one position and one tap, which signals get
// when they are written as pictures: rows of one position would be slow.
func withoutOnes(axes window.Axes) window.Axes {
	for len(axes) > 1 {
		if a := axes[len(axes)-1]; a.In != 1 || a.Out != 1 || a.Kernel != 1 || a.Begin != 0 {
			break
		}
		axes = axes[:len(axes)-1]
	}
	return axes
}

// begin gives y[lo:hi], which is part of one channel, the values that the sums
// are added to.
func (e *Epilogue[T]) begin(y []T, lo, hi, channel int) {
	var bias T
	if e.Bias != nil {
		bias = e.Bias[channel]
	}
	part := y[lo:hi]
	if e.Residual == nil {
		fill(part, bias)
		return
	}
	for i, r := range e.Residual[lo:hi] {
		part[i] = r + bias
	}
}

// finish applies the activation to y[lo:hi], which is part of one channel.
func (e *Epilogue[T]) finish(y []T, lo, hi, channel int) {
	if e.Act.Kind != activation.None {
		activation.Apply(e.Act.Channel(channel), y[lo:hi])
	}
}

func fill[T Float](x []T, v T) {
	for i := range x {
		x[i] = v
	}
}
