// Command nchwc generates the tiles of convolutions and pooling over blocks of
// 16 channels.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed6700ada1/infer/runtime/kernel/asm/gen"
)

// block is the bytes of one pixel of a block: 16 channels.
const block = 64

// Offsets in the Go struct tile; a test of package nchwc compares them.
const (
	offIn, offW, offOut, offBias, offRes          = 0, 8, 16, 24, 32
	offBlocks, offRows, offTaps                   = 40, 48, 56
	offBlockStep, offRowStep, offTapStep, offNext = 64, 72, 80, 88
	offInAt, offOutAt                             = 96, 104
	offTiles, offLeft, offLines                   = 112, 120, 128
	offInLine, offOutLine                         = 136, 144
	offLo, offHi, offSlope, offLeaky              = 152, 156, 160, 164
	offTurns, offLastTurns                        = 168, 176
)

// kernel is one tile being generated.
type kernel struct {
	r      gen.Rung
	pixels int // output pixels in a row
	outs   int // blocks of output channels
	per    int // registers a block
	stride int // bytes between input pixels of neighbouring outputs
	args   reg.Register
	sums   []reg.VecVirtual
}

// start declares the function, which computes tile after tile of a line and line
// after line, and gives a tile its sums.
func start(r gen.Rung, name, doc string, pixels, outs, stride int) *kernel {
	TEXT(name, NOSPLIT, "func(t *byte)")
	Pragma("noescape")
	Doc(name + " " + doc)
	k := &kernel{r: r, pixels: pixels, outs: outs, per: block / r.Bytes, stride: stride}
	k.args = Load(Param("t"), GP64())
	Label("tile")
	k.sums = make([]reg.VecVirtual, pixels*outs*k.per)
	for i := range k.sums {
		k.sums[i] = r.Vec()
	}
	return k
}

func (k *kernel) width() int { return k.outs * k.per }

func (k *kernel) sum(pixel, v int) reg.VecVirtual { return k.sums[pixel*k.width()+v] }

// bias starts each sum with the bias of its channel.
func (k *kernel) bias() {
	b := k.field(offBias)
	for v := range k.width() {
		VMOVUPS(Mem{Base: b, Disp: v * k.r.Bytes}, k.sum(0, v))
		for p := 1; p < k.pixels; p++ {
			VMOVAPS(k.sum(0, v), k.sum(p, v))
		}
	}
}

// field loads a field of the tile.
func (k *kernel) field(off int) reg.GPVirtual {
	f := GP64()
	MOVQ(Mem{Base: k.args, Disp: off}, f)
	return f
}

// place is a pointer of the tile plus an offset of it.
func (k *kernel) place(off, at int) reg.GPVirtual {
	p := k.field(off)
	ADDQ(Mem{Base: k.args, Disp: at}, p)
	return p
}

// again goes on to the next tile of the line, and to the next line.
func (k *kernel) again() {
	ADDQ(gen.Num(k.pixels*k.stride), Mem{Base: k.args, Disp: offInAt})
	ADDQ(gen.Num(k.pixels*block), Mem{Base: k.args, Disp: offOutAt})
	DECQ(Mem{Base: k.args, Disp: offLeft})
	JNZ(LabelRef("tile"))
	DECQ(Mem{Base: k.args, Disp: offLines})
	JZ(LabelRef("end"))
	MOVQ(k.field(offTiles), Mem{Base: k.args, Disp: offLeft})
	for _, move := range [][2]int{{offInLine, offInAt}, {offOutLine, offOutAt}} {
		ADDQ(k.field(move[0]), Mem{Base: k.args, Disp: move[1]})
	}
	JMP(LabelRef("tile"))
	Label("end")
	VZEROUPPER()
	RET()
}

// loop runs body with a pointer that starts at from and moves by the tile's
// step after each of its count turns. An offset of 0 for step leaves it to the
// body.
func (k *kernel) loop(label string, count, step int, from reg.Register, body func(p reg.Register)) {
	n := k.field(count)
	p := GP64()
	MOVQ(from, p)
	Label(label)
	body(p)
	ADDQ(Mem{Base: k.args, Disp: step}, p)
	DECQ(n)
	JNZ(LabelRef(label))
}

// dense generates a tile of a convolution in which every output channel sees
// every input channel. Terms are added in the order block, row, tap, channel.
// A pixel of the input has inner channels side by side.
func dense(r gen.Rung, pixels, outs, stride, inner int, name string) {
	k := start(r, name, fmt.Sprintf("computes %d pixels of %d output channels.", pixels, 16*outs), pixels, outs, stride)
	k.bias()
	w := k.field(offW)
	k.blocks(func(b, turns reg.Register) {
		k.loop("rows", offRows, offRowStep, b, func(row reg.Register) {
			k.loop("taps", offTaps, offTapStep, row, func(tap reg.Register) {
				k.channels(tap, w, turns, inner)
			})
		})
	})
	k.finish()
}

