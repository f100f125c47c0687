package fft

import "math"

// number is a complex number of two T.
type number[T float32 | float64] struct{ re, im T }

// mixed transforms sequences whose length has no prime factor above five, in the
// precision of the data: by factors of five, four, three and two, each pass
// moving between two buffers so that no reordering is left (Stockham).
type mixed[T float32 | float64] struct {
	n       int
	inverse bool
	passes  []pass[T]
}

// pass is one factor of the length.
type pass[T float32 | float64] struct {
	radix, before, behind int // behind is what is left of the length
	twiddles              []number[T]
}

// newMixed plans a transform; nil where the length has another factor.
func newMixed[T float32 | float64](n int, inverse bool) *mixed[T] {
	p := &mixed[T]{n: n, inverse: inverse}
	left, before := n, 1
	for _, radix := range factors(n) {
		left /= radix
		p.passes = append(p.passes, pass[T]{radix: radix, before: before, behind: left})
		before *= radix
	}
	if left != 1 {
		return nil
	}
	for i := range p.passes {
		p.passes[i].twiddle(n)
	}
	return p
}

// factors splits n, an odd two first, as far as it goes by five.
func factors(n int) []int {
	var list []int
	for n%4 == 0 {
		list, n = append(list, 4), n/4
	}
	if n%2 == 0 {
		list, n = append([]int{2}, list...), n/2
	}
	for _, f := range []int{3, 5} {
		for n%f == 0 {
			list, n = append(list, f), n/f
		}
	}
	return list
}

// twiddle makes the roots that outputs 1 to radix−1 are turned by.
func (p *pass[T]) twiddle(n int) {
	for j := 1; j < p.radix; j++ {
		for i := range p.behind {
			sin, cos := math.Sincos(2 * math.Pi * float64(j*p.before*i) / float64(n))
			p.twiddles = append(p.twiddles, number[T]{T(cos), T(sin)})
		}
	}
}

// transform transforms x, with as much scratch, and gives back which of the two
// holds the result.
func (p *mixed[T]) transform(x, scratch []number[T]) []number[T] {
	sign := T(-1)
	if p.inverse {
		sign = 1
	}
	for i := range p.passes {
		p.passes[i].run(x, scratch, sign)
		x, scratch = scratch, x
	}
	if p.inverse {
		scale := 1 / T(p.n)
		for i := range x {
			x[i].re *= scale
			x[i].im *= scale
		}
	}
	return x
}

func (p *pass[T]) run(x, y []number[T], sign T) {
	var in, out [5]number[T]
	for k := range p.before {
		for i := range p.behind {
			for j := range p.radix {
				in[j] = x[i+p.behind*(j+p.radix*k)]
			}
			butterfly(p.radix, &in, &out, sign)
			for j := range p.radix {
				v := out[j]
				if i > 0 && j > 0 {
					v = v.turned(p.twiddles[(j-1)*p.behind+i], sign)
				}
				y[i+p.behind*(k+p.before*j)] = v
			}
		}
	}
}

// turned is v·w, or v·w* where sign is negative. Products are rounded one by one,
// so that every machine gives the same bits.
func (v number[T]) turned(w number[T], sign T) number[T] {
	w.im *= sign
	return number[T]{T(v.re*w.re) - T(v.im*w.im), T(v.re*w.im) + T(v.im*w.re)}
}

func (v number[T]) plus(w number[T]) number[T]  { return number[T]{v.re + w.re, v.im + w.im} }
func (v number[T]) minus(w number[T]) number[T] { return number[T]{v.re - w.re, v.im - w.im} }

// quarter is v·i, or −v·i where sign is negative.
func (v number[T]) quarter(sign T) number[T] { return number[T]{-sign * v.im, sign * v.re} }

// butterfly is the transform of length radix.
func butterfly[T float32 | float64](radix int, in, out *[5]number[T], sign T) {
	switch radix {
	case 2:
		out[0], out[1] = in[0].plus(in[1]), in[0].minus(in[1])
	case 3:
		sum, diff := in[1].plus(in[2]), in[1].minus(in[2])
		out[0] = in[0].plus(sum)
		out[1], out[2] = mirrored(in[0], sum, number[T]{}, diff, number[T]{}, -0.5, 0, T(sign*sin3), 0)
	case 4:
		even, evenDiff := in[0].plus(in[2]), in[0].minus(in[2])
		odd, oddDiff := in[1].plus(in[3]), in[1].minus(in[3]).quarter(sign)
		out[0], out[2] = even.plus(odd), even.minus(odd)
		out[1], out[3] = evenDiff.plus(oddDiff), evenDiff.minus(oddDiff)
	case 5:
		near, nearDiff := in[1].plus(in[4]), in[1].minus(in[4])
		far, farDiff := in[2].plus(in[3]), in[2].minus(in[3])
		out[0] = in[0].plus(near).plus(far)
		out[1], out[4] = mirrored(in[0], near, far, nearDiff, farDiff, cos5, cos25, T(sign*sin5), T(sign*sin25))
		out[2], out[3] = mirrored(in[0], near, far, nearDiff, farDiff, cos25, cos5, T(sign*sin25), T(-sign*sin5))
	}
}

// The sines and cosines of thirds and fifths of a turn.
const (
	sin3  = 0.86602540378443864676
	cos5  = 0.3090169943749474241
	sin5  = 0.95105651629515357212
	cos25 = -0.8090169943749474241
	sin25 = 0.58778525229247312917
)

// mirrored is the two outputs that differ in the sign of their sines.
func mirrored[T float32 | float64](first, a, b, da, db number[T], ca, cb, sa, sb T) (x, y number[T]) {
	even := number[T]{first.re + T(ca*a.re) + T(cb*b.re), first.im + T(ca*a.im) + T(cb*b.im)}
	odd := number[T]{-(T(sa*da.im) + T(sb*db.im)), T(sa*da.re) + T(sb*db.re)}
	return even.plus(odd), even.minus(odd)
}
