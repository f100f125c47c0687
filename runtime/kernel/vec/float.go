package vec

// Float lists the types that kernels for training compute in: float32 by the
// functions of this package, float64, in which gradients are checked, one element
// at a time.
type Float interface{ float32 | float64 }

// AddFloat writes a + b.
func AddFloat[T Float](dst, a, b []T) {
	if d, ok := any(dst).([]float32); ok {
		Add(d, any(a).([]float32), any(b).([]float32))
		return
	}
	for i, v := range b[:len(dst)] {
		dst[i] = a[i] + v
	}
}

// BlendFloat is [Blend].
func BlendFloat[T Float](dst, a, b []T, x, y, z T) {
	if d, ok := any(dst).([]float32); ok {
		Blend(d, any(a).([]float32), any(b).([]float32), float32(x), float32(y), float32(z))
		return
	}
	for i, v := range a[:len(dst)] {
		dst[i] = v*x + (b[i]*y + z)
	}
}

// DotFloat is [Dot].
func DotFloat[T Float](a, b []T) T {
	if x, ok := any(a).([]float32); ok {
		return T(Dot(x, any(b).([]float32)))
	}
	var sum T
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}
