// Package pooling reduces the windows of each channel to one value: their
// maximum, average or p-norm.
//
// Tensors are dense and row-major, with the spatial axes last; what comes before
// them (batch and channels) is counted as planes:
//
//	x [planes, in…]  →  y [planes, out…]
//
// Work is split by planes, in chunks whose number depends on sizes alone.
package pooling

import (
	"cmp"
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/window"
)

// Float lists the element types of averages and norms.
type Float interface{ float32 | float64 }

// chunkWork is the number of taps that is worth handing to a thread.
const chunkWork = 1 << 16

// overPlanes calls f for each plane of x and y.
func overPlanes[T any](p *pool.Pool, planes int, axes window.Axes, x, y []T, f func(plane int, x, y []T)) {
	in, out, taps := axes.Sizes()
	grain := max(1, chunkWork/max(out*taps, 1))
	p.For(planes, grain, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			f(i, x[i*in:][:in], y[i*out:][:out])
		}
	})
}

// rows splits the axes into the last one and those around it.
func rows(axes window.Axes) (outer window.Axes, last *window.Axis) {
	return axes[:len(axes)-1], &axes[len(axes)-1]
}

// overRows calls f for each output row of a plane with each input row under its
// windows.
func overRows[T any](axes window.Axes, x, y []T, f func(last *window.Axis, src, dst []T)) {
	outer, last := rows(axes)
	_, n, taps := outer.Sizes()
	for r := range n {
		dst := y[r*last.Out:][:last.Out]
		for t := range taps {
			if offset, inside := outer.Offset(r, t); inside {
				f(last, x[offset*last.In:][:last.In], dst)
			}
		}
	}
}

// Max takes the maximum of each window; NaN where one is in it. A window that is
// all padding gives lowest, which must not be above any value.
func Max[T cmp.Ordered](p *pool.Pool, planes int, axes window.Axes, lowest T, x, y []T) {
	overPlanes(p, planes, axes, x, y, func(_ int, x, y []T) {
		for i := range y {
			y[i] = lowest
		}
		overRows(axes, x, y, maxRow[T])
	})
}

func maxRow[T cmp.Ordered](a *window.Axis, src, dst []T) {
	for k := range a.Kernel {
		lo, hi := a.Positions(k)
		if lo == hi {
			continue
		}
		part, from := dst[lo:hi], src[a.Start(lo)+k*a.Dilation:]
		if a.Stride == 1 {
			from = from[:len(part)]
			for i, v := range from {
				part[i] = max(part[i], v)
			}
			continue
		}
		for i := range part {
			part[i] = max(part[i], from[i*a.Stride])
		}
	}
}

// MaxIndices is Max that also tells where each maximum stands: the index, in x as
// a whole, of the first of equal ones. With columnMajor, the index within a plane
// is counted with the first spatial axis running fastest. A window that is all
// padding has the index -1.
func MaxIndices[T cmp.Ordered](p *pool.Pool, planes int, axes window.Axes, lowest T, columnMajor bool, x, y []T, indices []int64) {
	in, out, taps := axes.Sizes()
	overPlanes(p, planes, axes, x, y, func(plane int, x, y []T) {
		for o := range y {
			best, at := lowest, -1
			for k := range taps {
				i, inside := axes.Offset(o, k)
				if inside && (at < 0 || x[i] > best || x[i] != x[i] && best == best) {
					best, at = x[i], i
				}
			}
			y[o] = best
			if columnMajor && at >= 0 {
				at = transposed(axes, at)
			}
			if at >= 0 {
				at += plane * in
			}
			indices[plane*out+o] = int64(at)
		}
	})
}

// transposed turns a row-major index into a column-major one.
func transposed(axes window.Axes, at int) int {
	size := 1
	for i := range axes {
		size *= axes[i].In
	}
	t := 0
	for d := len(axes) - 1; d >= 0; d-- {
		size /= axes[d].In
		t += at % axes[d].In * size
		at /= axes[d].In
	}
	return t
}

// Average takes the mean of each window: of the values in the input, or with
// includePad of the padding too, as zeros.
func Average[T Float](p *pool.Pool, planes int, axes window.Axes, includePad bool, x, y []T) {
	counts := make([]T, len(y)/max(planes, 1))
	for o := range counts {
		counts[o] = T(covered(axes, o, includePad))
	}
	overPlanes(p, planes, axes, x, y, func(_ int, x, y []T) {
		clear(y)
		overRows(axes, x, y, sumRow[T])
		for o, n := range counts {
			if n > 0 {
				y[o] /= n
			}
		}
	})
}

// covered counts the positions of the window at output position o that lie in
// the input, or in the padded input.
func covered(axes window.Axes, o int, includePad bool) int {
	n := 1
	for d := len(axes) - 1; d >= 0; d-- {
		a := &axes[d]
		from, to := 0, a.In
		if includePad {
			from, to = -a.Begin, a.In+a.End
		}
		lo, hi := a.Clip(o%a.Out, from, to)
		n *= hi - lo
		o /= a.Out
	}
	return n
}

func sumRow[T Float](a *window.Axis, src, dst []T) {
	for k := range a.Kernel {
		lo, hi := a.Positions(k)
		if lo == hi {
			continue
		}
		part, from := dst[lo:hi], src[a.Start(lo)+k*a.Dilation:]
		for i := range part {
			part[i] += from[i*a.Stride]
		}
	}
}

// Lp takes the p-norm of each window: (Σ |v|^norm)^(1/norm).
func Lp[T Float](p *pool.Pool, planes int, axes window.Axes, norm float64, x, y []T) {
	overPlanes(p, planes, axes, x, y, func(_ int, x, y []T) {
		clear(y)
		overRows(axes, x, y, func(a *window.Axis, src, dst []T) { powerRow(a, norm, src, dst) })
		for o := range y {
			y[o] = T(math.Pow(float64(y[o]), 1/norm))
		}
	})
}

func powerRow[T Float](a *window.Axis, norm float64, src, dst []T) {
	for o := range dst {
		lo, hi := a.Taps(o)
		for k := lo; k < hi; k++ {
			dst[o] += T(math.Pow(math.Abs(float64(src[a.Start(o)+k*a.Dilation])), norm))
		}
	}
}
