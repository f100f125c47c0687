//go:build !amd64 || purego

package nchwc

// plainPixels is the number of pixels of a plain tile.
const plainPixels = 16

func aligned(n int) []float32 { return make([]float32, n) }

func wideTiles() bool { return false }

func (c *Conv) tilePixels() int { return plainPixels }

func maxPoolPixels() int { return plainPixels }

func (j *job) tiles(_ *tile, r run, w, b []float32) { j.plainTiles(r, w, b) }

func (j *poolJob) tiles(_ *tile, r run) { j.plainTiles(r) }
