package elementwise

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/vec"
)

// Relu is max(0, x); NaN stays NaN.
func Relu[T Number](dst, src []T) {
	dst = dst[:len(src)]
	if d, ok := any(dst).([]float32); ok {
		vec.Relu(d, any(src).([]float32))
		return
	}
	for i, v := range src {
		dst[i] = max(v, 0)
	}
}

// LeakyRelu is x, times alpha where negative.
func LeakyRelu[T Float](alpha T) Unary[T, T] {
	return func(dst, src []T) { slopeVS(dst, src, alpha) }
}

// ThresholdedRelu is x where it is above alpha, else 0.
func ThresholdedRelu[T Float](alpha T) Unary[T, T] {
	return func(dst, src []T) {
		dst = dst[:len(src)]
		for i, v := range src {
			if v <= alpha {
				v = 0
			}
			dst[i] = v
		}
	}
}

// Elu is x, or alpha·(eˣ - 1) where negative.
func Elu[T Float](alpha float64) Unary[T, T] {
	return Each[T](func(x float64) float64 {
		if x < 0 {
			return alpha * math.Expm1(x)
		}
		return x
	})
}

// Selu is gamma · (x, or alpha·(eˣ - 1) where not positive).
func Selu[T Float](alpha, gamma float64) Unary[T, T] {
	return Each[T](func(x float64) float64 {
		if x > 0 {
			return gamma * x
		}
		return gamma * alpha * math.Expm1(x)
	})
}

// Celu is max(0, x) + min(0, alpha·(e^(x/alpha) - 1)).
func Celu[T Float](alpha float64) Unary[T, T] {
	return Each[T](func(x float64) float64 {
		return max(0, x) + min(0, alpha*math.Expm1(x/alpha))
	})
}

// HardSigmoid is alpha·x + beta between 0 and 1.
func HardSigmoid[T Float](alpha, beta T) Unary[T, T] {
	return func(dst, src []T) {
		dst = dst[:len(src)]
		for i, v := range src {
			dst[i] = max(0, min(1, alpha*v+beta))
		}
	}
}

// HardSwish is x · max(0, min(1, x/6 + ½)).
func HardSwish[T Float](dst, src []T) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = v * max(0, min(1, v*T(1.0/6)+0.5))
	}
}

// Swish is x · sigmoid(alpha·x).
func Swish[T Float](alpha float64) Unary[T, T] {
	f := func(x float64) float64 {
		if math.IsInf(x, -1) && alpha > 0 {
			return 0 // the limit, where the product would be NaN
		}
		return x * sigmoid(alpha*x)
	}
	if alpha == 1 {
		return inFloat32[T](vec.Silu, f)
	}
	return Each[T](f)
}

// softplus is ln(eˣ + 1), without overflow.
func softplus(x float64) float64 {
	if x > 0 {
		return x + math.Log1p(math.Exp(-x))
	}
	return math.Log1p(math.Exp(x))
}

// Softplus is ln(eˣ + 1).
func Softplus[T Float]() Unary[T, T] { return Each[T](softplus) }

// Mish is x · tanh(ln(eˣ + 1)): with w = eˣ·(eˣ + 2), x · w/(w + 2).
func Mish[T Float]() Unary[T, T] {
	return Each[T](func(x float64) float64 {
		switch {
		case x > 40: // w/(w + 2) is 1
			return x
		case math.IsInf(x, -1):
			return 0 // the limit, where the product would be NaN
		}
		e := math.Exp(x)
		w := e * (e + 2)
		return x * (w / (w + 2))
	})
}

// Softsign is x / (1 + |x|).
func Softsign[T Float](dst, src []T) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = v / (1 + T(math.Abs(float64(v))))
	}
}

// Shrink is x + bias below -lambd, x - bias above lambd, and 0 between.
func Shrink[T Number](lambd, bias float64) Unary[T, T] {
	return func(dst, src []T) {
		dst = dst[:len(src)]
		for i, v := range src {
			switch x := float64(v); {
			case x < -lambd:
				dst[i] = T(x + bias)
			case x > lambd:
				dst[i] = T(x - bias)
			default:
				dst[i] = 0
			}
		}
	}
}
