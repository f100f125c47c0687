package nchwc

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// Kind tells how output channels depend on input channels, and how the input
// lies.
type Kind uint8

// The kinds of convolution.
const (
	Dense     Kind = iota // every output channel sees every input channel
	Stem                  // as Dense, from an input that is not in blocks: [C][H+2·border][W+2·border]
	Depthwise             // an output channel sees the input channel of its number alone
)

// Params describe a convolution. Strides are 1 or 2 along a row; padding is at
// most the border of the input.
type Params struct {
	Kind                 Kind
	In, Out              int // channels
	KernelH, KernelW     int
	StrideH, StrideW     int
	DilationH, DilationW int
	PadTop, PadLeft      int
	Act                  Act
}

// Act is the activation that follows: the result is leaky by Slope where Leaky
// says so, then limited to [Lo, Hi].
type Act struct {
	Lo, Hi float32
	Leaky  bool
	Slope  float32
}

// NoAct leaves results alone.
func NoAct() Act { return Act{Lo: float32(math.Inf(-1)), Hi: float32(math.Inf(1))} }

// Conv is a convolution whose weights are laid out.
type Conv struct {
	Params
	// weights, for Dense and Stem: [blocks of outputs][blocks of inputs][KernelH][KernelW][lanes of the block][16 outputs],
	// two blocks of outputs interleaved where tiles are that wide; for Depthwise:
	// [blocks][KernelH][KernelW][16].
	weights []float32
	bias    []float32 // padded to whole blocks
	outs    int       // blocks of outputs that a tile computes
}

// NewConv lays out weights [Out, In, KernelH, KernelW], or [Out, 1, KernelH,
// KernelW] of a Depthwise, and a bias for each output channel, which may be nil.
func NewConv(p Params, weights, bias []float32) *Conv {
	c := &Conv{Params: p, outs: 1}
	blocks := (p.Out + Block - 1) / Block
	c.bias = aligned(blocks * Block)
	copy(c.bias, bias)
	taps := p.KernelH * p.KernelW
	if p.Kind == Depthwise {
		c.weights = aligned(blocks * taps * Block)
		for o := range p.Out {
			for t := range taps {
				c.weights[(o/Block*taps+t)*Block+o%Block] = weights[o*taps+t]
			}
		}
		return c
	}
	if wideTiles() && blocks%2 == 0 {
		c.outs = 2
	}
	inner := c.inner()
	groups := (p.In + inner - 1) / inner
	width := c.outs * Block
	channels := (groups-1)*inner + c.lanes(groups-1) // that a tile reads
	c.weights = aligned(blocks * channels * taps * Block)
	for o := range p.Out {
		for i := range p.In {
			g := i / inner
			for t := range taps {
				at := (o/width*channels*taps + g*inner*taps + t*c.lanes(g) + i%inner) * width
				c.weights[at+o%width] = weights[(o*p.In+i)*taps+t]
			}
		}
	}
	return c
}

// lanes is the number of input channels of a block that tiles read: of the last
// one, those that there are, in whole turns of the kernels' loop.
func (p *Params) lanes(block int) int {
	if p.Kind == Stem {
		return 1
	}
	left := (p.In - block*Block + unroll - 1) / unroll * unroll
	return min(left, Block)
}

// inner is the number of input channels that lie side by side.
func (p *Params) inner() int {
	if p.Kind == Stem {
		return 1
	}
	return Block
}

const (
	// unroll is the number of input channels of one turn of the kernels' loop.
	unroll = 4
	// chunkWork is the number of multiply-adds that is worth handing to a thread.
	chunkWork = 1 << 19
	// slabBytes is what the input rows of one pass over the output channels may
	// take, so that they stay in the L2 cache.
	slabBytes = 160 << 10
)

// Run convolves one picture. residual, of the output's layout, is added before
// the activation where it is not nil; it may be y itself.
func (c *Conv) Run(p *pool.Pool, x []float32, in Layout, residual, y []float32, out Layout) {
	if out.H == 0 || out.W == 0 {
		return
	}
	j := &job{c: c, x: x, in: in, res: residual, y: y, out: out}
	groups := out.Blocks() / c.outs
	rows := c.rowsAtOnce(in, out)
	bands := (out.H + rows - 1) / rows
	if c.Kind != Depthwise && bands > 1 || groups == 1 {
		// all output channels of a band of rows, so that the band's input is read
		// from memory once
		p.For(bands, 1, func(lo, hi int) {
			for b := lo; b < hi; b++ {
				for g := range groups {
					j.band(g, b*rows, min(out.H, (b+1)*rows))
				}
			}
		})
		return
	}
	p.For(groups*bands, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			b := i % bands
			j.band(i/bands, b*rows, min(out.H, (b+1)*rows))
		}
	})
}

