package elementwise

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/vec"
)

// Erf is the error function.
func Erf[T Float]() Unary[T, T] { return inFloat32[T](vec.Erf, math.Erf) }

// Gelu is x · Φ(x), Φ being the normal distribution: ½x · (1 + erf(x/√2)).
func Gelu[T Float]() Unary[T, T] {
	return inFloat32[T](vec.Gelu, func(x float64) float64 {
		if math.IsInf(x, -1) {
			return 0 // the limit, where the product would be NaN
		}
		return x * 0.5 * math.Erfc(-x*(math.Sqrt2/2))
	})
}

// GeluTanh is the approximation ½x · (1 + tanh(√(2/π)·(x + 0.044715x³))), which
// is x · sigmoid(2·√(2/π)·(x + 0.044715x³)).
func GeluTanh[T Float]() Unary[T, T] {
	k := 2 * math.Sqrt(2/math.Pi)
	return inFloat32[T](vec.GeluTanh, func(x float64) float64 {
		if math.IsInf(x, -1) {
			return 0 // the limit, where the product would be NaN
		}
		return x * sigmoid(k*(x+0.044715*x*x*x))
	})
}
