package gen

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Consts makes read-only constants, one for each bit pattern, repeated over a
// whole register of the widest rung so that any instruction can take them from
// memory.
type Consts struct {
	prefix string
	made   map[uint32]Mem
}

// NewConsts makes an empty pool whose symbols start with prefix.
func NewConsts(prefix string) *Consts { return &Consts{prefix, map[uint32]Mem{}} }

// F is the constant f.
func (c *Consts) F(f float64) Mem { return c.Bits(math.Float32bits(float32(f))) }

// Bits is the constant with those bits.
func (c *Consts) Bits(b uint32) Mem {
	if m, ok := c.made[b]; ok {
		return m
	}
	m := GLOBL(fmt.Sprintf("%s%d", c.prefix, len(c.made)), RODATA|NOPTR)
	for i := range 16 {
		DATA(4*i, U32(b))
	}
	c.made[b] = m
	return m
}

// Math writes arithmetic on whole registers of float32. Methods leave their
// operands alone and give a new register.
type Math struct {
	Rung
	*Consts
}

type vec = reg.VecVirtual

// Load brings a constant or memory into a register.
func (m Math) Load(x Op) vec {
	v := m.Vec()
	VMOVUPS(x, v)
	return v
}

// Gather loads a value for each lane, from base plus four times its place.
func (m Math) Gather(base, places reg.Register) vec {
	v := m.Zero(1)[0] // or it would wait for what was there
	at := Mem{Base: base, Index: places, Scale: 4}
	if m.Bytes == 64 {
		k := K()
		KXNORW(k, k, k)
		VGATHERDPS(at, k, v)
		return v
	}
	all := m.Vec()
	VPCMPEQD(all, all, all)
	VGATHERDPS(all, at, v)
	return v
}

// Copy copies a register.
func (m Math) Copy(x vec) vec {
	v := m.Vec()
	VMOVAPS(x, v)
	return v
}

// Add is a + b.
func (m Math) Add(a vec, b Op) vec { v := m.Vec(); VADDPS(b, a, v); return v }

// Sub is a - b.
func (m Math) Sub(a vec, b Op) vec { v := m.Vec(); VSUBPS(b, a, v); return v }

// Mul is a · b.
func (m Math) Mul(a vec, b Op) vec { v := m.Vec(); VMULPS(b, a, v); return v }

// Div is a / b.
func (m Math) Div(a vec, b Op) vec { v := m.Vec(); VDIVPS(b, a, v); return v }

// MulAdd is a · b + c.
func (m Math) MulAdd(a, b vec, c Op) vec {
	v := m.Copy(a)
	VFMADD213PS(c, b, v)
	return v
}

// Bound limits x to [lo, hi], passing on a NaN.
func (m Math) Bound(x vec, lo, hi float64) vec {
	v := m.Vec()
	VMAXPS(x, m.Load(m.F(lo)), v)
	VMINPS(v, m.Load(m.F(hi)), v)
	return v
}

// Abs clears the sign.
func (m Math) Abs(x vec) vec { v := m.Vec(); VANDPS(m.Bits(0x7fffffff), x, v); return v }

// SignOf gives magnitude the sign of x. The magnitude must be positive.
func (m Math) SignOf(magnitude, x vec) vec {
	v := m.Vec()
	VANDPS(m.Bits(0x80000000), x, v)
	VORPS(magnitude, v, v)
	return v
}

// Poly is Σ c[i]·xⁱ.
func (m Math) Poly(x vec, c ...float64) vec {
	v := m.Load(m.F(c[len(c)-1]))
	for i := len(c) - 2; i >= 0; i-- {
		VFMADD213PS(m.F(c[i]), x, v)
	}
	return v
}

// Less chooses yes where a < b, else no.
func (m Math) Less(a vec, b Op, yes, no vec) vec {
	const lessQuiet = 0x11
	v := m.Vec()
	if m.Bytes == 64 {
		k := K()
		VCMPPS(U8(lessQuiet), b, a, k)
		VBLENDMPS(yes, no, k, v)
		return v
	}
	mask := m.Vec()
	VCMPPS(U8(lessQuiet), b, a, mask)
	VBLENDVPS(mask, yes, no, v)
	return v
}

// Exp is eˣ, within 1 ulp: x = n·ln 2 + r, and a polynomial for eʳ over |r| <=
// ln 2 / 2. It is the one of ONNX Runtime and rounds step by step as there, and
// so do [Math.Erf] and [Math.Gelu]: where a result is quantised next, a last bit
// that differs can become a whole step.
func (m Math) Exp(x vec) vec {
	r, n := m.octave(m.Bound(x, -104, 89))
	return m.scale(m.Poly(r, 1, 1, 0x1.fffff6p-2, 0x1.555450p-3, 0x1.555b5ap-5, 0x1.125edcp-7, 0x1.694000p-10), n)
}

