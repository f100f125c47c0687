package conv_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/conv"
	"github.com/seed6700ada1/infer/runtime/kernel/window"
)

// inner is the inner product of two tensors.
func inner(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// TestTransposeIsAdjoint checks ⟨conv(x), y⟩ = ⟨x, transpose(y)⟩.
func TestTransposeIsAdjoint(t *testing.T) {
	for _, tt := range shapes {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.shape
			r := rand.New(rand.NewPCG(3, 4))
			in, out, taps := s.Axes.Sizes()
			x := random[float64](r, s.Batch*s.Groups*s.In*in)
			y := random[float64](r, s.Batch*s.Groups*s.Out*out)
			w := random[float64](r, s.Groups*s.Out*s.In*taps)

			forward := make([]float64, len(y))
			conv.Run(nil, &s, x, w, conv.Epilogue[float64]{}, forward)
			back := make([]float64, len(x))
			transposed := s // what is input there is output here
			transposed.In, transposed.Out = s.Out, s.In
			conv.Transpose(nil, &transposed, y, w, conv.Epilogue[float64]{}, back)
			if got, want := inner(x, back), inner(forward, y); math.Abs(got-want) > 1e-10*(1+math.Abs(want)) {
				t.Errorf("⟨x, transpose(y)⟩ = %v, ⟨conv(x), y⟩ = %v", got, want)
			}
		})
	}
}

// TestFoldIsAdjoint checks ⟨columns(x), y⟩ = ⟨x, fold(y)⟩.
func TestFoldIsAdjoint(t *testing.T) {
	for _, tt := range shapes {
		t.Run(tt.name, func(t *testing.T) {
			axes := tt.shape.Axes
			r := rand.New(rand.NewPCG(5, 6))
			in, out, taps := axes.Sizes()
			const planes = 2
			x, y := random[float64](r, planes*in), random[float64](r, planes*taps*out)
			want := 0.0
			for i, v := range y {
				if at, ok := axes.Offset(i%out, i/out%taps); ok {
					want += v * x[i/(out*taps)*in+at]
				}
			}
			back := make([]float64, len(x))
			conv.Fold(nil, planes, axes, y, back)
			if got := inner(x, back); math.Abs(got-want) > 1e-10*(1+math.Abs(want)) {
				t.Errorf("⟨x, fold(y)⟩ = %v, ⟨columns(x), y⟩ = %v", got, want)
			}
		})
	}
}

// TestDeformWithoutMoves compares taps that stay where they are with Run, and
// taps that move by one with a shifted input.
func TestDeformWithoutMoves(t *testing.T) {
	s := &conv.Shape{Batch: 2, Groups: 2, In: 2, Out: 3, Axes: window.Axes{axis(6, 3, 1, 1, 1, 1), axis(7, 2, 2, 2, 1, 0)}}
	r := rand.New(rand.NewPCG(7, 8))
	in, out, taps := s.Axes.Sizes()
	x := random[float64](r, s.Batch*s.Groups*s.In*in)
	w := random[float64](r, s.Groups*s.Out*s.In*taps)
	bias := random[float64](r, s.Groups*s.Out)
	want := make([]float64, s.Batch*s.Groups*s.Out*out)
	got := make([]float64, len(want))
	e := conv.Epilogue[float64]{Bias: bias}

	d := conv.Deformation[float64]{Groups: 2, Offsets: make([]float64, s.Batch*2*taps*2*out)}
	conv.Run(nil, s, x, w, e, want)
	conv.Deform(nil, s, x, w, d, e, got)
	close64(t, got, want)

	for i := range d.Offsets { // every tap one column to the right
		d.Offsets[i] = float64(i / out % 2)
	}
	shifted := make([]float64, len(x))
	for i := range x {
		if i%7 < 6 {
			shifted[i] = x[i+1]
		}
	}
	moved := *s
	conv.Deform(nil, s, x, w, d, e, got)
	// the shifted input lacks column 0, which a tap in the padding now sees: keep
	// to positions that do not touch the left border
	conv.Run(nil, &moved, shifted, w, e, want)
	width := s.Axes[1].Out
	for i := range got {
		if i%width > 0 && math.Abs(got[i]-want[i]) > 1e-12 {
			t.Errorf("y[%d] = %v, want %v", i, got[i], want[i])
		}
	}
}

func close64(t *testing.T, got, want []float64) {
	t.Helper()
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-12 {
			t.Errorf("y[%d] = %v, want %v", i, got[i], want[i])
		}
	}
}
