// Command qgemm generates the tiles of the product of 8-bit integers.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed6700ada1/infer/runtime/kernel/asm/gen"
)

const (
	// group is the number of terms that a step of the sum takes.
	group = 4
	// step is the width in bytes of a group of a panel: 16 columns.
	step = 16 * group
	// unroll is the number of groups in one turn of the main loop.
	unroll = 4
	// busy is how many sums a kernel keeps apart at least, so that they do not
	// wait for one another.
	busy = 8
)

// kernel is a tile being generated: rows × 16·halves of C = init + A·B, in
// int32, which wraps around.
//
// A has a group of k in aStep bytes, broadcast for each row; B has a group of 16
// columns in 64 bytes, and the next 16 columns bn bytes on.
type kernel struct {
	r            gen.Rung
	rows, halves int
	vnni         bool
	per, width   int // registers a half, and a row
	copies       int // sums of one element, for the groups of a turn in rotation
	aStep        int

	a      gen.Rows
	b      []reg.Register
	sums   []reg.VecVirtual
	scrap  []reg.VecVirtual
	groups reg.Register
}

func tile(r gen.Rung, name string, rows, halves int, vnni bool) {
	TEXT(name, NOSPLIT, "func(groups int, a *uint8, lda int, b *int8, bn int, init *int32, c *int32, ldc int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s computes %d × %d elements of C, starting from a row of init; lda, bn and ldc are in bytes.", name, rows, 16*halves))
	k := &kernel{r: r, rows: rows, halves: halves, vnni: vnni, aStep: 2 * group}
	if vnni {
		k.aStep = group
	}
	k.per = step / r.Bytes
	k.width = k.per * halves
	k.copies = 1
	for k.copies < unroll && k.copies*rows*k.width < busy {
		k.copies *= 2
	}
	k.load()
	k.loop()
	k.store()
}

// load takes the arguments and clears the sums.
func (k *kernel) load() {
	k.groups = Load(Param("groups"), GP64())
	a := GP64()
	Load(Param("a"), a)
	k.a = gen.NewRows(k.rows, a, Load(Param("lda"), GP64()))
	k.b = []reg.Register{Load(Param("b"), GP64())}
	if k.halves == 2 {
		second := Load(Param("bn"), GP64())
		ADDQ(k.b[0], second)
		k.b = append(k.b, second)
	}
	k.sums = k.r.Zero(k.copies * k.rows * k.width)
}

// sum is the register of a part of C; group is where in a turn it is added to.
func (k *kernel) sum(group, row, j int) reg.VecVirtual {
	return k.sums[(group%k.copies*k.rows+row)*k.width+j]
}

func (k *kernel) loop() {
	n := GP64()
	MOVQ(k.groups, n)
	SHRQ(Imm(2), n)
	JZ(LabelRef("tail"))
	Label("loop")
	for u := range unroll {
		k.step(u)
	}
	k.advance(unroll)
	DECQ(n)
	JNZ(LabelRef("loop"))
	Label("tail")
	ANDQ(Imm(unroll-1), k.groups)
	JZ(LabelRef("done"))
	Label("one")
	k.step(0)
	k.advance(1)
	DECQ(k.groups)
	JNZ(LabelRef("one"))
	Label("done")
}

func (k *kernel) advance(groups int) {
	k.a.Advance(k.aStep * groups)
	for _, b := range k.b {
		ADDQ(gen.Num(step*groups), b)
	}
}

// columns is where 16 columns, or a part of them, of group u of B lie.
func (k *kernel) columns(u, j int) Mem {
	return Mem{Base: k.b[j/k.per], Disp: u*step + j%k.per*k.r.Bytes}
}

func (k *kernel) step(u int) {
	if k.vnni {
		k.dots(u)
		return
	}
	k.pairs(u, 0)
	k.pairs(u, 1)
}

// dots adds group u by dot products of four.
func (k *kernel) dots(u int) {
	b := make([]Op, k.width)
	for j := range b {
		b[j] = k.columns(u, j)
		if k.rows > 1 {
			v := k.r.Vec()
			VMOVDQU32(b[j], v)
			b[j] = v
		}
	}
	for i := range k.rows {
		t := k.r.Vec()
		VPBROADCASTD(k.a.At(i, k.aStep*u), t)
		for j := range b {
			gen.VPDPBUSD(b[j], t, k.sum(u, i, j))
		}
	}
}

// pairs adds the even or the odd terms of group u, widened to 16 bits: bytes of
// B are the halves of 16-bit words, and A comes widened, its even terms before
// its odd ones.
func (k *kernel) pairs(u, odd int) {
	b := make([]reg.VecVirtual, k.width)
	for j := range b {
		b[j] = k.r.Vec()
		if k.r.Bytes == 64 {
			VMOVDQU32(k.columns(u, j), b[j])
		} else {
			VMOVDQU(k.columns(u, j), b[j])
		}
		if odd == 0 {
			VPSLLW(Imm(8), b[j], b[j])
		}
		VPSRAW(Imm(8), b[j], b[j])
	}
	for i := range k.rows {
		t := k.r.Vec()
		VPBROADCASTD(k.a.At(i, k.aStep*u+group*odd), t)
		for j := range b {
			product := k.r.Vec()
			VPMADDWD(b[j], t, product)
			VPADDD(product, k.sum(2*u+odd, i, j), k.sum(2*u+odd, i, j))
		}
	}
}

