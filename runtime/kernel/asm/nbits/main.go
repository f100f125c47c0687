// Command nbits generates the kernels of products with block-quantised weights.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed6700ada1/infer/runtime/kernel/asm/gen"
)

const (
	columns = 16          // of a panel
	step    = 8           // weights of a column that a turn of the innermost loop takes
	line    = 4 * columns // bytes of a value for each column
)

// kernel is one being generated. A block of a panel is a scale for each column,
// then steps of weights, then, where there are any, a byte for each column that
// is its zero point.
type kernel struct {
	r     gen.Rung
	bits  int
	zeros bool
	per   int // registers a line
	data  reg.Register
	table Mem // constants
}

// name is what the kernel's function is called.
func (k *kernel) name(what string) string {
	suffix := ""
	if k.zeros {
		suffix = "Zeros"
	}
	return fmt.Sprintf("%s%d%s%s", what, k.bits, suffix, k.r.Name)
}

// size is the bytes of a step.
func (k *kernel) size() int { return step * columns * k.bits / 8 }

// row generates y += a·w for one row of A and one panel. With 4 bits, a comes
// scaled, so that a weight can stay where it lies in its word: see layout.go.
func (k *kernel) row() {
	name := k.name("row")
	TEXT(name, NOSPLIT, "func(blocks, steps int, a, sums *float32, data *byte, y *float32)")
	Pragma("noescape")
	Doc(name + " computes y[j] += Σ scale[j]·(Σ a[k]·w[k,j] + sums[b]·zero[j]) over blocks b, or sums[b] alone where there are no zero points, for 16 columns j; k runs over 8·steps weights a block.")
	blocks, a, sums := Load(Param("blocks"), GP64()), Load(Param("a"), GP64()), Load(Param("sums"), GP64())
	k.data = Load(Param("data"), GP64())
	y := k.load(Load(Param("y"), GP64()))
	masks := k.masks()
	Label("block")
	scale := k.load(k.data)
	ADDQ(U8(line), k.data)
	copies := 8 / k.per
	if k.r.Bytes == 32 {
		copies = 2
	}
	acc := k.r.Zero(copies * k.per)
	n := Load(Param("steps"), GP64())
	Label("step")
	k.terms(a, masks, func(i, j int) reg.VecVirtual { return acc[i%copies*k.per+j] })
	ADDQ(U8(4*step), a)
	ADDQ(gen.Num(k.size()), k.data)
	DECQ(n)
	JNZ(LabelRef("step"))
	for n := copies / 2; n > 0; n /= 2 {
		for i := range n * k.per {
			VADDPS(acc[i+n*k.per], acc[i], acc[i])
		}
	}
	sum := k.r.Vec()
	if k.bits == 4 || k.zeros {
		VBROADCASTSS(Mem{Base: sums}, sum)
		ADDQ(Imm(4), sums)
	}
	for j := range k.per {
		switch {
		case k.zeros:
			VFMADD231PS(k.zero(j), sum, acc[j])
		case k.bits == 4:
			VADDPS(sum, acc[j], acc[j])
		}
		VFMADD231PS(acc[j], scale[j], y[j])
	}
	if k.zeros {
		ADDQ(U8(columns), k.data)
	}
	DECQ(blocks)
	JNZ(LabelRef("block"))
	to := Load(Param("y"), GP64())
	for j, v := range y {
		VMOVUPS(v, Mem{Base: to, Disp: j * k.r.Bytes})
	}
	VZEROUPPER()
	RET()
}

// load reads a line.
func (k *kernel) load(from reg.Register) []reg.VecVirtual {
	list := make([]reg.VecVirtual, k.per)
	for j := range list {
		list[j] = k.r.Vec()
		VMOVUPS(Mem{Base: from, Disp: j * k.r.Bytes}, list[j])
	}
	return list
}

// constants are what picks each 4-bit weight of its word, repeated over a
// register of AVX2.
func constants() Mem {
	m := GLOBL("masks", RODATA|NOPTR)
	for i := range step {
		for j := range columns / 2 {
			DATA(4*(i*columns/2+j), U32(15<<(4*i)))
		}
	}
	return m
}

// masks are the constants: in registers where there are enough, else in memory.
func (k *kernel) masks() []Op {
	if k.bits != 4 {
		return nil
	}
	list := make([]Op, step-1)
	for i := range list {
		m := k.table.Offset(2 * columns * i)
		list[i] = m
		if k.r.Bytes == 64 {
			v := k.r.Vec()
			VPBROADCASTD(m, v)
			list[i] = v
		}
	}
	return list
}

