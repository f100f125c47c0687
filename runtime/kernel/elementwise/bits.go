package elementwise

import "math"

// And is a && b.
func And() Binary[bool, bool] { return Scalar(func(a, b bool) bool { return a && b }) }

// Or is a || b.
func Or() Binary[bool, bool] { return Scalar(func(a, b bool) bool { return a || b }) }

// Xor is a != b.
func Xor() Binary[bool, bool] { return Scalar(func(a, b bool) bool { return a != b }) }

// BitAnd is a & b.
func BitAnd[T Integer]() Binary[T, T] { return Scalar(func(a, b T) T { return a & b }) }

// BitOr is a | b.
func BitOr[T Integer]() Binary[T, T] { return Scalar(func(a, b T) T { return a | b }) }

// BitXor is a ^ b.
func BitXor[T Integer]() Binary[T, T] { return Scalar(func(a, b T) T { return a ^ b }) }

// ShiftLeft is a << b, 0 from the width of the type on. A negative count,
// which has no meaning, counts as too large.
func ShiftLeft[T Integer]() Binary[T, T] {
	return Scalar(func(a, b T) T { return a << uint64(b) })
}

// ShiftRight is a >> b, where negative numbers keep their sign.
func ShiftRight[T Integer]() Binary[T, T] {
	return Scalar(func(a, b T) T { return a >> uint64(b) })
}

// Mod is the remainder of a / b with the sign of b, as Python has it. No
// divisor may be 0.
func Mod[T Integer]() Binary[T, T] {
	return Scalar(func(a, b T) T {
		r := a % b
		if r != 0 && (r < 0) != (b < 0) {
			r += b
		}
		return r
	})
}

// Remainder is the remainder of a / b with the sign of a, as C has it. No
// divisor may be 0.
func Remainder[T Integer]() Binary[T, T] { return Scalar(func(a, b T) T { return a % b }) }

// Fmod is the remainder of a / b with the sign of a.
func Fmod[T Float]() Binary[T, T] {
	return Scalar(func(a, b T) T { return T(math.Mod(float64(a), float64(b))) })
}

// FloorMod is a - floor(a/b)·b, with the sign of b. It is NaN where a is infinite or b
// is 0; where b is infinite it is a, or b where the signs differ.
func FloorMod[T Float]() Binary[T, T] {
	return Scalar(func(a, b T) T {
		r := math.Mod(float64(a), float64(b))
		switch {
		case r == 0:
			r = math.Copysign(0, float64(b))
		case (r < 0) != (b < 0):
			r += float64(b)
		}
		return T(r)
	})
}

// SwiGLU is Swish of a with that alpha, times b.
func SwiGLU[T Float](alpha float64) Binary[T, T] {
	return Scalar(func(a, b T) T { return T(float64(a) / (1 + math.Exp(-alpha*float64(a))) * float64(b)) })
}
