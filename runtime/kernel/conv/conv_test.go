package conv_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/activation"
	"github.com/seed6700ada1/infer/runtime/kernel/conv"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/window"
)

// axis makes a geometry whose output size follows from the rest.
func axis(in, kernel, stride, dilation, begin, end int) window.Axis {
	a := window.Axis{In: in, Kernel: kernel, Stride: stride, Dilation: dilation, Begin: begin, End: end}
	a.Out = (in+begin+end-a.Extent())/stride + 1
	return a
}

// shapes are one of each way through the package and of each border.
var shapes = []struct {
	name  string
	shape conv.Shape
}{
	{"pointwise", conv.Shape{Batch: 2, Groups: 1, In: 19, Out: 5, Axes: window.Axes{axis(9, 1, 1, 1, 0, 0), axis(40, 1, 1, 1, 0, 0)}}},
	{"pointwise by two", conv.Shape{Batch: 1, Groups: 1, In: 3, Out: 4, Axes: window.Axes{axis(9, 1, 2, 1, 0, 0), axis(16, 1, 2, 1, 0, 0)}}},
	{"3x3", conv.Shape{Batch: 2, Groups: 1, In: 3, Out: 18, Axes: window.Axes{axis(10, 3, 1, 1, 1, 1), axis(33, 3, 1, 1, 1, 1)}}},
	{"3x3 by two", conv.Shape{Batch: 1, Groups: 1, In: 3, Out: 6, Axes: window.Axes{axis(9, 3, 2, 1, 1, 1), axis(12, 3, 2, 1, 0, 1)}}},
	{"dilated", conv.Shape{Batch: 1, Groups: 1, In: 4, Out: 3, Axes: window.Axes{axis(11, 3, 1, 5, 5, 5), axis(8, 3, 1, 3, 3, 3)}}},
	{"groups", conv.Shape{Batch: 2, Groups: 3, In: 2, Out: 4, Axes: window.Axes{axis(7, 2, 1, 1, 0, 1), axis(9, 3, 1, 1, 1, 1)}}},
	{"few positions", conv.Shape{Batch: 2, Groups: 1, In: 70, Out: 7, Axes: window.Axes{axis(3, 3, 1, 1, 0, 0), axis(4, 3, 1, 1, 0, 0)}}},
	{"1-D", conv.Shape{Batch: 1, Groups: 1, In: 5, Out: 2, Axes: window.Axes{axis(300, 5, 1, 1, 4, 0)}}},
	{"3-D", conv.Shape{Batch: 1, Groups: 1, In: 2, Out: 3, Axes: window.Axes{axis(5, 2, 1, 1, 1, 1), axis(4, 3, 2, 1, 1, 1), axis(6, 3, 1, 2, 2, 2)}}},
	{"4-D", conv.Shape{Batch: 1, Groups: 1, In: 2, Out: 2, Axes: window.Axes{axis(3, 2, 1, 1, 1, 0), axis(2, 2, 1, 1, 0, 1), axis(3, 3, 1, 1, 1, 1), axis(4, 2, 2, 1, 1, 1)}}},
	{"depthwise", conv.Shape{Batch: 2, Groups: 5, In: 1, Out: 1, Axes: window.Axes{axis(6, 3, 1, 1, 1, 1), axis(13, 3, 1, 1, 1, 1)}}},
	{"depthwise by two", conv.Shape{Batch: 1, Groups: 3, In: 1, Out: 2, Axes: window.Axes{axis(7, 3, 2, 1, 1, 1), axis(12, 3, 2, 1, 0, 1)}}},
	{"depthwise by two, odd", conv.Shape{Batch: 1, Groups: 2, In: 1, Out: 1, Axes: window.Axes{axis(7, 3, 2, 1, 1, 1), axis(13, 3, 2, 1, 1, 1)}}},
	{"depthwise narrower than its kernel", conv.Shape{Batch: 1, Groups: 2, In: 1, Out: 1, Axes: window.Axes{axis(3, 3, 1, 1, 1, 1), axis(2, 3, 1, 1, 2, 2)}}},
	{"depthwise 5x5", conv.Shape{Batch: 1, Groups: 2, In: 1, Out: 1, Axes: window.Axes{axis(7, 5, 1, 1, 2, 2), axis(9, 5, 2, 1, 2, 2)}}},
	{"depthwise dilated", conv.Shape{Batch: 1, Groups: 2, In: 1, Out: 1, Axes: window.Axes{axis(9, 3, 1, 2, 2, 2), axis(9, 3, 1, 2, 2, 2)}}},
	{"depthwise whole", conv.Shape{Batch: 1, Groups: 6, In: 1, Out: 1, Axes: window.Axes{axis(7, 7, 1, 1, 0, 0), axis(7, 7, 1, 1, 0, 0)}}},
	{"depthwise 1-D", conv.Shape{Batch: 1, Groups: 2, In: 1, Out: 1, Axes: window.Axes{axis(20, 4, 1, 1, 3, 0)}}},
	{"padding only", conv.Shape{Batch: 1, Groups: 1, In: 1, Out: 1, Axes: window.Axes{axis(1, 1, 1, 1, 3, 3), axis(0, 2, 1, 1, 4, 4)}}},
	{"nothing out", conv.Shape{Batch: 0, Groups: 1, In: 1, Out: 1, Axes: window.Axes{axis(4, 1, 1, 1, 0, 0)}}},
}

