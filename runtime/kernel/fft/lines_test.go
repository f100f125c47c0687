package fft_test

import (
	"fmt"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/fft"
)

// TestRunLengths transforms columns of complex lines of many lengths, with small
// factors and without, there and back.
func TestRunLengths(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 16, 20, 22, 25, 30, 40, 60, 64, 100, 120} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			const inner = 3
			x := make([]float64, n*inner*2)
			for i := range x {
				x[i] = r.NormFloat64()
			}
			l := &fft.Lines{Outer: 1, In: n, Inner: inner, N: n, Complex: true}
			y := make([]float64, len(x))
			fft.Run(nil, l, nil, x, y)
			for c := range inner {
				line := make([]complex128, n)
				for j := range line {
					line[j] = complex(x[2*(j*inner+c)], x[2*(j*inner+c)+1])
				}
				for k, want := range direct(line, false) {
					got := complex(y[2*(k*inner+c)], y[2*(k*inner+c)+1])
					if cmplx.Abs(got-want) > 1e-12*float64(n) {
						t.Fatalf("line %d, value %d is %v, want %v", c, k, got, want)
					}
				}
			}
			back := make([]float64, len(x))
			l.Inverse = true
			fft.Run(nil, l, nil, y, back)
			for i, v := range back {
				if d := v - x[i]; d > 1e-12 || d < -1e-12 {
					t.Fatalf("value %d comes back as %v, was %v", i, v, x[i])
				}
			}
		})
	}
}
