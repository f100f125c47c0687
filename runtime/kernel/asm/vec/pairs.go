package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"

	"github.com/seed6700ada1/infer/runtime/kernel/asm/gen"
)

// blend generates dst = a·x + (b·y + z).
func blend(m gen.Math) {
	text("blend"+m.Name, "func(dst, a, b *float32, x, y, z float32, n int)", "writes a·x + (b·y + z) of n values; dst may be a or b.")
	s := begin(m, "dst", "a", "b")
	x, y, z := m.Vec(), m.Vec(), m.Vec()
	VBROADCASTSS(NewParamAddr("x", 24), x)
	VBROADCASTSS(NewParamAddr("y", 28), y)
	VBROADCASTSS(NewParamAddr("z", 32), z)
	s.each(func() { s.store(0, m.MulAdd(s.load(1), x, m.MulAdd(s.load(2), y, z))) })
	end()
}

// gate generates dst = a where b > 0, else 0.
func gate(m gen.Math) {
	const greater = 30 // and false for NaN
	text("gate"+m.Name, "func(dst, a, b *float32, n int)", "writes a where b is above 0, else 0, of n values; dst may be a or b.")
	s := begin(m, "dst", "a", "b")
	zero := m.Zero(1)[0]
	s.each(func() {
		a, b := s.load(1), s.load(2)
		if m.Bytes == 64 {
			k, v := K(), m.Vec()
			VCMPPS(Imm(greater), zero, b, k)
			VMOVAPS_Z(a, k, v)
			s.store(0, v)
			return
		}
		v := m.Vec()
		VCMPPS(Imm(greater), zero, b, v)
		VANDPS(a, v, v)
		s.store(0, v)
	})
	end()
}

// relu generates dst = max(src, 0); NaN stays NaN.
func relu(m gen.Math) {
	text("relu"+m.Name, "func(dst, src *float32, n int)", "writes the larger of src and 0 of n values; dst may be src.")
	s := begin(m, "dst", "src")
	zero := m.Zero(1)[0]
	s.each(func() {
		x, v := s.load(1), m.Vec()
		VMAXPS(x, zero, v)
		s.store(0, v)
	})
	end()
}

// halves generates what takes pairs apart and puts them together, eight at a time.
func halves() {
	loop := func(step func(), ends ...func()) {
		n := Load(Param("n"), GP64())
		Label("loop")
		step()
		for _, f := range ends {
			f()
		}
		DECQ(n)
		JNZ(LabelRef("loop"))
		end()
	}
	text("everySecondAVX2", "func(dst, src *float32, n int)", "writes the first of each pair of src, for 8·n pairs; n is at least 1.")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	loop(func() {
		a, b := YMM(), YMM()
		VMOVUPS(Mem{Base: src}, a)
		VMOVUPS(Mem{Base: src, Disp: 32}, b)
		VSHUFPS(Imm(0x88), b, a, a)
		VPERMPD(Imm(0xD8), a, a)
		VMOVUPS(a, Mem{Base: dst})
	}, func() { ADDQ(Imm(64), src) }, func() { ADDQ(Imm(32), dst) })

	text("zipAVX2", "func(dst, a, b *float32, n int)", "writes a[0], b[0], a[1], b[1], …, for 8·n pairs; n is at least 1.")
	to, first, second := Load(Param("dst"), GP64()), Load(Param("a"), GP64()), Load(Param("b"), GP64())
	loop(func() {
		a, b, low, high := YMM(), YMM(), YMM(), YMM()
		VMOVUPS(Mem{Base: first}, a)
		VMOVUPS(Mem{Base: second}, b)
		VUNPCKLPS(b, a, low)
		VUNPCKHPS(b, a, high)
		VPERM2F128(Imm(0x20), high, low, a)
		VPERM2F128(Imm(0x31), high, low, b)
		VMOVUPS(a, Mem{Base: to})
		VMOVUPS(b, Mem{Base: to, Disp: 32})
	}, func() { ADDQ(Imm(32), first) }, func() { ADDQ(Imm(32), second) }, func() { ADDQ(Imm(64), to) })
}