// rowsAtOnce is the number of output rows that a thread takes.
func (c *Conv) rowsAtOnce(in, out Layout) int {
	taps := c.KernelH * c.KernelW
	perRow, groups := out.W*Block*taps, out.Blocks()/c.outs
	slab := in.Row() * 4 * c.StrideH
	switch c.Kind {
	case Dense:
		perRow *= c.outs * in.Channels
		slab *= in.Blocks()
	case Stem:
		perRow *= c.outs * in.Channels
		slab = slab / Block * in.Channels
	case Depthwise:
	}
	work := chunkWork / max(1, perRow)
	cache := slabBytes / max(1, slab)
	if c.Kind != Depthwise {
		// a band is done for all output channels unless there is but one
		if banded := chunkWork / max(1, perRow*groups); banded*2 < out.H {
			return max(1, min(banded, cache))
		}
	}
	return max(1, min(work, cache, out.H))
}

// job is a convolution of one picture.
type job struct {
	c         *Conv
	x, res, y []float32
	in, out   Layout
}

// band computes rows y0 to y1 of the g-th group of output channels, and the
// border beside them.
func (j *job) band(g, y0, y1 int) {
	c := j.c
	t := tiles.Get().(*tile)
	t.set(j)
	size := len(c.weights) / (j.out.Blocks() / c.outs)
	w, b := c.weights[g*size:], c.bias[g*c.outs*Block:]
	j.lines(t, g, y0, y1, w, b)
	tiles.Put(t)
	for o := range c.outs {
		j.out.clearRows(j.y, g*c.outs+o, y0, y1)
	}
}

// clearRows writes the border beside rows y0 to y1, and above and below where
// these are the first and last.
func (l Layout) clearRows(x []float32, b, y0, y1 int) {
	if l.Border == 0 {
		return
	}
	edge := l.Border * Block
	if y0 == 0 {
		clear(x[b*l.Plane():][:l.Border*l.Row()])
	}
	for y := y0; y < y1; y++ {
		row := x[l.At(b, y, -l.Border):][:l.Row()]
		clear(row[:edge])
		clear(row[len(row)-edge:])
	}
	if y1 == l.H {
		clear(x[l.At(b, l.H, -l.Border):][:l.Border*l.Row()])
	}
}

// lines computes rows y0 to y1, each cut into tiles of nearly the same size: the
// first ones of every row may be a pixel wider than the rest.
func (j *job) lines(t *tile, g, y0, y1 int, w, b []float32) {
	c := j.c
	block := 0
	if c.Kind == Depthwise {
		block = g
	}
	r := run{
		from: j.in.start(c, block, y0), to: j.out.At(g*c.outs, y0, 0), lines: y1 - y0,
		fromLine: j.in.start(c, block, y0+1) - j.in.start(c, block, y0), toLine: j.out.Row(),
	}
	most := c.tilePixels()
	n := (j.out.W + most - 1) / most
	size, wide := j.out.W/n, j.out.W%n
	for _, part := range [2][2]int{{size + 1, wide}, {size, n - wide}} {
		r.pixels, r.tiles = part[0], part[1]
		if r.tiles > 0 {
			j.tiles(t, r, w, b)
		}
		r.from += r.tiles * r.pixels * c.StrideW * c.inner()
		r.to += r.tiles * r.pixels * Block
	}
}

// run is tiles of one size, side by side on a number of lines. Places and
// distances are in values.
type run struct {
	pixels, tiles, lines int
	from, to             int // of the first tile
	fromLine, toLine     int // from a line to the next
}

// each calls f with the place of every tile.
func (r run) each(step int, f func(from, to int)) {
	for l := range r.lines {
		for i := range r.tiles {
			f(r.from+l*r.fromLine+i*r.pixels*step, r.to+l*r.toLine+i*r.pixels*Block)
		}
	}
}

// place tells the kernel where the tiles of a run lie; step is the values from
// one input pixel of a tile to the next.
func (t *tile) place(r run, step int) {
	t.inAt, t.outAt, t.tiles, t.left, t.lines = 0, 0, r.tiles, r.tiles, r.lines
	t.inLine = (r.fromLine - r.tiles*r.pixels*step) * floatBytes
	t.outLine = (r.toLine - r.tiles*r.pixels*Block) * floatBytes
}

// start is the place of the first input value that output row y needs.
func (l Layout) start(c *Conv, block, y int) int {
	if c.Kind == Stem {
		return (y*c.StrideH-c.PadTop+l.Border)*(l.W+2*l.Border) + l.Border - c.PadLeft
	}
	return l.At(block, y*c.StrideH-c.PadTop, -c.PadLeft)
}
