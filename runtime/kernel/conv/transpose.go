package conv

import (
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/window"
)

// Transpose is the adjoint of [Run] in its data: every value of x adds its
// multiple of the kernel to y.
//
//	x  [Batch, Groups·In,  spatial…]
//	w  [Groups·In, Out, kernel…]
//	y  [Batch, Groups·Out, spatial…]
//
// The shape's axes are those of the convolution whose adjoint it is: their In is
// the size of y, their Out the size of x.
func Transpose[T Float](p *pool.Pool, s *Shape, x, w []T, e Epilogue[T], y []T) {
	out, in, taps := s.Axes.Sizes()
	channels := s.Groups * s.Out
	grain := max(1, chunkWork/max(1, s.In*in*taps))
	p.For(s.Batch*channels, grain, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			batch, channel := i/channels, i%channels
			group, m := channel/s.Out, channel%s.Out
			e.begin(y, i*out, (i+1)*out, channel)
			for c := range s.In {
				from := group*s.In + c
				src := x[(batch*s.Groups*s.In+from)*in:][:in]
				spread(s.Axes, src, w[(from*s.Out+m)*taps:][:taps], y[i*out:][:out])
			}
			e.finish(y, i*out, (i+1)*out, channel)
		}
	})
}

// spread adds to one channel of y what one channel of x gives it.
func spread[T Float](axes window.Axes, x, w, y []T) {
	last := &axes[len(axes)-1]
	outer := axes[:len(axes)-1]
	_, rows, outerTaps := outer.Sizes()
	for r := range rows {
		src := x[r*last.Out:][:last.Out]
		for t := range outerTaps {
			if offset, inside := outer.Offset(r, t); inside {
				spreadRow(last, src, w[t*last.Kernel:][:last.Kernel], y[offset*last.In:][:last.In])
			}
		}
	}
}

func spreadRow[T Float](a *window.Axis, src, w, dst []T) {
	for k, wk := range w {
		lo, hi := a.Positions(k)
		if lo == hi {
			continue
		}
		from, to := src[lo:hi], dst[a.Start(lo)+k*a.Dilation:]
		if a.Stride == 1 {
			to = to[:len(from)]
			for i, v := range from {
				to[i] += wk * v
			}
			continue
		}
		for i, v := range from {
			to[i*a.Stride] += wk * v
		}
	}
}

// Number lists the element types that can be summed.
type Number interface {
	float32 | float64 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

// Fold adds columns to an image: the adjoint of taking the windows of an image
// apart. Each of the planes has, in x, a value for every tap at every position:
//
//	x [planes, taps, positions]  →  y [planes, in…]
func Fold[T Number](p *pool.Pool, planes int, axes window.Axes, x, y []T) {
	in, out, taps := axes.Sizes()
	p.For(planes, max(1, chunkWork/max(1, out*taps)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			dst := y[i*in:][:in]
			clear(dst)
			for k := range taps {
				for o, v := range x[(i*taps+k)*out:][:out] {
					if at, inside := axes.Offset(o, k); inside {
						dst[at] += v
					}
				}
			}
		}
	})
}
