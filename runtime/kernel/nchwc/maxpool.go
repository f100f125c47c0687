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
	p.For(out.Blocks(), grain, func(lo, hi int) {
		t := tiles.Get().(*tile)
		t.rows, t.taps = m.KernelH, m.KernelW
		t.rowStep, t.tapStep = in.Row()*floatBytes, Block*floatBytes
		for b := lo; b < hi; b++ {
			for r := range out.H {
				j.row(t, b, r)
			}
			out.ClearBorder(y, b)
		}
		tiles.Put(t)
	})
}

func (j *poolJob) row(t *tile, b, y int) {
	most := maxPoolPixels()
	for x := 0; x < j.out.W; x += most {
		pixels := min(most, j.out.W-x)
		j.tile(t, pixels, j.in.At(b, y*j.m.StrideH, x*j.m.StrideW), j.out.At(b, y, x))
	}
}