// store adds the copies of the sums and init, and writes C.
func (k *kernel) store() {
	init := Load(Param("init"), GP64())
	c, ldc := Load(Param("c"), GP64()), Load(Param("ldc"), GP64())
	for i := range k.rows {
		for j := range k.width {
			v := k.sum(0, i, j)
			for other := 1; other < k.copies; other++ {
				VPADDD(k.sum(other, i, j), v, v)
			}
			VPADDD(Mem{Base: init, Disp: j * k.r.Bytes}, v, v)
			VMOVUPS(v, Mem{Base: c, Disp: j * k.r.Bytes})
		}
		if i < k.rows-1 {
			ADDQ(ldc, c)
		}
	}
	VZEROUPPER()
	RET()
}

// finish generates c (+)= float32(sums)·scale + bias for rows of 16 columns.
func finish(r gen.Rung) {
	name := "finish" + r.Name
	TEXT(name, NOSPLIT, "func(rows int, sums *int32, lds int, scale, bias, c *float32, ldc, acc int)")
	Pragma("noescape")
	Doc(name + " computes c (+)= float32(sums)·scale + bias for rows of 16 columns; lds and ldc are in bytes, and c is added to where acc is not 0.")
	rows, sums, lds := Load(Param("rows"), GP64()), Load(Param("sums"), GP64()), Load(Param("lds"), GP64())
	scale, bias := Load(Param("scale"), GP64()), Load(Param("bias"), GP64())
	c, ldc, acc := Load(Param("c"), GP64()), Load(Param("ldc"), GP64()), Load(Param("acc"), GP64())
	width := step / r.Bytes
	s, o := make([]reg.VecVirtual, width), make([]reg.VecVirtual, width)
	for j := range width {
		s[j], o[j] = r.Vec(), r.Vec()
		VMOVUPS(Mem{Base: scale, Disp: j * r.Bytes}, s[j])
		VMOVUPS(Mem{Base: bias, Disp: j * r.Bytes}, o[j])
	}
	row := func(label string, add bool) {
		Label(label)
		for j := range width {
			v, to := r.Vec(), Mem{Base: c, Disp: j * r.Bytes}
			VCVTDQ2PS(Mem{Base: sums, Disp: j * r.Bytes}, v)
			VMULPS(s[j], v, v)
			VADDPS(o[j], v, v)
			if add {
				VADDPS(to, v, v)
			}
			VMOVUPS(v, to)
		}
		ADDQ(lds, sums)
		ADDQ(ldc, c)
		DECQ(rows)
		JNZ(LabelRef(label))
		VZEROUPPER()
		RET()
	}
	TESTQ(acc, acc)
	JZ(LabelRef("set"))
	row("add", true)
	row("set", false)
}

// widen generates the layout of A for the tiles without VNNI: 16-bit integers,
// of each four first those with even numbers.
func widen() {
	TEXT("widenAVX2", NOSPLIT, "func(n int, dst, src *uint8, flip uint8)")
	Pragma("noescape")
	Doc("widenAVX2 writes 16·n bytes of src, each XORed with flip, as 16-bit integers, those of each four in the order 0 2 1 3.")
	n, dst, src := Load(Param("n"), GP64()), Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	flip, order := XMM(), XMM()
	VPBROADCASTB(NewParamAddr("flip", 24), flip)
	VMOVDQU(orders(), order)
	Label("loop")
	v, wide := XMM(), YMM()
	VPXOR(Mem{Base: src}, flip, v)
	VPSHUFB(order, v, v)
	VPMOVZXBW(v, wide)
	VMOVDQU(wide, Mem{Base: dst})
	ADDQ(Imm(16), src)
	ADDQ(Imm(32), dst)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// orders is the constant by which VPSHUFB puts even bytes of four before odd.
func orders() Mem {
	m := GLOBL("order", RODATA|NOPTR)
	for i := range 16 {
		DATA(i, U8(i/4*4+[4]int{0, 2, 1, 3}[i%4]))
	}
	return m
}

// subtract generates c -= x·s, which wraps around.
func subtract() {
	TEXT("subtractAVX2", NOSPLIT, "func(n int, c, x *int32, s int32)")
	Pragma("noescape")
	Doc("subtractAVX2 computes c[i] -= x[i]·s for 8·n elements.")
	n, c, x := Load(Param("n"), GP64()), Load(Param("c"), GP64()), Load(Param("x"), GP64())
	first, s := XMM(), YMM()
	VMOVD(Load(Param("s"), GP32()), first)
	VPBROADCASTD(first, s)
	Label("loop")
	v, t := YMM(), YMM()
	VPMULLD(Mem{Base: x}, s, t)
	VMOVDQU(Mem{Base: c}, v)
	VPSUBD(t, v, v)
	VMOVDQU(v, Mem{Base: c})
	ADDQ(Imm(32), x)
	ADDQ(Imm(32), c)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

func main() {
	ConstraintExpr("amd64,!purego")
	for rows := 1; rows <= 6; rows++ {
		tile(gen.AVX2, fmt.Sprintf("tile%dx16AVX2", rows), rows, 1, false)
	}
	for rows := 1; rows <= 12; rows++ {
		for halves := 1; halves <= 2; halves++ {
			size := fmt.Sprintf("tile%dx%d", rows, 16*halves)
			tile(gen.AVX512, size+"AVX512", rows, halves, false)
			tile(gen.AVX512, size+"VNNI", rows, halves, true)
		}
	}
	finish(gen.AVX2)
	finish(gen.AVX512)
	widen()
	subtract()
	Generate()
}
