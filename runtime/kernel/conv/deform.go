package conv

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// Deformation moves the taps of a convolution over two axes, each by an amount of
// its own at each output position.
type Deformation[T Float] struct {
	Groups  int // the input channels share moves in so many groups
	Offsets []T // [Batch, Groups·taps·2, out…], each tap's moves down and to the right
	Mask    []T // [Batch, Groups·taps, out…], what each tap counts; nil is one
}

// Deform convolves x with w as [Run] does, over two axes, with taps moved: a tap
// that falls between positions takes a bilinear sum of the four around it, and
// beyond the border all is zero.
func Deform[T Float](p *pool.Pool, s *Shape, x, w []T, d Deformation[T], e Epilogue[T], y []T) {
	in, out, taps := s.Axes.Sizes()
	depth := s.In * taps
	rowWork := s.Axes[1].Out * s.Groups * depth * (s.Out + 8)
	p.For(s.Batch*s.Axes[0].Out, max(1, chunkWork/max(1, rowWork)), func(lo, hi int) {
		column := make([]T, s.Groups*depth)
		for r := lo; r < hi; r++ {
			batch, row := r/s.Axes[0].Out, r%s.Axes[0].Out
			for c := range s.Axes[1].Out {
				at := row*s.Axes[1].Out + c
				d.sample(s, x[batch*s.Groups*s.In*in:], batch, at, column)
				for m := range s.Groups * s.Out {
					i := (batch*s.Groups*s.Out+m)*out + at
					e.begin(y, i, i+1, m)
					y[i] += dot(w[m*depth:][:depth], column[m/s.Out*depth:])
					e.finish(y, i, i+1, m)
				}
			}
		}
	})
}

// sample fetches what all taps of all channels see at one output position.
func (d *Deformation[T]) sample(s *Shape, x []T, batch, at int, column []T) {
	in, out, taps := s.Axes.Sizes()
	a, b := &s.Axes[0], &s.Axes[1]
	channels := s.Groups * s.In
	share := channels / d.Groups // channels that move alike
	top, left := a.Start(at/b.Out), b.Start(at%b.Out)
	for g := range d.Groups {
		for k := range taps {
			tap := (batch*d.Groups+g)*taps + k
			v := float64(top+k/b.Kernel*a.Dilation) + float64(d.Offsets[2*tap*out+at])
			h := float64(left+k%b.Kernel*b.Dilation) + float64(d.Offsets[(2*tap+1)*out+at])
			weight := T(1)
			if d.Mask != nil {
				weight = d.Mask[tap*out+at]
			}
			for c := g * share; c < (g+1)*share; c++ {
				column[c*taps+k] = weight * bilinear(x[c*in:][:in], a.In, b.In, v, h)
			}
		}
	}
}

// bilinear is the value of a plane at (v, h), zero beyond its border.
func bilinear[T Float](x []T, rows, cols int, v, h float64) T {
	if !(v > -1 && h > -1 && v < float64(rows) && h < float64(cols)) {
		return 0
	}
	top, left := math.Floor(v), math.Floor(h)
	dv, dh := T(v-top), T(h-left)
	at := func(r, c int) T {
		if r < 0 || c < 0 || r >= rows || c >= cols {
			return 0
		}
		return x[r*cols+c]
	}
	r, c := int(top), int(left)
	return (1-dv)*((1-dh)*at(r, c)+dh*at(r, c+1)) + dv*((1-dh)*at(r+1, c)+dh*at(r+1, c+1))
}
