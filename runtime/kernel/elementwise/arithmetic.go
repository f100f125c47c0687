package elementwise

import "github.com/seed6700ada1/infer/runtime/kernel/vec"

// Number lists the element types that the processor computes with.
type Number interface {
	float32 | float64 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

// Integer lists the whole-number types.
type Integer interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

// Float lists the floating-point types that the processor computes with.
type Float interface {
	float32 | float64
}

// float32s is an operation on float32.
type float32s = Binary[float32, float32]

// quick is f where T is float32, else op.
func quick[T Number](op Binary[T, T], f float32s) Binary[T, T] {
	if q, ok := any(f).(Binary[T, T]); ok {
		return q
	}
	return op
}

// Add is a + b; integers wrap around.
func Add[T Number]() Binary[T, T] {
	return quick(Binary[T, T]{VV: addVV[T], VS: addVS[T], SV: addSV[T]}, float32s{VV: vec.Add, VS: vec.AddVS, SV: vec.AddSV})
}

// Sub is a - b; integers wrap around.
func Sub[T Number]() Binary[T, T] {
	return quick(Binary[T, T]{VV: subVV[T], VS: subVS[T], SV: subSV[T]}, float32s{VV: vec.Sub, VS: vec.SubVS, SV: vec.SubSV})
}

// Mul is a · b; integers wrap around.
func Mul[T Number]() Binary[T, T] {
	return quick(Binary[T, T]{VV: mulVV[T], VS: mulVS[T], SV: mulSV[T]}, float32s{VV: vec.Mul, VS: vec.MulVS, SV: vec.MulSV})
}

// Div is a / b; integers are truncated towards zero, and no integer divisor
// may be 0.
func Div[T Number]() Binary[T, T] {
	return quick(Binary[T, T]{VV: divVV[T], VS: divVS[T], SV: divSV[T]}, float32s{VV: vec.Div, VS: vec.DivVS, SV: vec.DivSV})
}

// Max is the larger of a and b, NaN where either is.
func Max[T Number]() Binary[T, T] { return Binary[T, T]{VV: maxVV[T], VS: maxVS[T], SV: maxSV[T]} }

// Min is the smaller of a and b, NaN where either is.
func Min[T Number]() Binary[T, T] { return Binary[T, T]{VV: minVV[T], VS: minVS[T], SV: minSV[T]} }

// Slope is a where it is not negative, else a · b: PRelu.
func Slope[T Number]() Binary[T, T] {
	op := Scalar(func(a, b T) T {
		if a < 0 {
			return a * b
		}
		return a
	})
	op.VS = slopeVS[T]
	return op
}

// slopeVS is [Slope] with one slope. For those up to 1, which is most, it needs
// no branch: which of a and a·b is larger says whether a is negative.
func slopeVS[T Number](dst, a []T, b T) {
	a = a[:len(dst)]
	if b > 0 && b <= 1 {
		for i, v := range a {
			dst[i] = max(v, v*b)
		}
		return
	}
	for i, v := range a {
		if v < 0 {
			v *= b
		}
		dst[i] = v
	}
}

func addVV[T Number](dst, a, b []T) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}

func addVS[T Number](dst, a []T, b T) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = a[i] + b
	}
}

func addSV[T Number](dst []T, a T, b []T) {
	b = b[:len(dst)]
	for i := range dst {
		dst[i] = a + b[i]
	}
}

func subVV[T Number](dst, a, b []T) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] - b[i]
	}
}

func subVS[T Number](dst, a []T, b T) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = a[i] - b
	}
}

func subSV[T Number](dst []T, a T, b []T) {
	b = b[:len(dst)]
	for i := range dst {
		dst[i] = a - b[i]
	}
}

func mulVV[T Number](dst, a, b []T) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
}

func mulVS[T Number](dst, a []T, b T) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = a[i] * b
	}
}

func mulSV[T Number](dst []T, a T, b []T) {
	b = b[:len(dst)]
	for i := range dst {
		dst[i] = a * b[i]
	}
}

func divVV[T Number](dst, a, b []T) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] / b[i]
	}
}

func divVS[T Number](dst, a []T, b T) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = a[i] / b
	}
}

func divSV[T Number](dst []T, a T, b []T) {
	b = b[:len(dst)]
	for i := range dst {
		dst[i] = a / b[i]
	}
}

func maxVV[T Number](dst, a, b []T) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = max(a[i], b[i])
	}
}

func maxVS[T Number](dst, a []T, b T) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = max(a[i], b)
	}
}

func maxSV[T Number](dst []T, a T, b []T) {
	b = b[:len(dst)]
	for i := range dst {
		dst[i] = max(a, b[i])
	}
}

func minVV[T Number](dst, a, b []T) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = min(a[i], b[i])
	}
}

func minVS[T Number](dst, a []T, b T) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = min(a[i], b)
	}
}

func minSV[T Number](dst []T, a T, b []T) {
	b = b[:len(dst)]
	for i := range dst {
		dst[i] = min(a, b[i])
	}
}
