package vec

// Relu writes the larger of src and 0; NaN stays NaN.
func Relu(dst, src []float32) {
	src = src[:len(dst)]
	if len(dst) == 0 || fastRelu(dst, src) {
		return
	}
	for i, v := range src {
		if v < 0 {
			v = 0
		}
		dst[i] = v
	}
}

// EverySecond writes src[0], src[2], src[4], …; the last value may end src.
func EverySecond(dst, src []float32) {
	if len(dst) == 0 {
		return
	}
	src = src[:max(2*len(dst)-1, min(2*len(dst), len(src)))]
	for i := fastEverySecond(dst, src); i < len(dst); i++ {
		dst[i] = src[2*i]
	}
}

// Zip writes a[0], b[0], a[1], b[1], … to dst, which holds a whole number of
// pairs.
func Zip(dst, a, b []float32) {
	a, b = a[:len(dst)/2], b[:len(dst)/2]
	for i := fastZip(dst, a, b); i < len(a); i++ {
		dst[2*i], dst[2*i+1] = a[i], b[i]
	}
}
