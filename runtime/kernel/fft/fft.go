// Package fft computes discrete Fourier transforms of any length.
//
// A [Plan] works in complex128: a length that is a power of two goes by the
// algorithm of Cooley and Tukey, every other one by that of Bluestein, as a
// convolution of such a length. Complex lines of a tensor ([Run], [Frames]) whose
// length has small factors alone are transformed by these factors, in their own
// precision. All take O(n·log n).
package fft

import (
	"math"
	"math/bits"
	"math/cmplx"
)

// Plan transforms sequences of one length. It may be used by several goroutines
// at once, each with scratch of its own.
type Plan struct {
	n       int
	size    int          // power of two that is transformed: n itself, or the convolution's
	roots   []complex128 // e^(−2πik/size) for k < size/2
	chirp   []complex128 // e^(−πik²/n), where n is not a power of two
	filter  []complex128 // transform of the conjugated chirp
	inverse bool
}

// MaxLength bounds the length of a transform.
const MaxLength = 1 << 28

// New plans the transform of sequences of length n, 1 to [MaxLength]:
//
//	y[k] = Σ x[j]·e^(∓2πi·jk/n)
//
// with the upper sign, or for the inverse the lower one and a factor of 1/n.
func New(n int, inverse bool) *Plan {
	p := &Plan{n: n, size: n, inverse: inverse}
	if n&(n-1) != 0 {
		p.size = 1 << bits.Len(uint(2*n-2))
	}
	p.roots = make([]complex128, p.size/2)
	for k := range p.roots {
		p.roots[k] = root(k, p.size)
	}
	if p.size == n {
		return p
	}
	p.chirp = make([]complex128, n)
	p.filter = make([]complex128, p.size)
	for k := range n {
		// k² modulo 2n keeps the angle exact
		c := root(k*k%(2*n), 2*n)
		p.chirp[k] = c
		p.filter[k] = cmplx.Conj(c)
		if k > 0 {
			p.filter[p.size-k] = cmplx.Conj(c)
		}
	}
	p.radix2(p.filter)
	return p
}

// root is e^(−2πik/n).
func root(k, n int) complex128 {
	sin, cos := math.Sincos(-2 * math.Pi * float64(k) / float64(n))
	return complex(cos, sin)
}

// Scratch is how many values of scratch Transform needs.
func (p *Plan) Scratch() int {
	if p.chirp == nil {
		return 0
	}
	return p.size
}

// Transform transforms x, of the plan's length, in place.
func (p *Plan) Transform(x, scratch []complex128) {
	if p.inverse { // the transform with the other sign is the conjugate's conjugate
		conjugate(x)
	}
	if p.chirp == nil {
		p.radix2(x)
	} else {
		p.bluestein(x, scratch[:p.size])
	}
	if p.inverse {
		conjugate(x)
		for i := range x {
			x[i] /= complex(float64(p.n), 0)
		}
	}
}

func conjugate(x []complex128) {
	for i, v := range x {
		x[i] = cmplx.Conj(v)
	}
}

// radix2 transforms a sequence of length size.
func (p *Plan) radix2(x []complex128) {
	n := len(x)
	shift := 64 - bits.Len(uint(n-1))
	if n == 1 {
		return
	}
	for i := range x {
		if j := int(bits.Reverse64(uint64(i)) >> shift); j > i {
			x[i], x[j] = x[j], x[i]
		}
	}
	for half := 1; half < n; half *= 2 {
		step := n / (2 * half)
		for start := 0; start < n; start += 2 * half {
			a, b := x[start:start+half], x[start+half:start+2*half]
			for k := range a {
				t := b[k] * p.roots[k*step]
				a[k], b[k] = a[k]+t, a[k]-t
			}
		}
	}
}

// bluestein transforms by a convolution with the chirp: jk = (j² + k² − (k−j)²)/2.
func (p *Plan) bluestein(x, work []complex128) {
	clear(work)
	for i, v := range x {
		work[i] = v * p.chirp[i]
	}
	p.radix2(work)
	for i, f := range p.filter {
		work[i] = cmplx.Conj(work[i] * f)
	}
	p.radix2(work) // the conjugate's transform: the inverse, but for conjugate and factor
	scale := complex(1/float64(p.size), 0)
	for i := range x {
		x[i] = cmplx.Conj(work[i]) * scale * p.chirp[i]
	}
}
