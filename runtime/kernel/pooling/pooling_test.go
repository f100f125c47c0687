package pooling_test

import (
	"math"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/pooling"
	"github.com/seed6700ada1/infer/runtime/kernel/window"
)

// grid is a 3×4 plane under 2×2 windows that move by two, with a column of padding
// before and two behind.
var grid = window.Axes{
	{In: 3, Out: 1, Kernel: 2, Stride: 2, Dilation: 1},
	{In: 4, Out: 3, Kernel: 2, Stride: 2, Dilation: 1, Begin: 1, End: 2},
}

var plane = []float32{
	1, 2, 3, 4,
	5, 6, 7, 8,
	9, 9, 9, 9,
}

func TestMax(t *testing.T) {
	y := make([]float32, 3)
	pooling.Max(nil, 1, grid, float32(math.Inf(-1)), plane, y)
	if want := []float32{5, 7, 8}; !slices.Equal(y, want) {
		t.Errorf("Max = %v, want %v", y, want)
	}
}

func TestMaxOfPaddingAndNaN(t *testing.T) {
	axes := window.Axes{{In: 2, Out: 4, Kernel: 1, Stride: 1, Dilation: 1, Begin: 1, End: 1}}
	y := make([]float32, 4)
	lowest := float32(math.Inf(-1))
	nan := float32(math.NaN())
	pooling.Max(nil, 1, axes, lowest, []float32{nan, 3}, y)
	if y[0] != lowest || y[1] == y[1] || y[2] != 3 || y[3] != lowest {
		t.Errorf("Max = %v, want [-Inf NaN 3 -Inf]", y)
	}
	indices := make([]int64, 4)
	pooling.MaxIndices(nil, 1, axes, lowest, false, []float32{nan, 3}, y, indices)
	if want := []int64{-1, 0, 1, -1}; !slices.Equal(indices, want) {
		t.Errorf("indices = %v, want %v", indices, want)
	}
}

func TestMaxIndices(t *testing.T) {
	x := slices.Concat(plane, plane)
	y, indices := make([]float32, 6), make([]int64, 6)
	pooling.MaxIndices(nil, 2, grid, float32(math.Inf(-1)), false, x, y, indices)
	if want := []int64{4, 6, 7, 16, 18, 19}; !slices.Equal(indices, want) {
		t.Errorf("row-major indices = %v, want %v", indices, want)
	}
	// element (1, 2) of a 3×4 plane is number 1 + 2·3 of its columns
	pooling.MaxIndices(nil, 2, grid, float32(math.Inf(-1)), true, x, y, indices)
	if want := []int64{1, 7, 10, 13, 19, 22}; !slices.Equal(indices, want) {
		t.Errorf("column-major indices = %v, want %v", indices, want)
	}
}

func TestAverage(t *testing.T) {
	y := make([]float32, 3)
	pooling.Average(nil, 1, grid, false, plane, y)
	if want := []float32{3, 4.5, 6}; !slices.Equal(y, want) {
		t.Errorf("Average = %v, want %v", y, want)
	}
	pooling.Average(nil, 1, grid, true, plane, y)
	if want := []float32{1.5, 4.5, 3}; !slices.Equal(y, want) {
		t.Errorf("Average with padding = %v, want %v", y, want)
	}
}

func TestLp(t *testing.T) {
	y := make([]float64, 1)
	axes := window.Axes{{In: 2, Out: 1, Kernel: 2, Stride: 1, Dilation: 1}}
	pooling.Lp(nil, 1, axes, 2, []float64{3, -4}, y)
	if y[0] != 5 {
		t.Errorf("Lp = %v, want 5", y[0])
	}
	pooling.GlobalLp(nil, 1, 2, 1, []float64{3, -4}, y)
	if y[0] != 7 {
		t.Errorf("GlobalLp = %v, want 7", y[0])
	}
}

func TestGlobal(t *testing.T) {
	y := make([]float32, 2)
	x := []float32{1, 5, 3, -1, -7, -4}
	pooling.GlobalMax(nil, 2, 3, float32(math.Inf(-1)), x, y)
	if want := []float32{5, -1}; !slices.Equal(y, want) {
		t.Errorf("GlobalMax = %v, want %v", y, want)
	}
	pooling.GlobalAverage(nil, 2, 3, x, y)
	if want := []float32{3, -4}; !slices.Equal(y, want) {
		t.Errorf("GlobalAverage = %v, want %v", y, want)
	}
}

func TestUnpool(t *testing.T) {
	y := make([]float32, 6)
	if err := pooling.Unpool([]int{2, 2}, []int{2, 3}, []float32{7, 8}, []int64{1, 2}, y); err != nil {
		t.Fatal(err)
	}
	if want := []float32{0, 7, 0, 8, 0, 0}; !slices.Equal(y, want) {
		t.Errorf("Unpool = %v, want %v", y, want)
	}
	for _, bad := range []int64{-1, 4} {
		if err := pooling.Unpool([]int{2, 2}, []int{2, 3}, []float32{7}, []int64{bad}, y); err == nil {
			t.Errorf("index %d of 4 elements is taken", bad)
		}
	}
	if err := pooling.Unpool([]int{2, 2}, []int{2, 1}, []float32{7}, []int64{1}, y[:2]); err == nil {
		t.Error("a place beyond the output is taken")
	}
}

// TestThreads runs enough planes for several chunks.
func TestThreads(t *testing.T) {
	p := pool.New(3)
	defer p.Close()
	const planes = 40000
	x := make([]float32, planes*12)
	for i := range x {
		x[i] = float32(i * 7919 % 1000)
	}
	one, three := make([]float32, planes*3), make([]float32, planes*3)
	pooling.Average(nil, planes, grid, false, x, one)
	pooling.Average(p, planes, grid, false, x, three)
	if !slices.Equal(one, three) {
		t.Error("three threads give other bits than one")
	}
}
