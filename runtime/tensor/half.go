package tensor

import "math"

// F16 is an IEEE 754 binary16 number, as its bits.
type F16 uint16

// BF16 is a bfloat16 number: the upper half of a float32, as its bits.
type BF16 uint16

// F16From rounds f to the nearest binary16, ties to even; what is too large
// becomes infinite.
func F16From(f float32) F16 {
	b := math.Float32bits(f)
	sign := uint16(b>>16) & 0x8000
	abs := b & 0x7fffffff
	switch {
	case abs > 0x7f800000: // NaN: keep it quiet and keep what fits of its payload
		return F16(sign | 0x7e00 | uint16(abs>>13)&0x3ff)
	case abs >= 0x477ff000: // rounds to 65536 or more
		return F16(sign | 0x7c00)
	case abs >= 0x38800000: // normal: rebias the exponent by 15-127, then round
		abs -= (127 - 15) << 23
		return F16(sign | uint16((abs+0xfff+(abs>>13)&1)>>13))
	case abs < 0x33000000: // below half of the smallest subnormal
		return F16(sign)
	}
	// subnormal: shift the mantissa with its hidden bit to units of 2^-24
	shift := 126 - abs>>23
	mant := abs&0x7fffff | 0x800000
	half := uint32(1) << (shift - 1)
	return F16(sign | uint16((mant+half-1+(mant>>shift)&1)>>shift))
}

// Float32 is the exact value of h.
func (h F16) Float32() float32 {
	sign := uint32(h&0x8000) << 16
	exp, mant := uint32(h>>10)&0x1f, uint32(h)&0x3ff
	switch exp {
	case 0:
		f := float32(mant) * 0x1p-24
		return math.Float32frombits(sign | math.Float32bits(f))
	case 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | mant<<13)
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | mant<<13)
}

// BF16From rounds f to the nearest bfloat16, ties to even.
func BF16From(f float32) BF16 {
	b := math.Float32bits(f)
	if b&0x7fffffff > 0x7f800000 {
		return BF16(b>>16 | 0x40)
	}
	return BF16((b + 0x7fff + b>>16&1) >> 16)
}

// Float32 is the exact value of h.
func (h BF16) Float32() float32 { return math.Float32frombits(uint32(h) << 16) }
