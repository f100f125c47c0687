//go:build amd64 && !purego

package nchwc

import (
	"unsafe"

	"github.com/seed6700ada1/infer/runtime/kernel/cpu"
)

// kernel computes one tile, given a *tile.
type kernel = func(t *byte)

// The most pixels that tiles of a rung have.
const (
	pixels512 = 12
	pixels2   = 6
)

// aligned gives n zeros that start on a cache line.
func aligned(n int) []float32 {
	const line = 64
	b := make([]float32, n+line/floatBytes)
	at := int(-uintptr(unsafe.Pointer(unsafe.SliceData(b)))%line) / floatBytes
	return b[at : at+n : at+n]
}

// wideTiles reports whether tiles may compute 32 output channels.
func wideTiles() bool { return cpu.Level >= cpu.AVX512 }

func maxPoolPixels() int {
	if cpu.Level >= cpu.AVX512 {
		return pixels512
	}
	return pixels2
}

// tilePixels is the most pixels that a tile of the convolution has.
func (c *Conv) tilePixels() int { return maxPoolPixels() }

// kernel finds the tile's kernel; nil where the rung has none.
func (c *Conv) kernel(pixels int) kernel {
	s := c.StrideW - 1
	three := c.Kind == Depthwise && c.KernelW == 3 && c.DilationW == 1
	switch {
	case cpu.Level < cpu.AVX2 || s > 1:
		return nil
	case three && cpu.Level < cpu.AVX512:
		return depthwise3AVX2[s][pixels-1]
	case three:
		return depthwise3AVX512[s][pixels-1]
	case cpu.Level < cpu.AVX512:
		return [...]*[2][pixels2]kernel{Dense: &denseAVX2, Stem: &stemAVX2, Depthwise: &depthwiseAVX2}[c.Kind][s][pixels-1]
	case c.Kind == Depthwise:
		return depthwiseAVX512[s][pixels-1]
	case c.Kind == Stem:
		return stemAVX512[s][c.outs-1][pixels-1]
	}
	return denseAVX512[s][c.outs-1][pixels-1]
}

func (j *job) tiles(t *tile, r run, w, b []float32) {
	k := j.c.kernel(r.pixels)
	if k == nil {
		j.plainTiles(r, w, b)
		return
	}
	t.in, t.w, t.out, t.bias, t.res = &j.x[r.from], &w[0], &j.y[r.to], &b[0], nil
	if j.res != nil {
		t.res = &j.res[r.to]
	}
	t.place(r, j.c.StrideW*j.c.inner())
	k((*byte)(unsafe.Pointer(t)))
}

func (j *poolJob) tiles(t *tile, r run) {
	s := j.m.StrideW - 1
	if cpu.Level < cpu.AVX2 || s > 1 {
		j.plainTiles(r)
		return
	}
	t.in, t.out, t.bias = &j.x[r.from], &j.y[r.to], &lowest[0]
	t.place(r, j.m.StrideW*Block)
	if cpu.Level >= cpu.AVX512 {
		maxPoolAVX512[s][r.pixels-1]((*byte)(unsafe.Pointer(t)))
		return
	}
	maxPoolAVX2[s][r.pixels-1]((*byte)(unsafe.Pointer(t)))
}
