package det_test

import (
	"math"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/det"
)

func TestLU(t *testing.T) {
	tests := []struct {
		name string
		m    []float64
		n    int
		want float64
	}{
		{"empty", nil, 0, 1},
		{"one", []float64{-3}, 1, -3},
		{"two", []float64{1, 2, 3, 4}, 2, -2},
		{"needs a swap", []float64{0, 1, 1, 0}, 2, -1},
		{"singular", []float64{1, 2, 2, 4}, 2, 0},
		// 2·(3·1 - 1·4) - 0 + 1·(1·4 - 3·5) = -2 - 11
		{"three", []float64{2, 0, 1, 1, 3, 1, 5, 4, 1}, 3, -13},
	}
	for _, tt := range tests {
		got := det.LU(tt.m, tt.n, make([]float64, tt.n*tt.n))
		if math.Abs(got-tt.want) > 1e-12 {
			t.Errorf("%s: got %v, expected %v", tt.name, got, tt.want)
		}
	}
	if got := det.LU([]float32{1, float32(math.NaN()), 2, 3}, 2, make([]float64, 4)); !math.IsNaN(got) {
		t.Errorf("NaN inside: got %v", got)
	}
}
