//go:build !amd64 || purego

package nchwc

// plainPixels is the number of pixels of a plain tile.
const plainPixels = 16

func aligned(n int) []float32 { return make([]float32, n) }

func wideTiles() bool { return false }

func (c *Conv) tilePixels() int { return plainPixels }

func maxPoolPixels() int { return plainPixels }

func (j *job) tile(_ *tile, pixels, from, to int, w, b []float32) { j.plain(pixels, from, to, w, b) }

func (j *poolJob) tile(_ *tile, pixels, from, to int) { j.plainMaxPool(pixels, from, to) }
