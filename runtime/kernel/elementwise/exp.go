package elementwise

import "math"

// The limits between which exp of a float32 neither overflows nor vanishes.
const (
	expMax = 88.72284
	expMin = -103.97208
)

// expBits is the logarithm of the number of steps that an octave is cut into.
const expBits = 5

// steps is 2^(i/32).
var steps = func() (t [1 << expBits]float64) {
	for i := range t {
		t[i] = math.Exp2(float64(i) / (1 << expBits))
	}
	return t
}()

// exp32 is eˣ to 40 bits and more, for float32 results: x is split into a whole
// number of 32nds of ln 2, whose power is looked up, and a rest of at most ln 2 /
// 64, for which four terms of the power series are that exact.
//
// It holds for |x| up to 700 and gives NaN for NaN.
func exp32(x float64) float64 {
	const (
		perStep = (1 << expBits) / math.Ln2
		step    = math.Ln2 / (1 << expBits)
		rounder = 0x1.8p52 // adding it leaves a whole number in the low bits
	)
	shifted := x*perStep + rounder
	n := math.Float64bits(shifted)
	r := x - (shifted-rounder)*step
	r2 := r * r
	p := 1 + r + r2*(0.5+r*(1.0/6)+r2*(1.0/24))
	return p * steps[n%(1<<expBits)] * math.Float64frombits((n>>expBits+1023)<<52)
}

// bounded limits x to where [exp32] holds; what is beyond is 0 or infinity for
// every use in float32.
func bounded(x float64) float64 { return min(max(x, -700), 700) }

// Exp32 is eˣ, correctly rounded but for a few values in a million.
func Exp32(x float32) float32 {
	switch {
	case x > expMax:
		return float32(math.Inf(1))
	case x < expMin:
		return 0
	case x != x:
		return x
	}
	return float32(exp32(float64(x)))
}

// Exp is eˣ.
func Exp[T Float](dst, src []T) {
	dst = dst[:len(src)]
	switch src := any(src).(type) {
	case []float32:
		dst := any(dst).([]float32)
		for i, v := range src {
			dst[i] = Exp32(v)
		}
	case []float64:
		dst := any(dst).([]float64)
		for i, v := range src {
			dst[i] = math.Exp(v)
		}
	}
}

// Sigmoid32 is 1 / (1 + e⁻ˣ).
func Sigmoid32(x float32) float32 {
	return float32(1 / (1 + exp32(bounded(-float64(x)))))
}

// sigmoid is [Sigmoid32] in float64, without overflow on either side.
func sigmoid(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + math.Exp(-x))
	}
	e := math.Exp(x)
	return e / (1 + e)
}

// Sigmoid is 1 / (1 + e⁻ˣ).
func Sigmoid[T Float](dst, src []T) {
	dst = dst[:len(src)]
	switch src := any(src).(type) {
	case []float32:
		dst := any(dst).([]float32)
		for i, v := range src {
			dst[i] = Sigmoid32(v)
		}
	case []float64:
		dst := any(dst).([]float64)
		for i, v := range src {
			dst[i] = sigmoid(v)
		}
	}
}

// Tanh32 is the hyperbolic tangent.
func Tanh32(x float32) float32 { return float32(tanh32(float64(x))) }

func tanh32(x float64) float64 {
	if math.Abs(x) < 0.02 { // the power series, where 1 - 2/(e²ˣ+1) would cancel
		s := x * x
		return x * (1 - s*(1.0/3-s*(2.0/15-s*17.0/315)))
	}
	return 1 - 2/(exp32(bounded(2*x))+1)
}

// Tanh is the hyperbolic tangent.
func Tanh[T Float](dst, src []T) {
	dst = dst[:len(src)]
	switch src := any(src).(type) {
	case []float32:
		dst := any(dst).([]float32)
		for i, v := range src {
			dst[i] = Tanh32(v)
		}
	case []float64:
		dst := any(dst).([]float64)
		for i, v := range src {
			dst[i] = math.Tanh(v)
		}
	}
}

// precise picks the function for the precision of the type: narrow is exact
// enough for float32 only.
func precise[T Float](narrow, wide func(float64) float64) func(float64) float64 {
	var zero T
	if _, ok := any(zero).(float32); ok {
		return narrow
	}
	return wide
}
