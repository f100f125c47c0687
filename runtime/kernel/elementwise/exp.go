package elementwise

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/vec"
)

// inFloat32 is quick where T is float32, else f for each element.
func inFloat32[T Float](quick func(dst, src []float32), f func(float64) float64) Unary[T, T] {
	if u, ok := any(Unary[float32, float32](func(dst, src []float32) { quick(dst[:len(src)], src) })).(Unary[T, T]); ok {
		return u
	}
	return Each[T](f)
}

// Exp is eˣ.
func Exp[T Float](dst, src []T) { apply(vec.Exp, math.Exp, dst, src) }

// apply is [inFloat32] called at once, without making a function.
func apply[T Float](quick func(dst, src []float32), f func(float64) float64, dst, src []T) {
	if x, ok := any(src).([]float32); ok {
		quick(any(dst).([]float32)[:len(x)], x)
		return
	}
	for i, v := range src {
		dst[i] = T(f(float64(v)))
	}
}

// sigmoid is 1 / (1 + e⁻ˣ), without overflow on either side.
func sigmoid(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + math.Exp(-x))
	}
	e := math.Exp(x)
	return e / (1 + e)
}

// Sigmoid is 1 / (1 + e⁻ˣ).
func Sigmoid[T Float](dst, src []T) { apply(vec.Sigmoid, sigmoid, dst, src) }

// Tanh is the hyperbolic tangent.
func Tanh[T Float](dst, src []T) { apply(vec.Tanh, math.Tanh, dst, src) }
