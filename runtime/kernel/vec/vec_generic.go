package vec

import "math"

// This file is the meaning of the kernels, in plain Go. It is compiled
// everywhere. Functions are computed in float64, to more than float32 holds, and
// rounded once.

func each(dst, src []float32, f func(float64) float64) {
	for i, v := range src {
		dst[i] = float32(f(float64(v)))
	}
}

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

func expOf(x float64) float64 {
	switch {
	case x > expMax:
		return math.Inf(1)
	case x < expMin:
		return 0
	}
	return exp32(x)
}

func sigmoidOf(x float64) float64 { return 1 / (1 + exp32(bounded(-x))) }

func siluOf(x float64) float64 {
	if math.IsInf(x, -1) {
		return 0 // the limit, where the quotient would be NaN
	}
	return x / (1 + exp32(bounded(-x)))
}

func tanhOf(x float64) float64 {
	if math.Abs(x) < 0.02 { // the power series, where 1 - 2/(e²ˣ+1) would cancel
		s := x * x
		return x * (1 - s*(1.0/3-s*(2.0/15-s*17.0/315)))
	}
	return 1 - 2/(exp32(bounded(2*x))+1)
}

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

// erfOf is the error function for float32 results.
func erfOf(x float64) float64 {
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

func sqrtOf(x float64) float64 { return math.Sqrt(x) }

func geluOf(x float64) float64 {
	if math.IsInf(x, -1) {
		return 0
	}
	return x * 0.5 * erfc32(-x*(math.Sqrt2/2))
}

func geluTanhOf(x float64) float64 {
	if math.IsInf(x, -1) {
		return 0
	}
	return x / (1 + exp32(bounded(-2*math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x))))
}

func plainSum(a []float32) float32 { return float32(plainTotal(a)) }

func plainTotal(a []float32) (sum float64) {
	for _, v := range a {
		sum += float64(v)
	}
	return sum
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
		dst[i] = float32(expOf(float64(v - top)))
		sum += float64(dst[i])
	}
	return float32(sum)
}
