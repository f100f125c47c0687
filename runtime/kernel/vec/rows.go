package vec

// Sum adds up a.
func Sum(a []float32) float32 {
	if len(a) == 0 {
		return 0
	}
	if s, ok := fastSum(a); ok {
		return s
	}
	return plainSum(a)
}

// Dot is the scalar product of a and b, which are of one length.
func Dot(a, b []float32) float32 {
	b = b[:len(a)]
	if len(a) == 0 {
		return 0
	}
	if s, ok := fastDot(a, b); ok {
		return s
	}
	return plainDot(a, b)
}

// Mean is the mean of at least one value, added up in float64 and rounded once.
func Mean(a []float32) float32 { return float32(Total(a) / float64(len(a))) }

// Total adds up at least one value in float64.
func Total(a []float32) float64 {
	if sum, ok := fastTotal(a); ok {
		return sum
	}
	return plainTotal(a)
}

// Squares adds up (a - shift)².
func Squares(a []float32, shift float32) float32 {
	if len(a) == 0 {
		return 0
	}
	if s, ok := fastSquares(a, shift); ok {
		return s
	}
	return plainSquares(a, shift)
}

// Largest is the largest of at least one value. Where one is NaN, the result
// is NaN or the largest of the others.
func Largest(a []float32) float32 {
	if s, ok := fastLargest(a); ok {
		return s
	}
	return plainLargest(a)
}

// ExpSum writes e^(src - top) and adds it up.
func ExpSum(dst, src []float32, top float32) float32 {
	src = src[:len(dst)]
	if len(dst) == 0 {
		return 0
	}
	if s, ok := fastExpSum(dst, src, top); ok {
		return s
	}
	return plainExpSum(dst, src, top)
}

// Normalize writes (src - mean)·inv·scale + bias.
func Normalize(dst, src, scale, bias []float32, mean, inv float32) {
	src, scale, bias = src[:len(dst)], scale[:len(dst)], bias[:len(dst)]
	if len(dst) == 0 || fastNormalize(dst, src, scale, bias, mean, inv) {
		return
	}
	for i, v := range src {
		dst[i] = (v-mean)*inv*scale[i] + bias[i]
	}
}

// Blend writes a·x + (b·y + z) for numbers x, y and z; each product is rounded
// with the sum that it goes into where the machine can.
func Blend(dst, a, b []float32, x, y, z float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	if len(dst) == 0 || fastBlend(dst, a, b, x, y, z) {
		return
	}
	for i, v := range a {
		dst[i] = v*x + (b[i]*y + z)
	}
}

// Gate writes a where b is above 0, and 0 elsewhere.
func Gate(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	if len(dst) == 0 || fastGate(dst, a, b) {
		return
	}
	for i, v := range a {
		if !(b[i] > 0) {
			v = 0
		}
		dst[i] = v
	}
}
