package tensor

import "math"

// The 8-bit floating-point types of the ONNX standard, as their bits. The
// name gives the widths of exponent and mantissa; FN has no infinities, UZ no
// negative zero (whose bits are its one NaN).
type (
	F8E4M3FN   uint8
	F8E4M3FNUZ uint8
	F8E5M2     uint8
	F8E5M2FNUZ uint8
	F8E8M0     uint8 // a power of two, the shared scale of microscaling blocks
)

// minifloat describes a small float with a sign bit.
type minifloat struct {
	exp, mant int // field widths in bits
	bias      int
	max       uint32 // bits of the largest finite magnitude
	inf       bool   // has infinities, right above max
	uz        bool   // no negative zero: its bits are NaN
	nan       uint32 // bits of NaN (without the sign where not uz)
}

var (
	e4m3fn   = minifloat{exp: 4, mant: 3, bias: 7, max: 0x7e, nan: 0x7f}
	e4m3fnuz = minifloat{exp: 4, mant: 3, bias: 8, max: 0x7f, uz: true, nan: 0x80}
	e5m2     = minifloat{exp: 5, mant: 2, bias: 15, max: 0x7b, inf: true, nan: 0x7f}
	e5m2fnuz = minifloat{exp: 5, mant: 2, bias: 16, max: 0x7f, uz: true, nan: 0x80}
	e2m1     = minifloat{exp: 2, mant: 1, bias: 1, max: 0x7, nan: 0x0}
)

func (m minifloat) signBit() uint32 { return 1 << (m.exp + m.mant) }

// decode gives the exact value of the bits b.
func (m minifloat) decode(b uint32) float32 {
	sign, mag := b&m.signBit(), b&(m.signBit()-1)
	var v float64
	switch {
	case m.uz && b == m.nan, !m.uz && mag > m.max && !(m.inf && mag == m.max+1):
		return float32(math.NaN())
	case mag > m.max:
		v = math.Inf(1)
	default:
		e, f := int(mag>>m.mant), int(mag&(1<<m.mant-1))
		if e == 0 {
			v = math.Ldexp(float64(f), 1-m.bias-m.mant)
		} else {
			v = math.Ldexp(float64(f|1<<m.mant), e-m.bias-m.mant)
		}
	}
	if sign != 0 {
		v = -v
	}
	return float32(v)
}

// encode rounds f to the nearest representable value, ties to even. What is
// beyond the largest finite value saturates to it, or else becomes infinite
// (NaN for types without infinities). NaN stays NaN; infinity counts as beyond.
func (m minifloat) encode(f float32, saturate bool) uint32 {
	if f != f {
		if m.uz {
			return m.nan
		}
		return m.nan | m.sign(f)
	}
	v := math.Abs(float64(f))
	mag := m.round(v)
	if mag > m.max {
		switch {
		case saturate:
			mag = m.max
		case m.inf:
			mag = m.max + 1
		case m.uz:
			return m.nan
		default:
			mag = m.nan
		}
	}
	if m.uz && mag == 0 {
		return 0
	}
	return mag | m.sign(f)
}

func (m minifloat) sign(f float32) uint32 {
	if math.Signbit(float64(f)) {
		return m.signBit()
	}
	return 0
}

// round gives the magnitude bits nearest to v >= 0; values past the largest
// finite one give bits above max.
func (m minifloat) round(v float64) uint32 {
	if v == 0 {
		return 0
	}
	if math.IsInf(v, 1) {
		return m.max + 1
	}
	_, e := math.Frexp(v) // v = frac · 2^e with frac in [0.5, 1)
	e = max(e-1, 1-m.bias)
	q := uint32(min(math.RoundToEven(math.Ldexp(v, m.mant-e)), 1<<20)) // mantissa with hidden bit
	if q == 0 {
		return 0
	}
	if e > 1<<m.exp {
		return m.max + 1
	}
	// a mantissa that rounded up to the next power of two carries into the exponent
	return min(uint32(e+m.bias-1)<<m.mant+q, m.max+1)
}

// F8E4M3FNFrom rounds f; see the package's saturation rule in [F8E5M2From].
func F8E4M3FNFrom(f float32, saturate bool) F8E4M3FN { return F8E4M3FN(e4m3fn.encode(f, saturate)) }

// F8E4M3FNUZFrom rounds f; see the saturation rule in [F8E5M2From].
func F8E4M3FNUZFrom(f float32, saturate bool) F8E4M3FNUZ {
	return F8E4M3FNUZ(e4m3fnuz.encode(f, saturate))
}

// F8E5M2From rounds f to nearest, ties to even. Where f is beyond the largest
// finite value, infinity included, the result is that value with its sign if
// saturate is set, else infinity (NaN in the types without infinities).
func F8E5M2From(f float32, saturate bool) F8E5M2 { return F8E5M2(e5m2.encode(f, saturate)) }

// F8E5M2FNUZFrom rounds f; see the saturation rule in [F8E5M2From].
func F8E5M2FNUZFrom(f float32, saturate bool) F8E5M2FNUZ {
	return F8E5M2FNUZ(e5m2fnuz.encode(f, saturate))
}

// Float32 is the exact value of h.
func (h F8E4M3FN) Float32() float32 { return e4m3fn.decode(uint32(h)) }

// Float32 is the exact value of h.
func (h F8E4M3FNUZ) Float32() float32 { return e4m3fnuz.decode(uint32(h)) }

// Float32 is the exact value of h.
func (h F8E5M2) Float32() float32 { return e5m2.decode(uint32(h)) }

// Float32 is the exact value of h.
func (h F8E5M2FNUZ) Float32() float32 { return e5m2fnuz.decode(uint32(h)) }

// Float32 is 2^(h-127), or NaN for 0xff.
func (h F8E8M0) Float32() float32 {
	if h == 0xff {
		return float32(math.NaN())
	}
	return float32(math.Ldexp(1, int(h)-127))
}
