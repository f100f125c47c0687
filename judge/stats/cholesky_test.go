package stats

import (
	"math"
	"testing"
)

// The matrix is [2 1; 1 2]·[2 1; 1 2] = [5 4; 4 5], whose inverse is [5 -4; -4 5]/9.
func TestCholesky(t *testing.T) {
	l, ok := factorize([][]float64{{5, 4}, {4, 5}})
	if !ok {
		t.Fatal("not positive definite")
	}
	x, d := l.solve([]float64{9, 0}), l.inverseDiagonal()
	for i, want := range []float64{5, -4} {
		if math.Abs(x[i]-want) > 1e-12 || math.Abs(d[i]-5.0/9) > 1e-12 {
			t.Errorf("x[%d] = %v, want %v; diagonal %v, want %v", i, x[i], want, d[i], 5.0/9)
		}
	}
	for _, a := range [][][]float64{{{1, 1}, {1, 1}}, {{0}}, {{-1}}, {{math.NaN()}}, {{1, 2}, {2, 1}}} {
		if _, ok := factorize(a); ok {
			t.Errorf("%v was factorized", a)
		}
	}
}