// direct is the convolution as its formula has it, with sums in float64.
func direct[T conv.Float](s *conv.Shape, x, w []T, e conv.Epilogue[T], y []T) {
	in, out, taps := s.Axes.Sizes()
	for i := range y {
		p, m, b := i%out, i/out%(s.Groups*s.Out), i/out/(s.Groups*s.Out)
		sum := float64(0)
		if e.Bias != nil {
			sum = float64(e.Bias[m])
		}
		for c := range s.In {
			for k := range taps {
				if at, ok := s.Axes.Offset(p, k); ok {
					channel := b*s.Groups*s.In + m/s.Out*s.In + c
					sum += float64(w[(m*s.In+c)*taps+k]) * float64(x[channel*in+at])
				}
			}
		}
		if e.Residual != nil {
			sum += float64(e.Residual[i])
		}
		y[i] = T(sum)
		activation.Apply(e.Act.Channel(m), y[i:i+1])
	}
}

func random[T conv.Float](r *rand.Rand, n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = T(r.Float64()*2 - 1)
	}
	return x
}

func TestRun(t *testing.T) {
	t.Run("float32", func(t *testing.T) { testRun[float32](t, 1e-5) })
	t.Run("float64", func(t *testing.T) { testRun[float64](t, 1e-13) })
}

func testRun[T conv.Float](t *testing.T, tolerance float64) {
	t.Helper()
	threads := pool.New(3)
	defer threads.Close()
	for _, tt := range shapes {
		s := &tt.shape
		r := rand.New(rand.NewPCG(1, 2))
		in, out, taps := s.Axes.Sizes()
		x := random[T](r, s.Batch*s.Groups*s.In*in)
		w := random[T](r, s.Groups*s.Out*s.In*taps)
		n := s.Batch * s.Groups * s.Out * out
		bias, residual := random[T](r, s.Groups*s.Out), random[T](r, n)
		slopes := random[float32](r, s.Groups*s.Out)
		for i, e := range []conv.Epilogue[T]{
			{},
			{Bias: bias, Act: activation.Func{Kind: activation.Relu}},
			{Bias: bias, Residual: residual, Act: activation.Func{Kind: activation.PRelu, Slopes: slopes}},
		} {
			t.Run(fmt.Sprintf("%s/%d", tt.name, i), func(t *testing.T) {
				want := make([]T, n)
				direct(s, x, w, e, want)
				got := make([]T, n)
				conv.Run(nil, s, x, w, e, got)
				for i := range want {
					if math.Abs(float64(got[i]-want[i])) > tolerance*(1+math.Abs(float64(want[i]))) {
						t.Fatalf("y[%d] = %v, want %v", i, got[i], want[i])
					}
				}
				shared := random[T](r, n)
				conv.Run(threads, s, x, w, e, shared)
				if !slices.Equal(shared, got) {
					t.Error("three threads give other bits than one")
				}
			})
		}
	}
}

func BenchmarkRun(b *testing.B) {
	cases := []struct {
		name  string
		shape conv.Shape
	}{
		{"stem", conv.Shape{Batch: 1, Groups: 1, In: 3, Out: 16, Axes: window.Axes{axis(240, 3, 2, 1, 1, 1), axis(320, 3, 2, 1, 1, 1)}}},
		{"pointwise", conv.Shape{Batch: 1, Groups: 1, In: 64, Out: 64, Axes: window.Axes{axis(40, 1, 1, 1, 0, 0), axis(40, 1, 1, 1, 0, 0)}}},
		{"3x3", conv.Shape{Batch: 1, Groups: 1, In: 64, Out: 64, Axes: window.Axes{axis(20, 3, 1, 1, 1, 1), axis(20, 3, 1, 1, 1, 1)}}},
		{"depthwise", conv.Shape{Batch: 1, Groups: 64, In: 1, Out: 1, Axes: window.Axes{axis(80, 3, 1, 1, 1, 1), axis(80, 3, 1, 1, 1, 1)}}},
		{"depthwise by two", conv.Shape{Batch: 1, Groups: 64, In: 1, Out: 1, Axes: window.Axes{axis(80, 3, 2, 1, 1, 1), axis(80, 3, 2, 1, 1, 1)}}},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			s := &c.shape
			r := rand.New(rand.NewPCG(1, 2))
			in, out, taps := s.Axes.Sizes()
			x := random[float32](r, s.Batch*s.Groups*s.In*in)
			w := random[float32](r, s.Groups*s.Out*s.In*taps)
			y := make([]float32, s.Batch*s.Groups*s.Out*out)
			for b.Loop() {
				conv.Run(nil, s, x, w, conv.Epilogue[float32]{}, y)
			}
			work := float64(len(y)) * float64(s.In*taps)
			b.ReportMetric(work*float64(b.N)/b.Elapsed().Seconds()/1e9, "GMAC/s")
		})
	}
}
