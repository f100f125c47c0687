package elementwise

import (
	"math"
	"unsafe"
)

// Pow is a to the power of b. The exponents that networks use most have loops
// of their own: 2, 3, ½ and 1.
func Pow[T Float]() Binary[T, T] {
	op := Scalar(func(a, b T) T { return T(math.Pow(float64(a), float64(b))) })
	general := op.VS
	op.VS = func(dst, a []T, b T) {
		switch b {
		case 1:
			copy(dst, a)
		case 2:
			mulVV(dst, a, a)
		case 3:
			for i, v := range a {
				dst[i] = v * v * v
			}
		default:
			general(dst, a, b)
		}
	}
	return op
}

// PowInt is a to the power of b: the low bits of it where it is too large. A
// negative power is truncated towards zero; that of 0 is the smallest integer,
// as for every quotient that is out of range.
func PowInt[T int32 | int64]() Binary[T, T] { return Scalar(powInt[T]) }

func powInt[T int32 | int64](a, b T) T {
	if b < 0 {
		switch {
		case a == 1 || (a == -1 && b%2 == 0):
			return 1
		case a == -1:
			return -1
		case a == 0:
			return 1 << (8*unsafe.Sizeof(a) - 1)
		}
		return 0
	}
	p := T(1)
	for b > 0 {
		if b&1 == 1 {
			p *= a
		}
		a *= a
		b >>= 1
	}
	return p
}
