package vec

import "math"

// This file is the meaning of the kernels, in plain Go. It is compiled
// everywhere. Functions are computed in float64 and rounded once.

func each(dst, src []float32, f func(float64) float64) {
	for i, v := range src {
		dst[i] = float32(f(float64(v)))
	}
}

func expOf(x float64) float64  { return math.Exp(x) }
func tanhOf(x float64) float64 { return math.Tanh(x) }
func erfOf(x float64) float64  { return math.Erf(x) }
func sqrtOf(x float64) float64 { return math.Sqrt(x) }

func sigmoidOf(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func siluOf(x float64) float64 {
	if math.IsInf(x, -1) {
		return 0 // the limit, where the quotient would be NaN
	}
	return x / (1 + math.Exp(-x))
}

func geluOf(x float64) float64 {
	if math.IsInf(x, -1) {
		return 0
	}
	return x * 0.5 * math.Erfc(-x*(math.Sqrt2/2))
}

func geluTanhOf(x float64) float64 {
	if math.IsInf(x, -1) {
		return 0
	}
	return x / (1 + math.Exp(-2*math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
}

func plainSum(a []float32) float32 {
	var sum float64
	for _, v := range a {
		sum += float64(v)
	}
	return float32(sum)
}

func plainDot(a, b []float32) float32 {
	var sum float64
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return float32(sum)
}

func plainSquares(a []float32, shift float32) float32 {
	var sum float64
	for _, v := range a {
		d := float64(v) - float64(shift)
		sum += d * d
	}
	return float32(sum)
}

func plainLargest(a []float32) float32 {
	top := a[0]
	for _, v := range a[1:] {
		top = max(top, v)
	}
	return top
}

func plainExpSum(dst, src []float32, top float32) float32 {
	var sum float64
	for i, v := range src {
		dst[i] = float32(math.Exp(float64(v - top)))
		sum += float64(dst[i])
	}
	return float32(sum)
}
