// Package qconv convolves 8-bit integers, with zero points, into int32:
//
//	y[n,m,o] = Σ (x[n,c,i] - zeroX)·(w[m,c,k] - zeroW[m])
//
// over the channels c of a group and the taps k of the window at output position
// o; taps on padding count nothing. The windows of a few output positions at a
// time are laid out as rows of a matrix, with zeroX for padding, which
// kernel/qgemm multiplies with the packed weights.
package qconv

import (
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/qgemm"
	"github.com/seed6700ada1/infer/runtime/kernel/window"
)

// Shape is the geometry of a convolution.
type Shape struct {
	Batch, Groups int
	In, Out       int // channels of a group
	Axes          window.Axes
}

// Weights are packed weights, one matrix for each group.
type Weights []*qgemm.PackedB

// Pack lays out w [Groups·Out, In, taps]. zeros holds a zero point for each
// output channel, one for all, or none.
func Pack[T qgemm.Int8](s *Shape, w []T, zeros []T) Weights {
	_, _, taps := s.Axes.Sizes()
	k := s.In * taps
	packed := make(Weights, s.Groups)
	for g := range packed {
		own := zeros
		if len(zeros) > 1 {
			own = zeros[g*s.Out:][:s.Out]
		}
		packed[g] = qgemm.Pack(k, s.Out, w[g*s.Out*k:], 1, k, own)
	}
	return packed
}

// positions is the number of output positions that are laid out at a time.
const positions = 64

// Run computes y [Batch, Groups·Out, positions] of x [Batch, Groups·In, …].
func Run[T qgemm.Int8](p *pool.Pool, s *Shape, x []T, zeroX T, w Weights, y []int32) {
	in, out, taps := s.Axes.Sizes()
	k := s.In * taps
	blocks := (out + positions - 1) / positions
	p.For(s.Batch*s.Groups*blocks, 1, func(lo, hi int) {
		rows, sums := make([]T, positions*k), make([]int32, positions*s.Out)
		for t := lo; t < hi; t++ {
			n, g, first := t/(s.Groups*blocks), t/blocks%s.Groups, t%blocks*positions
			count := min(positions, out-first)
			image := x[(n*s.Groups+g)*s.In*in:][:s.In*in]
			layOut(rows, image, zeroX, s, first, count)
			qgemm.Mul(nil, count, rows, k, []T{zeroX}, w[g], sums, s.Out)
			for m := range s.Out {
				to := y[((n*s.Groups+g)*s.Out+m)*out+first:][:count]
				for i := range to {
					to[i] = sums[i*s.Out+m]
				}
			}
		}
	})
}

// layOut writes the windows of count output positions from first on as rows.
func layOut[T qgemm.Int8](rows, image []T, zero T, s *Shape, first, count int) {
	in, _, taps := s.Axes.Sizes()
	for i := range count {
		row := rows[i*s.In*taps:][:s.In*taps]
		for tap := range taps {
			at, ok := s.Axes.Offset(first+i, tap)
			for c := range s.In {
				v := zero
				if ok {
					v = image[c*in+at]
				}
				row[c*taps+tap] = v
			}
		}
	}
}
