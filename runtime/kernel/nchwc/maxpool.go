package nchwc

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// MaxPool is a max pooling without padding. Strides along a row are 1 or 2.
type MaxPool struct {
	KernelH, KernelW int
	StrideH, StrideW int
}

// lowest is what the largest of a window starts from.
var lowest = func() (v [Block]float32) {
	for i := range v {
		v[i] = float32(math.Inf(-1))
	}
	return v
}()

// poolJob is a pooling of one picture.
type poolJob struct {
	m       *MaxPool
	x, y    []float32
	in, out Layout
}

// Run pools one picture.
func (m *MaxPool) Run(p *pool.Pool, x []float32, in Layout, y []float32, out Layout) {
	j := &poolJob{m: m, x: x, in: in, y: y, out: out}
	grain := max(1, chunkWork/max(1, out.H*out.W*Block*m.KernelH*m.KernelW))
	if out.H == 0 || out.W == 0 {
		return
	}
	p.For(out.Blocks(), grain, func(lo, hi int) {
		t := tiles.Get().(*tile)
		t.rows, t.taps = m.KernelH, m.KernelW
		t.rowStep, t.tapStep = in.Row()*floatBytes, Block*floatBytes
		for b := lo; b < hi; b++ {
			j.lines(t, b)
			out.ClearBorder(y, b)
		}
		tiles.Put(t)
	})
}

// lines pools one block.
func (j *poolJob) lines(t *tile, b int) {
	most := maxPoolPixels()
	r := run{
		from: j.in.At(b, 0, 0), to: j.out.At(b, 0, 0), lines: j.out.H,
		fromLine: j.m.StrideH * j.in.Row(), toLine: j.out.Row(),
	}
	whole, rest := j.out.W/most, j.out.W%most
	for _, part := range [2][2]int{{most, whole}, {rest, 1}} {
		r.pixels, r.tiles = part[0], part[1]
		if r.tiles > 0 && r.pixels > 0 {
			j.tiles(t, r)
		}
		r.from += r.tiles * r.pixels * j.m.StrideW * Block
		r.to += r.tiles * r.pixels * Block
	}
}
