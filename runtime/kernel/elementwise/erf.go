package elementwise

import "math"

// erfcTerms are the coefficients, by rising power of t = 2/(2+x), of a fit to
// eˣ²·erfc(x)/t over 0 <= x <= 10.2, the range where erfc is a float32. Its
// relative error is below 4e-10.
var erfcTerms = [12]float64{
	0x1.20de89ba454d8p-2, 0x1.20bb7c4f8e465p-2, 0x1.fd32c238c9c28p-3, 0x1.4b3e4532a6507p-3,
	0x1.482c8d5fc91e4p-3, -0x1.1c2e0812b4dafp-2, 0x1.3beefe1d21721p-1, -0x1.3059ce7c5268ap+0,
	0x1.3cf4fc0216d8fp+0, -0x1.6fd3a3e17ea35p-1, 0x1.cccc1adb1d5c5p-3, -0x1.ec4405739169ap-6,
}

// erfc32 is 1 - erf(x) for float32 results.
func erfc32(x float64) float64 {
	a := math.Abs(x)
	if a > 10.2 {
		return 1 - math.Copysign(1, x)
	}
	t := 2 / (2 + a)
	c, t2 := &erfcTerms, t*t
	t4 := t2 * t2
	p := (c[0] + c[1]*t) + t2*(c[2]+c[3]*t) +
		t4*((c[4]+c[5]*t)+t2*(c[6]+c[7]*t)) +
		t4*t4*((c[8]+c[9]*t)+t2*(c[10]+c[11]*t))
	v := exp32(-a*a) * t * p
	if x < 0 {
		return 2 - v
	}
	return v
}

// erf32 is the error function for float32 results.
func erf32(x float64) float64 {
	if math.Abs(x) >= 0.5 || x != x {
		return 1 - erfc32(x)
	}
	// the power series: 2/√π · Σ (-1)ⁿ x²ⁿ⁺¹ / (n!·(2n+1))
	s := x * x
	p := 1.0/75600 - s/685440
	p = 1.0/9360 - s*p
	p = 1.0/1320 - s*p
	p = 1.0/216 - s*p
	p = 1.0/42 - s*p
	p = 1.0/10 - s*p
	p = 1.0/3 - s*p
	return x * (2 / math.SqrtPi) * (1 - s*p)
}

// Erf is the error function.
func Erf[T Float]() Unary[T, T] { return Each[T](precise[T](erf32, math.Erf)) }

// Gelu is x · Φ(x), Φ being the normal distribution: ½x · (1 + erf(x/√2)).
func Gelu[T Float]() Unary[T, T] {
	erfc := precise[T](erfc32, math.Erfc)
	return Each[T](func(x float64) float64 {
		if math.IsInf(x, -1) {
			return 0 // the limit, where the product would be NaN
		}
		return x * 0.5 * erfc(-x*(math.Sqrt2/2))
	})
}

// GeluTanh is the approximation ½x · (1 + tanh(√(2/π)·(x + 0.044715x³))), which
// is x · sigmoid(2·√(2/π)·(x + 0.044715x³)).
func GeluTanh[T Float]() Unary[T, T] {
	exp := precise[T](exp32, math.Exp)
	k := -2 * math.Sqrt(2/math.Pi)
	return Each[T](func(x float64) float64 {
		if math.IsInf(x, -1) {
			return 0 // the limit, where the product would be NaN
		}
		return x / (1 + exp(bounded(k*(x+0.044715*x*x*x))))
	})
}
