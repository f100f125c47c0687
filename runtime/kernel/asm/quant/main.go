// Command quant generates the kernels of dynamic quantisation.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed6700ada1/infer/runtime/kernel/asm/gen"
)

// turn is the number of elements that a turn of a loop takes; kernels are called
// for whole turns.
const turn = 64

// bounds generates the least and the largest of 0 and n elements; a NaN counts
// nothing.
func bounds(r gen.Rung) {
	name := "bounds" + r.Name
	TEXT(name, NOSPLIT, "func(x *float32, n int, out *[32]float32)")
	Pragma("noescape")
	Doc(name + " writes the least of 0 and of the elements of x in each of 16 strands, and then the largest; n is a multiple of 64.")
	x, n := Load(Param("x"), GP64()), Load(Param("n"), GP64())
	strands := turn / r.Lanes()
	lo, hi := r.Zero(strands), r.Zero(strands)
	Label("loop")
	for j := range strands {
		v := r.Vec()
		VMOVUPS(Mem{Base: x, Disp: j * r.Bytes}, v)
		// the bound is the last source: that is what a NaN gives way to
		VMINPS(lo[j], v, lo[j])
		VMAXPS(hi[j], v, hi[j])
	}
	ADDQ(U32(4*turn), x)
	SUBQ(U8(turn), n)
	JNZ(LabelRef("loop"))
	out := Load(Param("out"), GP64())
	keep := 64 / r.Bytes
	for j := range strands {
		if j >= keep {
			VMINPS(lo[j], lo[j%keep], lo[j%keep])
			VMAXPS(hi[j], hi[j%keep], hi[j%keep])
		}
	}
	for j := range keep {
		VMOVUPS(lo[j], Mem{Base: out, Disp: j * r.Bytes})
		VMOVUPS(hi[j], Mem{Base: out, Disp: 64 + j*r.Bytes})
	}
	VZEROUPPER()
	RET()
}

// bytes generates dst = uint8(round(max(min(src / scale, hi), lo)) + zero).
func bytes(r gen.Rung) {
	name := "bytes" + r.Name
	TEXT(name, NOSPLIT, "func(dst *uint8, src *float32, n int, scale, lo, hi float32, zero int32)")
	Pragma("noescape")
	Doc(name + " writes round(src / scale), held within lo and hi, plus zero; n is a multiple of 64.")
	dst, src, n := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("n"), GP64())
	scale, lo, hi, zero := r.Vec(), r.Vec(), r.Vec(), r.Vec()
	VBROADCASTSS(NewParamAddr("scale", 24), scale)
	VBROADCASTSS(NewParamAddr("lo", 28), lo)
	VBROADCASTSS(NewParamAddr("hi", 32), hi)
	first := XMM()
	VMOVD(Load(Param("zero"), GP32()), first)
	VPBROADCASTD(first, zero)
	order := YMM()
	if r.Bytes == 32 {
		VMOVDQU(dwords(), order)
	}
	Label("loop")
	var list []reg.VecVirtual
	for j := range turn / r.Lanes() {
		v := r.Vec()
		VMOVUPS(Mem{Base: src, Disp: j * r.Bytes}, v)
		VDIVPS(scale, v, v)
		VMAXPS(lo, v, v) // lo where v is NaN
		VMINPS(hi, v, v)
		VCVTPS2DQ(v, v)
		VPADDD(zero, v, v)
		if r.Bytes == 64 {
			VPMOVDB(v, Mem{Base: dst, Disp: 16 * j})
			continue
		}
		if list = append(list, v); len(list) == 4 {
			VPACKSSDW(list[1], list[0], list[0])
			VPACKSSDW(list[3], list[2], list[2])
			VPACKUSWB(list[2], list[0], list[0])
			VPERMD(list[0], order, list[0]) // the packs work in halves
			VMOVDQU(list[0], Mem{Base: dst, Disp: 8 * (j - 3)})
			list = nil
		}
	}
	ADDQ(U32(4*turn), src)
	ADDQ(U8(turn), dst)
	SUBQ(U8(turn), n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// dwords is the order in which 32-bit parts come out of two packs.
func dwords() Mem {
	m := GLOBL("dwords", RODATA|NOPTR)
	for i, v := range []int{0, 4, 1, 5, 2, 6, 3, 7} {
		DATA(4*i, U32(v))
	}
	return m
}

func main() {
	ConstraintExpr("amd64,!purego")
	for _, r := range []gen.Rung{gen.AVX2, gen.AVX512} {
		bounds(r)
		bytes(r)
	}
	Generate()
}
