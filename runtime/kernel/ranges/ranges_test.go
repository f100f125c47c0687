package ranges_test

import (
	"math"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/ranges"
)

func TestCountIntegers(t *testing.T) {
	tests := []struct {
		start, limit, delta int64
		want                int // -1 where it must fail
	}{
		{0, 10, 3, 4},
		{0, 9, 3, 3},
		{10, 4, -2, 3},
		{10, 4, 2, 0},
		{4, 4, 1, 0},
		{0, 10, 0, -1},
		{math.MinInt64, math.MaxInt64, math.MaxInt64, 3},
		{math.MaxInt64, math.MinInt64, math.MinInt64, 2},
		{math.MinInt64, math.MaxInt64, 1, -1},
		{0, 1, math.MinInt64, 0},
	}
	for _, tt := range tests {
		got, err := ranges.Count(tt.start, tt.limit, tt.delta)
		if (err != nil) != (tt.want < 0) || err == nil && got != tt.want {
			t.Errorf("%d to %d by %d: got %d, %v, want %d", tt.start, tt.limit, tt.delta, got, err, tt.want)
		}
	}
}

func TestCountFloats(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	tests := []struct {
		start, limit, delta float64
		want                int
	}{
		{1, 2, 0.25, 4},
		{1, 2.1, 0.25, 5},
		{2, 1, -0.5, 2},
		{1, 2, -1, 0},
		{0, inf, 1, -1},
		{0, nan, 1, -1},
		{0, 1, nan, -1},
		{0, 1, 5e-324, -1},
	}
	for _, tt := range tests {
		got, err := ranges.Count(tt.start, tt.limit, tt.delta)
		if (err != nil) != (tt.want < 0) || err == nil && got != tt.want {
			t.Errorf("%v to %v by %v: got %d, %v, want %d", tt.start, tt.limit, tt.delta, got, err, tt.want)
		}
	}
}

func TestFill(t *testing.T) {
	got := make([]int16, 4)
	ranges.Fill(got, 5, -2)
	if want := []int16{5, 3, 1, -1}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
