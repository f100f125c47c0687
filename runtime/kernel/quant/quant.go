// Package quant maps real numbers to small integers and back:
//
//	q = saturate(round(x / scale) + zero)    x = (q - zero)·scale
//
// rounding to nearest, ties to even. Scales and zero points are one for a whole
// tensor, one for each index of an axis, or one for each block of an axis: see
// [Layout]. Integers are held as float32, which is exact for types of up to 16
// bits; operators convert them.
package quant

import "github.com/seed6700ada1/infer/runtime/kernel/pool"

// Layout tells which scale an element has. The tensor is [Outer, N, Inner].
type Layout struct {
	Outer, N, Inner int
	Kind            Kind
	Block           int // indices of N that share a scale, for Blocked
}

// Kind tells how many scales there are.
type Kind uint8

// The kinds of layout.
const (
	PerTensor Kind = iota // one scale
	PerAxis               // N scales
	Blocked               // [Outer, ⌈N/Block⌉, Inner] scales
)

// strip is the number of elements in a row of a tensor with one scale.
const strip = 1 << 12

// chunkWork is the number of elements that threads take at a time.
const chunkWork = 1 << 14

// Scales is the number of scales that the layout needs.
func (l Layout) Scales() int {
	switch l.Kind {
	case PerAxis:
		return l.N
	case Blocked:
		return l.Outer * l.blocks() * l.Inner
	default:
		return 1
	}
}

func (l Layout) blocks() int { return (l.N + l.Block - 1) / l.Block }

// row is a run of elements lo to hi: all of them have scale s, or one after the
// other s, s+1, … where each is set.
type row struct {
	lo, hi, s int
	each      bool
}

// rows counts the rows of the layout; width is about how long they are.
func (l Layout) rows() (n, width int) {
	switch {
	case l.Kind == PerTensor:
		return (l.Outer*l.N*l.Inner + strip - 1) / strip, strip
	case l.Kind == PerAxis && l.Inner == 1:
		return l.Outer, l.N
	case l.Kind == Blocked && l.Inner == 1:
		return l.Outer * l.blocks(), l.Block
	default:
		return l.Outer * l.N, l.Inner
	}
}

func (l Layout) row(i int) row {
	switch {
	case l.Kind == PerTensor:
		return row{i * strip, min((i+1)*strip, l.Outer*l.N*l.Inner), 0, false}
	case l.Kind == PerAxis && l.Inner == 1:
		return row{i * l.N, (i + 1) * l.N, 0, true}
	case l.Kind == PerAxis:
		return row{i * l.Inner, (i + 1) * l.Inner, i % l.N, false}
	case l.Inner == 1:
		o, b := i/l.blocks(), i%l.blocks()
		return row{o*l.N + b*l.Block, o*l.N + min((b+1)*l.Block, l.N), i, false}
	default:
		o, b := i/l.N, i%l.N/l.Block
		return row{i * l.Inner, (i + 1) * l.Inner, (o*l.blocks() + b) * l.Inner, true}
	}
}

// each calls f for all rows on the threads of p.
func (l Layout) each(p *pool.Pool, f func(r row)) {
	if l.Outer*l.N*l.Inner == 0 {
		return
	}
	n, width := l.rows()
	p.For(n, max(1, chunkWork/max(1, width)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			f(l.row(i))
		}
	})
}

// Dequantize turns x into (x - zero)·scale where it lies. A nil zero is 0.
func Dequantize(p *pool.Pool, x []float32, l Layout, scale, zero []float32) {
	l.each(p, func(r row) {
		v := x[r.lo:r.hi]
		switch {
		case r.each:
			s := scale[r.s:][:len(v)]
			if zero == nil {
				for i := range v {
					v[i] *= s[i]
				}
				return
			}
			z := zero[r.s:][:len(v)]
			for i := range v {
				v[i] = (v[i] - z[i]) * s[i]
			}
		default:
			s, z := scale[r.s], float32(0)
			if zero != nil {
				z = zero[r.s]
			}
			for i := range v {
				v[i] = (v[i] - z) * s
			}
		}
	})
}

// Range is what integers saturate to: at most 17 bits wide.
type Range struct{ Min, Max float32 }

// Quantize writes saturate(round(x / scale) + zero) to y, which may be x. A nil
// zero is 0. NaN becomes the least of the range. narrow, where not nil, rounds
// each quotient to the precision of the division.
func Quantize(p *pool.Pool, y, x []float32, l Layout, scale, zero []float32, to Range, narrow func(float32) float32) {
	l.each(p, func(r row) {
		in, out := x[r.lo:r.hi], y[r.lo:r.hi]
		for i, v := range in {
			k := r.s
			if r.each {
				k += i
			}
			z := float32(0)
			if zero != nil {
				z = zero[k]
			}
			q := v / scale[k]
			if narrow != nil {
				q = narrow(q)
			}
			out[i] = round(q, to.Min-z, to.Max-z) + z
		}
	})
}

// magic is 1.5·2²³: added to a number of less than 22 bits, it pushes the
// fraction out of the mantissa, and the sum is rounded to nearest, ties to even.
const magic = 3 << 22

// round rounds v within lo and hi, which are whole.
func round(v, lo, hi float32) float32 {
	if !(v > lo) { // NaN too
		return lo
	}
	v = min(v, hi) + magic
	return v - magic
}

// Quotient writes x / scale + zero to y, which may be x: the quantisation of
// types that round by themselves. A nil zero is 0.
func Quotient(p *pool.Pool, y, x []float32, l Layout, scale, zero []float32) {
	l.each(p, func(r row) {
		for i := r.lo; i < r.hi; i++ {
			k := r.s
			if r.each {
				k += i - r.lo
			}
			y[i] = x[i] / scale[k]
			if zero != nil {
				y[i] += zero[k]
			}
		}
	})
}