// blocks is the loop over blocks of input channels. Its body is given how many
// turns the loop over the channels of the block takes: fewer in the last.
func (k *kernel) blocks(body func(b, turns reg.Register)) {
	n, turns := k.field(offBlocks), k.field(offTurns)
	b := k.place(offIn, offInAt)
	Label("blocks")
	CMPQ(n, Imm(1))
	CMOVQEQ(Mem{Base: k.args, Disp: offLastTurns}, turns)
	body(b, turns)
	ADDQ(Mem{Base: k.args, Disp: offBlockStep}, b)
	DECQ(n)
	JNZ(LabelRef("blocks"))
}

// unroll is how many input channels one turn of the innermost loop takes.
const unroll = 4

func (k *kernel) channels(tap, w, turns reg.Register, inner int) {
	if inner == 1 {
		k.channel(tap, w, 0)
		ADDQ(gen.Num(k.width()*k.r.Bytes), w)
		return
	}
	p, n := GP64(), GP64()
	MOVQ(tap, p)
	MOVQ(turns, n)
	Label("channels")
	for u := range unroll {
		k.channel(p, w, u)
	}
	ADDQ(Imm(4*unroll), p)
	ADDQ(gen.Num(unroll*k.width()*k.r.Bytes), w)
	DECQ(n)
	JNZ(LabelRef("channels"))
}

// channel adds the terms of input channel u: a broadcast of each pixel times
// the weights.
func (k *kernel) channel(p, w reg.Register, u int) {
	weights := make([]reg.VecVirtual, k.width())
	for v := range weights {
		weights[v] = k.r.Vec()
		VMOVUPS(Mem{Base: w, Disp: (u*k.width() + v) * k.r.Bytes}, weights[v])
	}
	for i := range k.pixels {
		x := k.r.Vec()
		VBROADCASTSS(Mem{Base: p, Disp: i*k.stride + 4*u}, x)
		for v := range weights {
			VFMADD231PS(weights[v], x, k.sum(i, v))
		}
	}
}

// depthwise generates a tile of a convolution in which an output channel sees
// the input channel of its number alone.
func depthwise(r gen.Rung, pixels, stride int, name string) {
	k := start(r, name, fmt.Sprintf("computes %d pixels of 16 channels, each of which sees only itself.", pixels), pixels, 1, stride)
	k.bias()
	w := k.field(offW)
	k.loop("rows", offRows, offRowStep, k.place(offIn, offInAt), func(row reg.Register) {
		k.loop("taps", offTaps, offTapStep, row, func(tap reg.Register) {
			for v := range k.per {
				weight := k.r.Vec()
				VMOVUPS(Mem{Base: w, Disp: v * k.r.Bytes}, weight)
				for i := range k.pixels {
					VFMADD231PS(Mem{Base: tap, Disp: i*k.stride + v*k.r.Bytes}, weight, k.sum(i, v))
				}
			}
			ADDQ(Imm(block), w)
		})
	})
	k.finish()
}

// depthwise3 is depthwise for rows of three taps that lie side by side. It
// reads each pixel of a row once for all outputs that see it, where depthwise
// reads it for every tap: that is bound by loads, this by multiply-adds.
func depthwise3(r gen.Rung, pixels, stride int, name string) {
	k := start(r, name, fmt.Sprintf("computes %d pixels of 16 channels, each of which sees only itself, in rows of three taps.", pixels), pixels, 1, stride)
	k.bias()
	w := k.field(offW)
	k.loop("rows", offRows, offRowStep, k.place(offIn, offInAt), func(row reg.Register) {
		for v := range k.per {
			var weights [3]reg.VecVirtual
			for t := range weights {
				weights[t] = k.r.Vec()
				VMOVUPS(Mem{Base: w, Disp: t*block + v*k.r.Bytes}, weights[t])
			}
			k.slide(row, v, weights)
		}
		ADDQ(Imm(3*block), w)
	})
	k.finish()
}

// slide adds the terms of one row. A sum gets its taps from left to right.
func (k *kernel) slide(row reg.Register, v int, weights [3]reg.VecVirtual) {
	step := k.stride / block
	for c := range (k.pixels-1)*step + len(weights) {
		at := Mem{Base: row, Disp: c*block + v*k.r.Bytes}
		var taps []int
		for t := range weights {
			if p := c - t; p >= 0 && p%step == 0 && p/step < k.pixels {
				taps = append(taps, t)
			}
		}
		if len(taps) == 1 {
			VFMADD231PS(at, weights[taps[0]], k.sum((c-taps[0])/step, v))
			continue
		}
		x := k.r.Vec()
		VMOVUPS(at, x)
		for _, t := range taps {
			VFMADD231PS(x, weights[t], k.sum((c-t)/step, v))
		}
	}
}