// octave splits x into n·ln 2 + r with whole n and |r| <= ln 2 / 2.
func (m Math) octave(x vec) (r, n vec) {
	// adding it leaves no bits for a fraction
	rounder := m.Load(m.F(0x1.8p23))
	n = m.Copy(rounder)
	VFMADD231PS(m.F(math.Log2E), x, n)
	VSUBPS(rounder, n, n)
	// ln 2 in two parts, of which the first times n is exact
	const high, low = 0x1.62e4p-1, 1.42860677e-6
	r = m.Copy(x)
	VFNMADD231PS(m.F(high), n, r)
	VFNMADD231PS(m.F(low), n, r)
	return r, n
}

// scale is p · 2ⁿ for whole n from -151 to 129.
func (m Math) scale(p, n vec) vec {
	v := m.Vec()
	if m.Bytes == 64 {
		VSCALEFPS(n, p, v)
		return v
	}
	// in two steps, since the power may not be a float32 though the result is
	i, half := m.Vec(), m.Vec()
	VCVTPS2DQ(n, i)
	VPSRAD(U8(1), i, half)
	VPSUBD(half, i, i)
	for _, k := range []vec{half, i} {
		VPADDD(m.Bits(127), k, k)
		VPSLLD(U8(23), k, k)
	}
	VMULPS(half, p, v)
	VMULPS(i, v, v)
	return v
}

// scaleNormal is p · 2ⁿ for whole n, where p and the result are normal numbers.
func (m Math) scaleNormal(p, n vec) vec {
	v := m.Vec()
	if m.Bytes == 64 {
		VSCALEFPS(n, p, v)
		return v
	}
	VCVTPS2DQ(n, v)
	VPSLLD(U8(23), v, v)
	VPADDD(p, v, v)
	return v
}

// Sigmoid is 1 / (1 + e⁻ˣ), or eˣ / (1 + eˣ) below 0, where the first would
// overflow.
func (m Math) Sigmoid(x vec) vec {
	e := m.Exp(m.neg(m.Abs(x)))
	above := m.Div(m.Load(m.F(1)), m.Add(e, m.F(1)))
	return m.Less(x, m.Zero(1)[0], m.Mul(above, e), above) // a NaN is not less, and above is NaN
}

// Silu is x · sigmoid(x).
func (m Math) Silu(x vec) vec {
	x = m.Bound(x, -200, math.Inf(1)) // -∞ would give NaN, and the result is -0 already
	return m.Mul(x, m.Sigmoid(x))
}

func (m Math) neg(x vec) vec { v := m.Vec(); VXORPS(m.Bits(0x80000000), x, v); return v }

// Tanh is the hyperbolic tangent: a fit of x³·P(x²) + x below 0.625, and
// 1 - 2/(e²ˣ+1) above.
func (m Math) Tanh(x vec) vec {
	a := m.Abs(x)
	s := m.Mul(x, x)
	p := m.Poly(s, -0.3333328366279602, 0.13331490755081177, -0.05374349653720856, 0.020650578662753105, -0.005717036779969931)
	small := m.MulAdd(m.Mul(p, s), x, x)
	e := m.Add(m.Exp(m.Add(a, a)), m.F(1))
	large := m.Sub(m.Load(m.F(1)), m.Div(m.Load(m.F(2)), e))
	return m.Less(a, m.F(0.625), small, m.SignOf(large, x))
}

// Erf is the error function: a fit of x·P(x²) up to 0.921875, and above it
// 1 - e^-Q(|x|) with Q fitted to -ln erfc.
func (m Math) Erf(x vec) vec {
	a := m.Vec()
	VMINPS(m.Abs(x), m.Load(m.F(3.925)), a) // erf is 1 there; passes on a NaN
	small := m.MulAdd(m.Poly(m.Mul(a, a), 1.28379151e-1, -3.76124859e-1, 1.12818025e-1, -2.67667342e-2, 4.99339588e-3, -5.99104969e-4), a, a)
	q := m.MulAdd(m.Poly(a, 1.28717512e-1, 6.34846687e-1, 1.06777847e-1, -2.42545605e-2, 3.88393435e-3, -3.83208680e-4, 1.72948930e-5), a, a)
	r, n := m.octave(m.neg(q))
	e := m.scaleNormal(m.Poly(r, 1, 1, 4.99999851e-1, 1.66664466e-1, 4.16689515e-2, 8.37550033e-3, 1.38319808e-3), n)
	large := m.Sub(m.Load(m.F(1)), e)
	return m.SignOf(m.Less(m.Load(m.F(0.921875)), a, large, small), x)
}

// Gelu is ½x · (1 + erf(x/√2)).
func (m Math) Gelu(x vec) vec {
	x = m.Bound(x, -20, math.Inf(1)) // -∞ would give NaN, and the result is -0 already
	e := m.Add(m.Erf(m.Mul(x, m.F(math.Sqrt2/2))), m.F(1))
	return m.Mul(m.Mul(x, m.F(0.5)), e)
}

// GeluTanh is x · sigmoid(2·√(2/π)·(x + 0.044715x³)).
func (m Math) GeluTanh(x vec) vec {
	x = m.Bound(x, -20, math.Inf(1))
	s := m.Mul(x, x)
	k := 2 * math.Sqrt(2/math.Pi)
	t := m.Mul(m.Poly(s, -k, -k*0.044715), x)
	return m.Div(x, m.Add(m.Exp(t), m.F(1)))
}
