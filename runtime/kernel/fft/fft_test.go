package fft_test

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/fft"
)

// direct is the transform as its formula has it.
func direct(x []complex128, inverse bool) []complex128 {
	n := len(x)
	sign, scale := -1.0, 1.0
	if inverse {
		sign, scale = 1, 1/float64(n)
	}
	y := make([]complex128, n)
	for k := range y {
		for j, v := range x {
			y[k] += v * cmplx.Rect(scale, sign*2*math.Pi*float64(j*k%n)/float64(n))
		}
	}
	return y
}

func TestTransform(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 3, 4, 5, 7, 8, 12, 16, 31, 60, 64, 97, 100, 257} {
		for _, inverse := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d/%v", n, inverse), func(t *testing.T) {
				x := make([]complex128, n)
				for i := range x {
					x[i] = complex(r.NormFloat64(), r.NormFloat64())
				}
				want := direct(x, inverse)
				p := fft.New(n, inverse)
				p.Transform(x, make([]complex128, p.Scratch()))
				for k := range x {
					if cmplx.Abs(x[k]-want[k]) > 1e-11*float64(n) {
						t.Fatalf("y[%d] = %v, want %v", k, x[k], want[k])
					}
				}
			})
		}
	}
}

func ExamplePlan_Transform() {
	x := []complex128{1, 0, 0, 0}
	p := fft.New(len(x), false)
	p.Transform(x, make([]complex128, p.Scratch()))
	fmt.Println(x)
	// Output: [(1+0i) (1+0i) (1+0i) (1+0i)]
}
