package resample_test

import (
	"math"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/resample"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func TestAt(t *testing.T) {
	tests := []struct {
		name string
		axis resample.Axis
		want []float64
	}{
		{"half pixel", resample.Axis{In: 2, Out: 4, Scale: 2}, []float64{-0.25, 0.25, 0.75, 1.25}},
		{"half pixel, to one", resample.Axis{In: 4, Out: 1, Scale: 0.25}, []float64{1.5}},
		{"pytorch, to one", resample.Axis{In: 4, Out: 1, Scale: 0.25, Transform: resample.PytorchHalfPixel}, []float64{0}},
		{"asymmetric", resample.Axis{In: 2, Out: 4, Scale: 2, Transform: resample.Asymmetric}, []float64{0, 0.5, 1, 1.5}},
		{"corners", resample.Axis{In: 3, Out: 5, Scale: 5.0 / 3, Transform: resample.AlignCorners}, []float64{0, 0.5, 1, 1.5, 2}},
		{"for nearest", resample.Axis{In: 2, Out: 4, Scale: 2, Transform: resample.HalfPixelForNearest}, []float64{0.25, 0.75, 1.25, 1.75}},
		{"crop", resample.Axis{In: 5, Out: 3, Scale: 0.6, Transform: resample.CropAndResize, Start: 0.25, End: 0.75}, []float64{1, 2, 3}},
		{"crop to one", resample.Axis{In: 5, Out: 1, Scale: 0.2, Transform: resample.CropAndResize, Start: 0.25, End: 0.75}, []float64{2}},
		{"symmetric", resample.Axis{In: 4, Out: 2, Scale: 0.6, Transform: resample.HalfPixelSymmetric}, []float64{1.5 - 0.5/0.6, 1.5 + 0.5/0.6}},
		{"size stays", resample.Axis{In: 3, Out: 3, Scale: 1, Transform: resample.HalfPixelForNearest}, []float64{0, 1, 2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for x, want := range tt.want {
				if got := tt.axis.At(x); math.Abs(got-want) > 1e-6 {
					t.Errorf("At(%d) = %v, want %v", x, got, want)
				}
			}
		})
	}
}

func TestNearest(t *testing.T) {
	a := resample.Axis{In: 4, Out: 8, Scale: 2, Transform: resample.Asymmetric} // 0, ½, 1, 1½ …
	for rounding, want := range map[resample.Rounding][]int{
		resample.HalfDown: {0, 0, 1, 1, 2, 2, 3, 3},
		resample.HalfUp:   {0, 1, 1, 2, 2, 3, 3, 3},
		resample.Floor:    {0, 0, 1, 1, 2, 2, 3, 3},
		resample.Ceil:     {0, 1, 1, 2, 2, 3, 3, 3},
		resample.Simple:   {0, 0, 1, 1, 2, 2, 3, 3},
	} {
		if got := a.Nearest(rounding); !slices.Equal(got, want) {
			t.Errorf("rounding %d: %v, want %v", rounding, got, want)
		}
	}
	less := resample.Axis{In: 4, Out: 2, Scale: 0.6, Transform: resample.Asymmetric} // 0, 1⅔
	if got := less.Nearest(resample.Simple); !slices.Equal(got, []int{0, 2}) {
		t.Errorf("a shrinking axis is rounded to %v, want up: [0 2]", got)
	}
}

func TestNearestOfStrings(t *testing.T) {
	src, dst := tensor.Vector("a", "b"), tensor.Vector("", "", "")
	resample.Nearest(nil, []int{2}, [][]int{{1, 0, 1}}, cells.Load(src), cells.Dest(dst))
	got, err := tensor.Data[string](dst)
	if err != nil || !slices.Equal(got, []string{"b", "a", "b"}) {
		t.Errorf("Nearest = %q, %v", got, err)
	}
}

// TestTableOfConstant checks that all weights of a position sum to one.
func TestTableOfConstant(t *testing.T) {
	for _, f := range []resample.Filter{
		{},
		{Cubic: true, A: -0.75},
		{Antialias: true},
		{Cubic: true, A: -0.5, Antialias: true},
		{Cubic: true, A: -0.5, Antialias: true, ExcludeOutside: true},
	} {
		for _, a := range []resample.Axis{{In: 9, Out: 4, Scale: 4.0 / 9}, {In: 3, Out: 7, Scale: 7.0 / 3}, {In: 1, Out: 3, Scale: 3}} {
			table := resample.NewTable[float64](&a, f)
			src, dst := make([]float64, a.In), make([]float64, a.Out)
			for i := range src {
				src[i] = 5
			}
			resample.Apply(nil, table, 1, 1, src, dst)
			for x, v := range dst {
				if math.Abs(v-5) > 1e-12 {
					t.Errorf("%+v, %+v: a constant of 5 becomes %v at %d", f, a, v, x)
				}
			}
		}
	}
}

// TestApplyAlongEitherAxis resamples the rows of a matrix and the columns of its
// transpose.
func TestApplyAlongEitherAxis(t *testing.T) {
	a := resample.Axis{In: 3, Out: 5, Scale: 5.0 / 3}
	table := resample.NewTable[float32](&a, resample.Filter{Cubic: true, A: -0.75})
	rows, columns := make([]float32, 6), make([]float32, 6)
	for i := range rows {
		rows[i] = float32(i * i)
		columns[i%3*2+i/3] = rows[i]
	}
	y, z := make([]float32, 10), make([]float32, 10)
	resample.Apply(nil, table, 2, 1, rows, y)
	resample.Apply(nil, table, 1, 2, columns, z)
	for i, v := range y {
		if w := z[i%5*2+i/5]; math.Abs(float64(v-w)) > 1e-5 {
			t.Errorf("element %d is %v along rows, %v along columns", i, v, w)
		}
	}
}

// TestNothingCountsNothing checks that an element of weight 0 does not turn a
// result into NaN.
func TestNothingCountsNothing(t *testing.T) {
	a := resample.Axis{In: 3, Out: 6, Scale: 2, Transform: resample.Asymmetric}
	table := resample.NewTable[float32](&a, resample.Filter{})
	y := make([]float32, 6)
	resample.Apply(nil, table, 1, 1, []float32{1, float32(math.Inf(1)), 2}, y)
	if y[0] != 1 || y[4] != 2 {
		t.Errorf("an infinite neighbour spoils %v", y)
	}
}
