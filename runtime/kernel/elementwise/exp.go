package elementwise

import "math"

// The limits between which exp of a float32 neither overflows nor vanishes.
const (
	expMax = 88.72284
	expMin = -103.97208
)

// exp32 is eˣ of a float32 in float64, within 1e-12 of its value: x is split
// into a whole number of ln 2 and a rest r of at most ln 2 / 2, for which the
// power series of degree 10 is that exact.
//
// Infinities and NaN, and what leaves the range of float32, are for the caller.
func exp32(x float64) float64 {
	n := math.RoundToEven(x * math.Log2E)
	r := x - n*math.Ln2
	p := 1.0 / 3628800
	p = p*r + 1.0/362880
	p = p*r + 1.0/40320
	p = p*r + 1.0/5040
	p = p*r + 1.0/720
	p = p*r + 1.0/120
	p = p*r + 1.0/24
	p = p*r + 1.0/6
	p = p*r + 0.5
	p = p*r + 1
	p = p*r + 1
	return p * math.Float64frombits(uint64(int64(n)+1023)<<52)
}

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
	switch {
	case x < expMin:
		return 0
	case x > expMax:
		return 1
	case x != x:
		return x
	}
	return float32(1 / (1 + exp32(-float64(x))))
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
func Tanh32(x float32) float32 {
	v := float64(x)
	switch a := math.Abs(v); {
	case a > 10: // within half a unit of ±1
		return float32(math.Copysign(1, v))
	case a < 0.02: // the power series, where 1 - 2/(e²ˣ+1) would cancel
		s := v * v
		return float32(v * (1 - s*(1.0/3-s*(2.0/15-s*17.0/315))))
	case v != v:
		return x
	}
	return float32(1 - 2/(exp32(2*v)+1))
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
