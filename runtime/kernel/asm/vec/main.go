// Command vec generates the kernels that go over float32 slices.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed6700ada1/infer/runtime/kernel/asm/gen"
)

type vec = reg.VecVirtual

// slices is a loop over slices that move together, a register at a time, with
// the rest done under a mask.
type slices struct {
	gen.Math
	n    reg.Register
	ptrs []reg.Register
	// of the rest
	mask  vec               // AVX2
	kmask reg.OpmaskVirtual // AVX-512
	rest  bool
}

// begin loads the pointers of the named parameters, and the length.
func begin(m gen.Math, names ...string) *slices {
	s := &slices{Math: m}
	for _, name := range names {
		s.ptrs = append(s.ptrs, Load(Param(name), GP64()))
	}
	s.n = Load(Param("n"), GP64())
	return s
}

// load reads from slice i at the loop's place; past the end it gives zeros.
func (s *slices) load(i int) vec {
	v := s.Vec()
	at := Mem{Base: s.ptrs[i]}
	switch {
	case !s.rest:
		VMOVUPS(at, v)
	case s.Bytes == 64:
		VMOVUPS_Z(at, s.kmask, v)
	default:
		VMASKMOVPS(at, s.mask, v)
	}
	return v
}

func (s *slices) store(i int, v vec) {
	at := Mem{Base: s.ptrs[i]}
	switch {
	case !s.rest:
		VMOVUPS(v, at)
	case s.Bytes == 64:
		VMOVUPS(v, s.kmask, at)
	default:
		VMASKMOVPS(v, s.mask, at)
	}
}

// each writes the loop: body for whole registers, and once more for the rest.
func (s *slices) each(body func()) {
	lanes := s.Lanes()
	Label("loop")
	CMPQ(s.n, Imm(uint64(lanes)))
	JLT(LabelRef("rest"))
	body()
	for _, p := range s.ptrs {
		ADDQ(Imm(uint64(s.Bytes)), p)
	}
	SUBQ(Imm(uint64(lanes)), s.n)
	JMP(LabelRef("loop"))
	Label("rest")
	TESTQ(s.n, s.n)
	JZ(LabelRef("done"))
	s.makeMask()
	s.rest = true
	body()
	Label("done")
}

// eachPair is each with two bodies that take registers in turn, the first and
// the second of every pair: what they add up has the same strands on every rung
// that has half the lanes of the next.
func (s *slices) eachPair(body func(second bool)) {
	whole := func(second bool) {
		body(second)
		for _, p := range s.ptrs {
			ADDQ(Imm(uint64(s.Bytes)), p)
		}
		SUBQ(Imm(uint64(s.Lanes())), s.n)
	}
	part := func(second bool) {
		TESTQ(s.n, s.n)
		JZ(LabelRef("done"))
		s.makeMask()
		s.rest = true
		body(second)
		s.rest = false
	}
	Label("loop")
	CMPQ(s.n, Imm(uint64(2*s.Lanes())))
	JLT(LabelRef("one"))
	whole(false)
	whole(true)
	JMP(LabelRef("loop"))
	Label("one")
	CMPQ(s.n, Imm(uint64(s.Lanes())))
	JLT(LabelRef("less"))
	whole(false)
	part(true)
	JMP(LabelRef("done"))
	Label("less")
	part(false)
	Label("done")
}

// makeMask names the lanes of the rest.
func (s *slices) makeMask() {
	if s.Bytes == 64 {
		bits, count := GP64(), GP64()
		s.kmask = K()
		MOVQ(s.n, count)
		MOVQ(U64(1), bits)
		SHLXQ(count, bits, bits)
		DECQ(bits)
		KMOVW(bits.As32(), s.kmask)
		return
	}
	// eight ones and eight zeros, read from where the rest's number of ones is left
	at, off := GP64(), GP64()
	LEAQ(masks, at)
	MOVQ(U64(8), off)
	SUBQ(s.n, off)
	s.mask = YMM()
	VMOVUPS(Mem{Base: at, Index: off, Scale: 4}, s.mask)
}