// terms adds a step's products.
func (k *kernel) terms(a reg.Register, masks []Op, acc func(i, j int) reg.VecVirtual) {
	for j := range k.per {
		var words reg.VecVirtual
		if k.bits == 4 {
			words = k.words(j)
		}
		for i := range step {
			w := k.r.Vec()
			switch {
			case k.bits == 8:
				VPMOVSXBD(Mem{Base: k.data, Disp: i*columns + j*k.r.Lanes()}, w)
			case i == step-1:
				VPSRLD(Imm(28), words, w)
			case k.r.Bytes == 64:
				VPANDD(masks[i], words, w)
			default:
				VPAND(masks[i], words, w)
			}
			VCVTDQ2PS(w, w)
			if k.r.Bytes == 64 {
				VFMADD231PS_BCST(Mem{Base: a, Disp: 4 * i}, w, acc(i, j))
				continue
			}
			x := k.r.Vec()
			VBROADCASTSS(Mem{Base: a, Disp: 4 * i}, x)
			VFMADD231PS(x, w, acc(i, j))
		}
	}
}

// words reads a step's 4-bit weights of a part of the columns: a word each.
func (k *kernel) words(j int) reg.VecVirtual {
	v, from := k.r.Vec(), Mem{Base: k.data, Disp: j * k.r.Bytes}
	if k.r.Bytes == 64 {
		VMOVDQU32(from, v)
	} else {
		VMOVDQU(from, v)
	}
	return v
}

// zero reads zero points as floats, from where data stands.
func (k *kernel) zero(j int) reg.VecVirtual {
	v, from := k.r.Vec(), Mem{Base: k.data, Disp: j * k.r.Lanes()}
	if k.bits == 4 {
		VPMOVZXBD(from, v)
	} else {
		VPMOVSXBD(from, v)
	}
	VCVTDQ2PS(v, v)
	return v
}

// unpack generates the float32 weights of a block, a line for each k.
func (k *kernel) unpack() {
	name := k.name("unpack")
	TEXT(name, NOSPLIT, "func(steps int, scale *float32, data, zeros *byte, dst *float32)")
	Pragma("noescape")
	Doc(name + " writes (w[k,j] - zeros[j])·scale[j] for 16 columns j and 8·steps weights k.")
	n, dst := Load(Param("steps"), GP64()), Load(Param("dst"), GP64())
	scale := k.load(Load(Param("scale"), GP64()))
	k.data = Load(Param("zeros"), GP64())
	zero := make([]reg.VecVirtual, k.per)
	for j := range zero {
		zero[j] = k.zero(j)
	}
	k.data = Load(Param("data"), GP64())
	fifteen := k.r.Vec()
	if k.bits == 4 {
		VPBROADCASTD(k.table, fifteen)
	}
	Label("step")
	for j := range k.per {
		var words reg.VecVirtual
		if k.bits == 4 {
			words = k.words(j)
		}
		for i := range step {
			w := k.r.Vec()
			switch {
			case k.bits == 8:
				VPMOVSXBD(Mem{Base: k.data, Disp: i*columns + j*k.r.Lanes()}, w)
			case k.r.Bytes == 64:
				VPSRLD(Imm(uint64(4*i)), words, w)
				VPANDD(fifteen, w, w)
			default:
				VPSRLD(Imm(uint64(4*i)), words, w)
				VPAND(fifteen, w, w)
			}
			VCVTDQ2PS(w, w)
			VSUBPS(zero[j], w, w)
			VMULPS(scale[j], w, w)
			VMOVUPS(w, Mem{Base: dst, Disp: i*line + j*k.r.Bytes})
		}
	}
	ADDQ(gen.Num(k.size()), k.data)
	ADDQ(gen.Num(step*line), dst)
	DECQ(n)
	JNZ(LabelRef("step"))
	VZEROUPPER()
	RET()
}

func main() {
	ConstraintExpr("amd64,!purego")
	table := constants()
	for _, r := range []gen.Rung{gen.AVX2, gen.AVX512} {
		for _, bits := range []int{4, 8} {
			k := kernel{r: r, bits: bits, per: line / r.Bytes, table: table}
			k.unpack()
			k.row()
			k.zeros = true
			k.row()
		}
	}
	Generate()
}
