package elementwise

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// Unary is an operation on one input: a loop over slices of one length, which
// may be the same memory.
type Unary[T, R any] func(dst []R, src []T)

// Run computes dst from src, which is as long.
func (f Unary[T, R]) Run(p *pool.Pool, grain int, dst []R, src []T) {
	if len(src) <= grain || p.Threads() == 1 {
		f(dst, src)
		return
	}
	p.For(len(src), grain, func(lo, hi int) { f(dst[lo:hi], src[lo:hi]) })
}

// Each makes a [Unary] of a function of float64. It calls f for each element.
func Each[T Float](f func(float64) float64) Unary[T, T] {
	return func(dst, src []T) {
		for i, v := range src {
			dst[i] = T(f(float64(v)))
		}
	}
}

// Neg is -x; integers wrap around.
func Neg[T Number](dst, src []T) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = -v
	}
}

// Abs is |x|; the smallest integer stays as it is.
func Abs[T Integer](dst, src []T) {
	dst = dst[:len(src)]
	for i, v := range src {
		if v < 0 {
			v = -v
		}
		dst[i] = v
	}
}

// AbsFloat is |x|, of -0 too.
func AbsFloat[T Float](dst, src []T) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = T(math.Abs(float64(v)))
	}
}

// Sign is -1, 0 or 1; NaN stays NaN.
func Sign[T Number](dst, src []T) {
	dst = dst[:len(src)]
	for i, v := range src {
		switch {
		case v > 0:
			v = 1
		case v < 0:
			v = 0
			v-- // -1, where an unsigned T never comes
		}
		dst[i] = v
	}
}

// Sqrt is the square root, NaN of a negative number.
func Sqrt[T Float](dst, src []T) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = T(math.Sqrt(float64(v)))
	}
}

// Reciprocal is 1 / x.
func Reciprocal[T Float](dst, src []T) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = 1 / v
	}
}

// Floor is the largest whole number not above x.
func Floor[T Float](dst, src []T) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = T(math.Floor(float64(v)))
	}
}

// Ceil is the smallest whole number not below x.
func Ceil[T Float](dst, src []T) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = T(math.Ceil(float64(v)))
	}
}

// Round is the nearest whole number, the even one of two.
func Round[T Float](dst, src []T) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = T(math.RoundToEven(float64(v)))
	}
}

// Not is !x.
func Not(dst, src []bool) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = !v
	}
}

// BitNot is x with every bit flipped.
func BitNot[T Integer](dst, src []T) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = ^v
	}
}

// IsNaN tells the NaNs.
func IsNaN[T Float](dst []bool, src []T) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = v != v
	}
}

// IsInf tells the infinities of the wanted signs.
func IsInf[T Float](negative, positive bool) Unary[T, bool] {
	return func(dst []bool, src []T) {
		for i, v := range src {
			dst[i] = (positive && math.IsInf(float64(v), 1)) || (negative && math.IsInf(float64(v), -1))
		}
	}
}

// Clip limits x to lo at least, then to hi at most; NaN stays NaN.
func Clip[T Number](lo, hi T) Unary[T, T] {
	return func(dst, src []T) {
		dst = dst[:len(src)]
		for i, v := range src {
			dst[i] = min(max(v, lo), hi)
		}
	}
}