var masks Mem

func declareMasks() {
	masks = GLOBL("restMasks", RODATA|NOPTR)
	for i := range 16 {
		v := uint32(0)
		if i < 8 {
			v = ^v
		}
		DATA(4*i, U32(v))
	}
}

func text(name, sig, doc string) {
	TEXT(name, NOSPLIT, sig)
	Pragma("noescape")
	Doc(name + " " + doc)
}

func end() {
	VZEROUPPER()
	RET()
}

// unary generates dst = f(src).
func unary(m gen.Math, name string, f func(vec) vec) {
	text(name+m.Name, "func(dst, src *float32, n int)", "applies its function to n values; dst may be src.")
	s := begin(m, "dst", "src")
	s.each(func() { s.store(0, f(s.load(1))) })
	end()
}

// binary generates dst = f(a, b) for slices, for a slice and a number, and for a
// number and a slice.
func binary(m gen.Math, name string, f func(a, b vec) vec) {
	text(name+m.Name, "func(dst, a, b *float32, n int)", "works on n pairs; dst may be a or b.")
	s := begin(m, "dst", "a", "b")
	s.each(func() { s.store(0, f(s.load(1), s.load(2))) })
	end()
	for _, side := range []string{"VS", "SV"} {
		text(name+side+m.Name, "func(dst, a *float32, b float32, n int)", "works on n values and one number; dst may be a.")
		s := begin(m, "dst", "a")
		number := m.Vec()
		VBROADCASTSS(NewParamAddr("b", 16), number)
		s.each(func() {
			a, b := s.load(1), number
			if side == "SV" {
				a, b = b, a
			}
			s.store(0, f(a, b))
		})
		end()
	}
}

// fold generates the sum of f over the slices, in four strands.
func fold(m gen.Math, name, sig string, inputs []string, first func(*slices) vec, f func(s *slices, sum vec)) {
	text(name+m.Name, sig, "folds n values.")
	s := begin(m, inputs...)
	start := first(s)
	sum := m.Copy(start)
	s.each(func() { f(s, sum) })
	s.finishSum(sum)
}

// finishSum adds the lanes and returns.
func (s *slices) finishSum(sum vec) {
	Store(s.across(sum, func(a, b Op, d reg.Register) { VADDPS(a, b, d) }), ReturnIndex(0))
	end()
}

// across folds the lanes of a register into its first.
func (s *slices) across(v vec, f func(a, b Op, d reg.Register)) reg.Register {
	if s.Bytes == 64 {
		high := YMM()
		VEXTRACTF64X4(Imm(1), v, high)
		low := v.AsY()
		f(high, low, low)
	}
	y, x := v.AsY(), XMM()
	VEXTRACTF128(Imm(1), y, x)
	f(x, v.AsX(), x)
	t := XMM()
	VPERMILPS(Imm(0b01001110), x, t)
	f(t, x, x)
	VPERMILPS(Imm(0b10110001), x, t)
	f(t, x, x)
	return x
}

// lanes holds the number of each lane.
var lanes Mem

func declareLanes() {
	lanes = GLOBL("lanes", RODATA|NOPTR)
	for i := range 16 {
		DATA(4*i, U32(i))
	}
}

func sums(m gen.Math) {
	zero := func(*slices) vec { return m.Zero(1)[0] }
	fold(m, "sum", "func(a *float32, n int) float32", []string{"a"}, zero, func(s *slices, sum vec) { VADDPS(s.load(0), sum, sum) })
	fold(m, "dot", "func(a, b *float32, n int) float32", []string{"a", "b"}, zero, func(s *slices, sum vec) { VFMADD231PS(s.load(0), s.load(1), sum) })
}