// maxPool generates a tile of max pooling.
func maxPool(r gen.Rung, pixels, stride int, name string) {
	k := start(r, name, fmt.Sprintf("takes the largest of each window: %d pixels of 16 channels.", pixels), pixels, 1, stride)
	k.bias() // minus infinity
	k.loop("rows", offRows, offRowStep, k.place(offIn, offInAt), func(row reg.Register) {
		k.loop("taps", offTaps, offTapStep, row, func(tap reg.Register) {
			for i := range k.pixels {
				for v := range k.per {
					VMAXPS(Mem{Base: tap, Disp: i*k.stride + v*k.r.Bytes}, k.sum(i, v), k.sum(i, v))
				}
			}
		})
	})
	out := k.place(offOut, offOutAt)
	for i := range k.pixels {
		for v := range k.per {
			VMOVUPS(k.sum(i, v), Mem{Base: out, Disp: i*block + v*k.r.Bytes})
		}
	}
	k.again()
}

// finish adds the residual, applies the activation and stores.
func (k *kernel) finish() {
	res := k.field(offRes)
	TESTQ(res, res)
	JZ(LabelRef("added"))
	ADDQ(Mem{Base: k.args, Disp: offOutAt}, res)
	k.each(res, func(m Mem, v reg.VecVirtual) { VADDPS(m, v, v) })
	Label("added")
	leaky := GP32()
	MOVL(Mem{Base: k.args, Disp: offLeaky}, leaky)
	TESTL(leaky, leaky)
	JZ(LabelRef("bounds"))
	k.leaky()
	Label("bounds")
	lo, hi := k.r.Vec(), k.r.Vec()
	VBROADCASTSS(Mem{Base: k.args, Disp: offLo}, lo)
	VBROADCASTSS(Mem{Base: k.args, Disp: offHi}, hi)
	k.each(k.place(offOut, offOutAt), func(m Mem, v reg.VecVirtual) {
		// the value is the last source: that is what passes on a NaN
		VMAXPS(v, lo, v)
		VMINPS(v, hi, v)
		VMOVUPS(v, m)
	})
	k.again()
}

// leaky multiplies what is negative by the slope.
func (k *kernel) leaky() {
	slope := k.r.Vec()
	VBROADCASTSS(Mem{Base: k.args, Disp: offSlope}, slope)
	zero := k.r.Zero(1)[0]
	for _, v := range k.sums {
		t := k.r.Vec()
		VMINPS(v, zero, t) // the negative part
		VMAXPS(v, zero, v) // the other
		VFMADD231PS(slope, t, v)
	}
}

// each visits every sum with its place in an output-shaped buffer.
func (k *kernel) each(base reg.Register, f func(Mem, reg.VecVirtual)) {
	for o := range k.outs {
		for i := range k.pixels {
			for v := range k.per {
				f(Mem{Base: base, Disp: i*block + v*k.r.Bytes}, k.sum(i, o*k.per+v))
			}
		}
		if o < k.outs-1 {
			ADDQ(Mem{Base: k.args, Disp: offNext}, base)
		}
	}
}

func main() {
	ConstraintExpr("amd64,!purego")
	for _, stride := range []int{1, 2} {
		for p := 1; p <= 12; p++ {
			for outs := 1; outs <= 2; outs++ {
				dense(gen.AVX512, p, outs, stride*block, 16, fmt.Sprintf("dense%dx%ds%dAVX512", p, outs, stride))
				dense(gen.AVX512, p, outs, stride*4, 1, fmt.Sprintf("stem%dx%ds%dAVX512", p, outs, stride))
			}
			depthwise(gen.AVX512, p, stride*block, fmt.Sprintf("depthwise%ds%dAVX512", p, stride))
			depthwise3(gen.AVX512, p, stride*block, fmt.Sprintf("depthwise3x%ds%dAVX512", p, stride))
			maxPool(gen.AVX512, p, stride*block, fmt.Sprintf("maxPool%ds%dAVX512", p, stride))
		}
		for p := 1; p <= 6; p++ {
			dense(gen.AVX2, p, 1, stride*block, 16, fmt.Sprintf("dense%ds%dAVX2", p, stride))
			dense(gen.AVX2, p, 1, stride*4, 1, fmt.Sprintf("stem%ds%dAVX2", p, stride))
			depthwise(gen.AVX2, p, stride*block, fmt.Sprintf("depthwise%ds%dAVX2", p, stride))
			depthwise3(gen.AVX2, p, stride*block, fmt.Sprintf("depthwise3x%ds%dAVX2", p, stride))
			maxPool(gen.AVX2, p, stride*block, fmt.Sprintf("maxPool%ds%dAVX2", p, stride))
		}
	}
	Generate()
}
