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
	switch {
	case cpu.Level < cpu.AVX2 || s > 1:
		return nil
	case cpu.Level < cpu.AVX512:
		return [...]*[2][pixels2]kernel{Dense: &denseAVX2, Stem: &stemAVX2, Depthwise: &depthwiseAVX2}[c.Kind][s][pixels-1]
	case c.Kind == Depthwise:
		return depthwiseAVX512[s][pixels-1]
	case c.Kind == Stem:
		return stemAVX512[s][c.outs-1][pixels-1]
	}
	return denseAVX512[s][c.outs-1][pixels-1]
}

func (j *job) tile(t *tile, pixels, from, to int, w, b []float32) {
	k := j.c.kernel(pixels)
	if k == nil {
		j.plain(pixels, from, to, w, b)
		return
	}
	t.in, t.w, t.out, t.bias, t.res = &j.x[from], &w[0], &j.y[to], &b[0], nil
	if j.res != nil {
		t.res = &j.res[to]
	}
	k((*byte)(unsafe.Pointer(t)))
}

func (j *poolJob) tile(t *tile, pixels, from, to int) {
	s := j.m.StrideW - 1
	if cpu.Level < cpu.AVX2 || s > 1 {
		j.plainMaxPool(pixels, from, to)
		return
	}
	t.in, t.out, t.bias = &j.x[from], &j.y[to], &lowest[0]
	if cpu.Level >= cpu.AVX512 {
		maxPoolAVX512[s][pixels-1]((*byte)(unsafe.Pointer(t)))
		return
	}
	maxPoolAVX2[s][pixels-1]((*byte)(unsafe.Pointer(t)))
}
