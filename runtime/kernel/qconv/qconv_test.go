package qconv_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/qconv"
	"github.com/seed6700ada1/infer/runtime/kernel/window"
)

func random[T int8 | uint8](r *rand.Rand, n int) []T {
	v := make([]T, n)
	for i := range v {
		v[i] = T(r.IntN(256))
	}
	return v
}

func TestRun(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	r := rand.New(rand.NewPCG(13, 14))
	s := &qconv.Shape{Batch: 2, Groups: 2, In: 3, Out: 5, Axes: window.Axes{
		{In: 9, Out: 5, Kernel: 3, Stride: 2, Dilation: 1, Begin: 1, End: 1},
		{In: 17, Out: 16, Kernel: 2, Stride: 1, Dilation: 2, Begin: 1, End: 0},
	}}
	in, out, taps := s.Axes.Sizes()
	x, w := random[uint8](r, s.Batch*s.Groups*s.In*in), random[int8](r, s.Groups*s.Out*s.In*taps)
	zeros := random[int8](r, s.Groups*s.Out)
	const zeroX = 100
	var want []int32
	for n := range s.Batch {
		for m := range s.Groups * s.Out {
			for o := range out {
				sum := int32(0)
				for c := range s.In {
					for k := range taps {
						if at, ok := s.Axes.Offset(o, k); ok {
							v := x[((n*s.Groups+m/s.Out)*s.In+c)*in+at]
							sum += (int32(v) - zeroX) * (int32(w[(m*s.In+c)*taps+k]) - int32(zeros[m]))
						}
					}
				}
				want = append(want, sum)
			}
		}
	}
	packed := qconv.Pack(s, w, zeros)
	for _, threads := range []*pool.Pool{nil, p} {
		got := make([]int32, len(want))
		qconv.Run(threads, s, x, zeroX, packed, got)
		if !slices.Equal(got, want) {
			t.Errorf("got %v, expected %v", got[:8], want[:8])
		}
	}
}