// squares generates Σ (a - shift)². Lanes past the end must not count, so that
// what is loaded there becomes shift. All rungs use it with eight strands, which
// are those of ONNX Runtime.
func squares(m gen.Math) {
	text("squares"+m.Name, "func(a *float32, shift float32, n int) float32", "adds the squares of the differences of n values from shift.")
	s := begin(m, "a")
	shift := m.Vec()
	VBROADCASTSS(NewParamAddr("shift", 8), shift)
	sum := m.Zero(1)[0]
	s.each(func() {
		d := m.Sub(s.load(0), shift)
		if s.rest {
			s.clear(d)
		}
		VFMADD231PS(d, d, sum)
	})
	s.finishSum(sum)
}

// total generates the sum in float64, in 16 strands on all rungs.
func total(m gen.Math) {
	text("total"+m.Name, "func(a *float32, n int) float64", "adds up n values in float64.")
	s := begin(m, "a")
	sums := m.Zero(4)
	s.eachPair(func(second bool) {
		strands := sums[:2]
		if second {
			strands = sums[2:]
		}
		v := s.load(0)
		high, wide := XMM(), YMM()
		VEXTRACTF128(Imm(1), v, high)
		VCVTPS2PD(v.AsX(), wide)
		VADDPD(wide, strands[0], strands[0])
		VCVTPS2PD(high, wide)
		VADDPD(wide, strands[1], strands[1])
	})
	VADDPD(sums[2], sums[0], sums[0])
	VADDPD(sums[3], sums[1], sums[1])
	VADDPD(sums[1], sums[0], sums[0])
	x, swapped := XMM(), XMM()
	VEXTRACTF128(Imm(1), sums[0], x)
	VADDPD(sums[0].AsX(), x, x)
	VPERMILPD(Imm(1), x, swapped)
	VADDSD(swapped, x, x)
	Store(x, ReturnIndex(0))
	end()
}

// clear makes the lanes past the end zero.
func (s *slices) clear(v vec) {
	if s.Bytes == 64 {
		VMOVAPS_Z(v, s.kmask, v)
		return
	}
	VANDPS(s.mask, v, v)
}

// largest generates the maximum of at least one value; a NaN may be missed.
func largest(m gen.Math) {
	text("largest"+m.Name, "func(a *float32, n int) float32", "is the largest of n > 0 values, none of which is NaN.")
	s := begin(m, "a")
	top := m.Vec()
	VBROADCASTSS(Mem{Base: s.ptrs[0]}, top)
	s.each(func() {
		v := s.load(0)
		if s.rest {
			s.fill(v, top)
		}
		VMAXPS(v, top, top)
	})
	Store(s.across(top, func(a, b Op, d reg.Register) { VMAXPS(a, b, d) }), ReturnIndex(0))
	end()
}

// fill makes the lanes past the end those of other.
func (s *slices) fill(v, other vec) {
	if s.Bytes == 64 {
		VBLENDMPS(v, other, s.kmask, v)
		return
	}
	VBLENDVPS(s.mask, v, other, v)
}

// expSum generates dst = e^(src - top) and its sum, in 16 strands that are
// joined in one order on all rungs: the middle of a softmax.
func expSum(m gen.Math) {
	text("expSum"+m.Name, "func(dst, src *float32, top float32, n int) float32", "writes e^(src - top) of n values and adds them up; dst may be src.")
	s := begin(m, "dst", "src")
	top := m.Vec()
	VBROADCASTSS(NewParamAddr("top", 16), top)
	body := func(sum vec) {
		e := m.Exp(m.Sub(s.load(1), top))
		s.store(0, e)
		if s.rest {
			s.clear(e)
		}
		VADDPS(e, sum, sum)
	}
	x, y := XMM(), YMM()
	if m.Bytes == 64 {
		sum := m.Zero(1)[0]
		s.each(func() { body(sum) })
		VEXTRACTF64X4(Imm(1), sum, y)
		VADDPS(sum.AsY(), y, y)
	} else {
		sums := m.Zero(2)
		s.eachPair(func(second bool) {
			if second {
				body(sums[1])
			} else {
				body(sums[0])
			}
		})
		VADDPS(sums[0], sums[1], y)
	}
	VHADDPS(y, y, y)
	VHADDPS(y, y, y)
	VEXTRACTF128(Imm(1), y, x)
	VADDSS(y.AsX(), x, x)
	Store(x, ReturnIndex(0))
	end()
}

