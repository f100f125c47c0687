package nchwc

import "sync"

// tile is what a kernel is given. The assembly reads it by offset: a test
// compares them with those of the generator.
type tile struct {
	in, w, out, bias, res       *float32
	blocks, rows, taps          int // turns of the loops over input
	blockStep, rowStep, tapStep int // bytes from one turn's input to the next
	next                        int // bytes from an output block to the next

	// Tiles lie side by side on a line, and lines below each other. The kernel
	// counts left and lines down and moves the places on.
	inAt, outAt        int // bytes from in, and from out and res
	tiles, left, lines int
	inLine, outLine    int // bytes from the end of a line's tiles to the next line

	lo, hi, slope float32
	leaky         uint32

	turns, lastTurns int // of the loop over the channels of a block, and of the last
}

// tiles are kept between runs. They hold nothing that matters.
var tiles = sync.Pool{New: func() any { return new(tile) }}

const floatBytes = 4

// set fills in what all tiles of a job have in common.
func (t *tile) set(j *job) {
	c := j.c
	pixel := c.inner()
	row, plane := j.in.Row()/Block*pixel, j.in.Plane()/Block*pixel
	t.blocks, t.rows, t.taps = 1, c.KernelH, c.KernelW
	if c.Kind != Depthwise {
		t.blocks = (c.In + pixel - 1) / pixel
	}
	t.turns, t.lastTurns = Block/unroll, c.lanes(t.blocks-1)/unroll
	t.blockStep = plane * floatBytes
	t.rowStep = c.DilationH * row * floatBytes
	t.tapStep = c.DilationW * pixel * floatBytes
	t.next = j.out.Plane() * floatBytes
	t.lo, t.hi, t.slope, t.leaky = c.Act.Lo, c.Act.Hi, c.Act.Slope, 0
	if c.Act.Leaky {
		t.leaky = 1
	}
}
