package planes_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/conv"
	"github.com/seed6700ada1/infer/runtime/kernel/planes"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/window"
)

func axis(in, kernel, stride, dilation, begin, end int) window.Axis {
	a := window.Axis{In: in, Kernel: kernel, Stride: stride, Dilation: dilation, Begin: begin, End: end}
	a.Out = (in+begin+end-a.Extent())/stride + 1
	return a
}

// shapes are one of each way through the package and of each border.
var shapes = []conv.Shape{
	{Batch: 2, Groups: 1, In: 5, Out: 7, Axes: window.Axes{axis(6, 1, 1, 1, 0, 0), axis(11, 1, 1, 1, 0, 0)}},
	{Batch: 2, Groups: 1, In: 3, Out: 4, Axes: window.Axes{axis(9, 1, 2, 1, 0, 0), axis(16, 1, 2, 1, 0, 0)}},
	{Batch: 3, Groups: 1, In: 3, Out: 18, Axes: window.Axes{axis(10, 3, 1, 1, 1, 1), axis(33, 3, 1, 1, 1, 1)}},
	{Batch: 9, Groups: 1, In: 3, Out: 13, Axes: window.Axes{axis(64, 5, 2, 1, 2, 2), axis(64, 5, 2, 1, 2, 2)}},
	{Batch: 2, Groups: 1, In: 48, Out: 6, Axes: window.Axes{axis(9, 3, 2, 1, 1, 1), axis(12, 3, 2, 1, 0, 1)}},
	{Batch: 7, Groups: 1, In: 4, Out: 3, Axes: window.Axes{axis(4, 3, 1, 1, 1, 1), axis(4, 3, 1, 1, 1, 1)}},
	{Batch: 2, Groups: 1, In: 4, Out: 3, Axes: window.Axes{axis(11, 3, 1, 5, 5, 5), axis(8, 3, 1, 3, 3, 3)}},
	{Batch: 2, Groups: 1, In: 2, Out: 2, Axes: window.Axes{axis(11, 3, 2, 3, 4, 2), axis(13, 2, 3, 2, 0, 1)}},
	{Batch: 2, Groups: 1, In: 2, Out: 2, Axes: window.Axes{axis(10, 2, 3, 1, 0, 0), axis(11, 2, 4, 1, 1, 0)}},
	{Batch: 2, Groups: 3, In: 2, Out: 4, Axes: window.Axes{axis(7, 2, 1, 1, 0, 1), axis(9, 3, 1, 1, 1, 1)}},
	{Batch: 5, Groups: 2, In: 3, Out: 2, Axes: window.Axes{axis(8, 3, 2, 1, 1, 1), axis(8, 3, 2, 1, 1, 1)}},
	{Batch: 1, Groups: 1, In: 5, Out: 2, Axes: window.Axes{axis(300, 5, 1, 1, 4, 0)}},
	{Batch: 3, Groups: 2, In: 2, Out: 2, Axes: window.Axes{axis(30, 4, 3, 2, 1, 5)}},
	{Batch: 2, Groups: 5, In: 1, Out: 1, Axes: window.Axes{axis(6, 3, 1, 1, 1, 1), axis(13, 3, 1, 1, 1, 1)}},
	{Batch: 2, Groups: 3, In: 1, Out: 2, Axes: window.Axes{axis(7, 3, 2, 1, 1, 1), axis(12, 3, 2, 1, 0, 1)}},
	{Batch: 1, Groups: 2, In: 1, Out: 1, Axes: window.Axes{axis(9, 3, 3, 2, 2, 2), axis(9, 3, 1, 2, 2, 2)}},
	{Batch: 2, Groups: 4, In: 1, Out: 1, Axes: window.Axes{axis(5, 1, 1, 1, 0, 0), axis(9, 1, 1, 1, 0, 0)}},
	{Batch: 1, Groups: 6, In: 1, Out: 1, Axes: window.Axes{axis(7, 7, 1, 1, 0, 0), axis(7, 7, 1, 1, 0, 0)}},
	{Batch: 1, Groups: 1, In: 1, Out: 1, Axes: window.Axes{axis(1, 1, 1, 1, 3, 3), axis(1, 2, 1, 1, 4, 4)}},
	{Batch: 0, Groups: 1, In: 2, Out: 1, Axes: window.Axes{axis(4, 1, 1, 1, 0, 0)}},
}

func random[T planes.Float](r *rand.Rand, n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = T(r.Float64()*2 - 1)
	}
	return x
}

// weights is the gradient of the weights as its formula has it.
func weights(s *conv.Shape, x, dy []float64) []float64 {
	in, out, taps := s.Axes.Sizes()
	dw := make([]float64, s.Groups*s.Out*s.In*taps)
	for i := range dw {
		k, c, m := i%taps, i/taps%s.In, i/taps/s.In
		for b := range s.Batch {
			for p := range out {
				if at, ok := s.Axes.Offset(p, k); ok {
					dw[i] += dy[(b*s.Groups*s.Out+m)*out+p] * x[(b*s.Groups*s.In+m/s.Out*s.In+c)*in+at]
				}
			}
		}
	}
	return dw
}

func TestKernels(t *testing.T) {
	threads := pool.New(3)
	defer threads.Close()
	for i, s := range shapes {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Run("float64", func(t *testing.T) { check[float64](t, threads, &s, 1e-12) })
			t.Run("float32", func(t *testing.T) { check[float32](t, threads, &s, 1e-5) })
		})
	}
}

func check[T planes.Float](t *testing.T, threads *pool.Pool, s *conv.Shape, tolerance float64) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	in, out, taps := s.Axes.Sizes()
	x, dy := random[T](r, s.Batch*s.Groups*s.In*in), random[T](r, s.Batch*s.Groups*s.Out*out)
	w, bias := random[T](r, s.Groups*s.Out*s.In*taps), random[T](r, s.Groups*s.Out)
	back := random[T](r, s.Groups*s.In)

	want := make([]float64, len(dy))
	conv.Run(nil, s, wide(x), wide(w), conv.Epilogue[float64]{Bias: wide(bias)}, want)
	compare(t, "y", tolerance, want, func(p *pool.Pool, y []T) { planes.Run(p, s, x, w, bias, y) }, threads)

	want = make([]float64, len(x))
	turned := *s
	turned.In, turned.Out = s.Out, s.In
	conv.Transpose(nil, &turned, wide(dy), wide(w), conv.Epilogue[float64]{Bias: wide(back)}, want)
	compare(t, "dx", tolerance, want, func(p *pool.Pool, dx []T) { planes.Data(p, s, dy, w, back, dx) }, threads)

	compare(t, "dw", tolerance, weights(s, wide(x), wide(dy)), func(p *pool.Pool, dw []T) { planes.Weights(p, s, x, dy, dw) }, threads)
}

func wide[T planes.Float](x []T) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// compare runs f on one thread and on several, which must give the same bits.
func compare[T planes.Float](t *testing.T, name string, tolerance float64, want []float64, f func(*pool.Pool, []T), threads *pool.Pool) {
	t.Helper()
	got, shared := slices.Repeat([]T{7}, len(want)), slices.Repeat([]T{9}, len(want))
	f(nil, got)
	f(threads, shared)
	if !slices.Equal(got, shared) {
		t.Errorf("%s: three threads give other bits than one", name)
	}
	largest := 1.0
	for _, v := range want {
		largest = max(largest, math.Abs(v))
	}
	for i, v := range want {
		if !(math.Abs(float64(got[i])-v) <= tolerance*largest) {
			t.Fatalf("%s[%d] = %v, want %v", name, i, got[i], v)
		}
	}
}