// normalize generates dst = (src - mean)·inv·scale + bias.
func normalize(m gen.Math) {
	text("normalize"+m.Name, "func(dst, src, scale, bias *float32, mean, inv float32, n int)", "writes (src - mean)·inv·scale + bias of n values; dst may be src.")
	s := begin(m, "dst", "src", "scale", "bias")
	mean, inv := m.Vec(), m.Vec()
	VBROADCASTSS(NewParamAddr("mean", 32), mean)
	VBROADCASTSS(NewParamAddr("inv", 36), inv)
	s.each(func() {
		v := m.Mul(m.Sub(s.load(1), mean), inv)
		s.store(0, m.MulAdd(v, s.load(2), s.load(3)))
	})
	end()
}

// running generates the moments of rows by Welford's method: a row for each
// lane, since each element waits for the one before it.
func running(m gen.Math) {
	text("running"+m.Name, "func(x *float32, stride, n int, mean, sum *float32)",
		fmt.Sprintf("gives the means, and the sums of squares of differences from them, of %d rows of n values, which begin stride apart.", m.Lanes()))
	x, n := Load(Param("x"), GP64()), Load(Param("n"), GP64())
	places, step := m.Vec(), m.Vec()
	VPBROADCASTD(NewParamAddr("stride", 8), step)
	VPMULLD(lanes, step, places)
	count, mean, sum := m.Zero(1)[0], m.Zero(1)[0], m.Zero(1)[0]
	one := m.Load(m.F(1))
	Label("loop")
	v := m.Gather(x, places)
	VADDPS(one, count, count)
	d := m.Sub(v, mean)
	VADDPS(m.Div(d, count), mean, mean)
	VADDPS(m.Mul(m.Sub(v, mean), d), sum, sum)
	ADDQ(Imm(4), x)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VMOVUPS(mean, Mem{Base: Load(Param("mean"), GP64())})
	VMOVUPS(sum, Mem{Base: Load(Param("sum"), GP64())})
	end()
}

func main() {
	ConstraintExpr("amd64,!purego")
	declareMasks()
	declareLanes()
	consts := gen.NewConsts("const")
	for _, r := range []gen.Rung{gen.AVX2, gen.AVX512} {
		m := gen.Math{Rung: r, Consts: consts}
		for _, f := range []struct {
			name string
			f    func(vec) vec
		}{
			{"exp", m.Exp}, {"sigmoid", m.Sigmoid}, {"silu", m.Silu}, {"tanh", m.Tanh}, {"erf", m.Erf}, {"gelu", m.Gelu}, {"geluTanh", m.GeluTanh},
			{"sqrt", func(x vec) vec { v := m.Vec(); VSQRTPS(x, v); return v }},
		} {
			unary(m, f.name, f.f)
		}
		for _, f := range []struct {
			name string
			f    func(src2, src1, dst Op)
		}{
			{"add", func(b, a, d Op) { VADDPS(b, a, d) }}, {"sub", func(b, a, d Op) { VSUBPS(b, a, d) }},
			{"mul", func(b, a, d Op) { VMULPS(b, a, d) }}, {"div", func(b, a, d Op) { VDIVPS(b, a, d) }},
		} {
			binary(m, f.name, func(a, b vec) vec { v := m.Vec(); f.f(b, a, v); return v })
		}
		sums(m)
		if r.Bytes == gen.AVX2.Bytes { // what all rungs use
			squares(m)
			total(m)
		}
		largest(m)
		expSum(m)
		normalize(m)
		blend(m)
		gate(m)
		relu(m)
		running(m)
	}
	halves()
	Generate()
}
