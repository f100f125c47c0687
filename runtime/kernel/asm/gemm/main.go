// Command gemm generates the tiles of the float32 matrix product.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed6700ada1/infer/runtime/kernel/asm/gen"
)

// unroll is the number of terms in one turn of the main loop.
const unroll = 4

// A tile of few rows waits for B to come from memory: it asks for it 1<<ahead
// rows of B before, where it has at most streamed rows. That is 4 KiB of a packed
// panel.
const (
	streamed = 4
	ahead    = 6
)

// half is the width in bytes of a panel: 16 columns.
const half = 64

// tile generates rows × 16·halves of C (=|+=) alpha·A·B.
//
// A is read in place, one broadcast an element. B is read 16 columns at a time
// from one place for each half: rows of B lie bs bytes apart, halves bn bytes.
// The sums stay in registers over the whole of k.
func tile(r gen.Rung, rows, halves int) {
	name := fmt.Sprintf("tile%dx%d%s", rows, 16*halves, r.Name)
	TEXT(name, NOSPLIT, "func(k int, a *float32, lda int, b *float32, bs, bn int, c *float32, ldc, acc int, alpha float32)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s computes %d × %d elements of C; strides are in bytes, and C is added to where acc is not 0.", name, rows, 16*halves))
	k := Load(Param("k"), GP64())
	a := GP64()
	Load(Param("a"), a)
	as := gen.NewRows(rows, a, Load(Param("lda"), GP64()))
	bs := Load(Param("bs"), GP64())
	b := []reg.Register{Load(Param("b"), GP64())}
	if halves == 2 {
		second := Load(Param("bn"), GP64())
		ADDQ(b[0], second)
		b = append(b, second)
	}
	per := half / r.Bytes // registers a half
	width := per * halves
	sums := r.Zero(rows * width)

	later := GP64()
	if rows <= streamed {
		MOVQ(bs, later)
		SHLQ(Imm(ahead), later)
	}
	step := func(u int) {
		for _, p := range b {
			if rows <= streamed {
				PREFETCHT0(Mem{Base: p, Index: later, Scale: 1})
			}
		}
		bv := make([]reg.VecVirtual, width)
		for j := range bv {
			bv[j] = r.Vec()
			VMOVUPS(Mem{Base: b[j/per], Disp: j % per * r.Bytes}, bv[j])
		}
		for i := range rows {
			t := r.Vec()
			VBROADCASTSS(as.At(i, 4*u), t)
			for j := range bv {
				VFMADD231PS(bv[j], t, sums[i*width+j])
			}
		}
		for _, p := range b {
			ADDQ(bs, p)
		}
	}
	n := GP64()
	MOVQ(k, n)
	SHRQ(Imm(2), n)
	JZ(LabelRef("tail"))
	Label("loop")
	for u := range unroll {
		step(u)
	}
	as.Advance(4 * unroll)
	DECQ(n)
	JNZ(LabelRef("loop"))
	Label("tail")
	ANDQ(Imm(unroll-1), k)
	JZ(LabelRef("done"))
	Label("one")
	step(0)
	as.Advance(4)
	DECQ(k)
	JNZ(LabelRef("one"))
	Label("done")
	store(r, rows, width, sums)
	VZEROUPPER()
	RET()
}

// store writes alpha times the sums to C, or adds it.
func store(r gen.Rung, rows, width int, sums []reg.VecVirtual) {
	alpha := r.Vec()
	VBROADCASTSS(NewParamAddr("alpha", 72), alpha)
	acc := Load(Param("acc"), GP64())
	ldc := Load(Param("ldc"), GP64())
	c := Load(Param("c"), GP64())
	write := func(add bool) {
		for i := range rows {
			for j := range width {
				m, v := Mem{Base: c, Disp: j * r.Bytes}, sums[i*width+j]
				if add {
					VFMADD213PS(m, alpha, v)
				} else {
					VMULPS(alpha, v, v)
				}
				VMOVUPS(v, m)
			}
			if i < rows-1 {
				ADDQ(ldc, c)
			}
		}
	}
	TESTQ(acc, acc)
	JZ(LabelRef("set"))
	write(true)
	JMP(LabelRef("end"))
	Label("set")
	write(false)
	Label("end")
}

// transpose generates the layout of eight columns of a panel from eight rows.
func transpose() {
	TEXT("transpose8AVX2", NOSPLIT, "func(n int, d, b *float32, ldb int)")
	Pragma("noescape")
	Doc("transpose8AVX2 writes 8·n values of each of eight rows of b, ldb bytes apart, to a column of a panel.")
	n, d := Load(Param("n"), GP64()), Load(Param("d"), GP64())
	b := GP64()
	Load(Param("b"), b)
	rows := gen.NewRows(8, b, Load(Param("ldb"), GP64()))
	Label("loop")
	for k := range 2 { // four values of each row at a time
		var t, pairs [4]reg.VecVirtual
		for i := range t {
			t[i], pairs[i] = YMM(), YMM()
			VMOVUPS(rows.At(i, 16*k), t[i].AsX())
			VINSERTF128(Imm(1), rows.At(i+4, 16*k), t[i], t[i])
		}
		for i := range 2 {
			VUNPCKLPS(t[2*i+1], t[2*i], pairs[i])
			VUNPCKHPS(t[2*i+1], t[2*i], pairs[2+i])
		}
		for i := range t {
			v, low := YMM(), pairs[i/2*2]
			VSHUFPS(Imm([]uint64{0x44, 0xee}[i%2]), pairs[i/2*2+1], low, v)
			VMOVUPS(v, Mem{Base: d, Disp: half * (4*k + i)})
		}
	}
	rows.Advance(32)
	ADDQ(U32(8*half), d)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

func main() {
	ConstraintExpr("amd64,!purego")
	for rows := 1; rows <= 6; rows++ {
		tile(gen.AVX2, rows, 1)
	}
	for rows := 1; rows <= 12; rows++ {
		tile(gen.AVX512, rows, 2)
	}
	transpose()
	Generate()
}
