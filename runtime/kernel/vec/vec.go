// Package vec is arithmetic on float32 slices: the elementwise functions, and
// the sums and maxima of rows, that normalizations, softmax and activations are
// made of.
//
// Results are written to dst, which may be one of the operands; operands must be
// at least as long as dst. Functions are within 3 ulp of the exact value
// (the activations, of their largest term), infinities and NaN included. The
// last bits of results depend on the machine, never on the number of threads.
//
// Functions, [ExpSum], [Mean] and [Squares] give the same bits on all machines
// with vector instructions, and those of ONNX Runtime on x86 with AVX-512 for
// Exp, Erf, Gelu, softmax and layer normalization: where a result is quantised
// next, a last bit can become a whole step. [Sum] and [Dot] are made in as many
// strands as a register has lanes.
package vec

// Exp writes f(src), f being the function that is eˣ.
func Exp(dst, src []float32) {
	src = src[:len(dst)]
	if len(dst) > 0 && !fastExp(dst, src) {
		each(dst, src, expOf)
	}
}

// Sigmoid writes f(src), f being the function that is 1 / (1 + e⁻ˣ).
func Sigmoid(dst, src []float32) {
	src = src[:len(dst)]
	if len(dst) > 0 && !fastSigmoid(dst, src) {
		each(dst, src, sigmoidOf)
	}
}

// Silu writes f(src), f being the function that is x · sigmoid(x).
func Silu(dst, src []float32) {
	src = src[:len(dst)]
	if len(dst) > 0 && !fastSilu(dst, src) {
		each(dst, src, siluOf)
	}
}

// Tanh writes f(src), f being the function that is the hyperbolic tangent.
func Tanh(dst, src []float32) {
	src = src[:len(dst)]
	if len(dst) > 0 && !fastTanh(dst, src) {
		each(dst, src, tanhOf)
	}
}

// Erf writes f(src), f being the function that is the error function.
func Erf(dst, src []float32) {
	src = src[:len(dst)]
	if len(dst) > 0 && !fastErf(dst, src) {
		each(dst, src, erfOf)
	}
}

// Gelu writes f(src), f being the function that is ½x · (1 + erf(x/√2)).
func Gelu(dst, src []float32) {
	src = src[:len(dst)]
	if len(dst) > 0 && !fastGelu(dst, src) {
		each(dst, src, geluOf)
	}
}

// GeluTanh writes f(src), f being the function that is ½x · (1 + tanh(√(2/π)·(x + 0.044715x³))).
func GeluTanh(dst, src []float32) {
	src = src[:len(dst)]
	if len(dst) > 0 && !fastGeluTanh(dst, src) {
		each(dst, src, geluTanhOf)
	}
}

// Sqrt writes f(src), f being the function that is the square root.
func Sqrt(dst, src []float32) {
	src = src[:len(dst)]
	if len(dst) > 0 && !fastSqrt(dst, src) {
		each(dst, src, sqrtOf)
	}
}

// Add writes a + b.
func Add(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	if len(dst) > 0 && !fastAdd(dst, a, b) {
		for i, v := range a {
			dst[i] = v + b[i]
		}
	}
}

// AddVS writes a + b for a number b.
func AddVS(dst, a []float32, b float32) {
	a = a[:len(dst)]
	if len(dst) > 0 && !fastAddVS(dst, a, b) {
		for i, v := range a {
			dst[i] = v + b
		}
	}
}

// AddSV writes a + b for a number a.
func AddSV(dst []float32, a float32, b []float32) {
	b = b[:len(dst)]
	if len(dst) > 0 && !fastAddSV(dst, b, a) {
		for i, v := range b {
			dst[i] = a + v
		}
	}
}

// Sub writes a - b.
func Sub(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	if len(dst) > 0 && !fastSub(dst, a, b) {
		for i, v := range a {
			dst[i] = v - b[i]
		}
	}
}

// SubVS writes a - b for a number b.
func SubVS(dst, a []float32, b float32) {
	a = a[:len(dst)]
	if len(dst) > 0 && !fastSubVS(dst, a, b) {
		for i, v := range a {
			dst[i] = v - b
		}
	}
}

// SubSV writes a - b for a number a.
func SubSV(dst []float32, a float32, b []float32) {
	b = b[:len(dst)]
	if len(dst) > 0 && !fastSubSV(dst, b, a) {
		for i, v := range b {
			dst[i] = a - v
		}
	}
}

// Mul writes a · b.
func Mul(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	if len(dst) > 0 && !fastMul(dst, a, b) {
		for i, v := range a {
			dst[i] = v * b[i]
		}
	}
}

// MulVS writes a · b for a number b.
func MulVS(dst, a []float32, b float32) {
	a = a[:len(dst)]
	if len(dst) > 0 && !fastMulVS(dst, a, b) {
		for i, v := range a {
			dst[i] = v * b
		}
	}
}

// MulSV writes a · b for a number a.
func MulSV(dst []float32, a float32, b []float32) {
	b = b[:len(dst)]
	if len(dst) > 0 && !fastMulSV(dst, b, a) {
		for i, v := range b {
			dst[i] = a * v
		}
	}
}

// Div writes a / b.
func Div(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	if len(dst) > 0 && !fastDiv(dst, a, b) {
		for i, v := range a {
			dst[i] = v / b[i]
		}
	}
}

// DivVS writes a / b for a number b.
func DivVS(dst, a []float32, b float32) {
	a = a[:len(dst)]
	if len(dst) > 0 && !fastDivVS(dst, a, b) {
		for i, v := range a {
			dst[i] = v / b
		}
	}
}

// DivSV writes a / b for a number a.
func DivSV(dst []float32, a float32, b []float32) {
	b = b[:len(dst)]
	if len(dst) > 0 && !fastDivSV(dst, b, a) {
		for i, v := range b {
			dst[i] = a / v
		}
	}
}
