// Package nchwc computes convolutions and pooling over blocks of 16 channels.
//
// A picture of C channels, H rows and W columns lies in memory as
//
//	[C/16 rounded up] [H + 2·border] [W + 2·border] [16]
//
// so that the 16 channels of a pixel are one or two vector registers, and every
// pixel that a kernel reads or writes is a whole cache line. Channels past the
// last are computed like the others from weights of zero, and nobody reads them.
//
// The border is zeros around each plane, as wide as whoever reads it needs for
// padding: kernels then never test for the edge. Whoever writes a plane writes
// its border too.
//
//	┌─────────────┐
//	│0 0 0 0 0 0 0│
//	│0 ▒ ▒ ▒ . . 0│   a tile: up to 12 output pixels of a row, 16 or 32 output
//	│0 ▒ ▒ ▒ . . 0│   channels; its sums stay in registers over all input
//	│0 ▒ ▒ ▒ . . 0│   channels, rows ▒ and taps ▒ of the kernel
//	│0 0 0 0 0 0 0│
//	└─────────────┘
//
// The sum of an output value is made in the order block, row, tap, channel,
// whatever the tile: results do not depend on the number of threads.
package nchwc

// Block is the number of channels that lie side by side.
const Block = 16

// Layout is the geometry of one picture in blocks.
type Layout struct {
	Channels, H, W int
	Border         int // zeros around each plane, in pixels
}

// Blocks is the number of blocks of channels.
func (l Layout) Blocks() int { return (l.Channels + Block - 1) / Block }

// Row is the number of values in a row, border included.
func (l Layout) Row() int { return (l.W + 2*l.Border) * Block }

// Plane is the number of values in a block.
func (l Layout) Plane() int { return (l.H + 2*l.Border) * l.Row() }

// Len is the number of values in all.
func (l Layout) Len() int { return l.Blocks() * l.Plane() }

// Shape is the shape of a tensor that holds a batch of pictures.
func (l Layout) Shape(batch int) [5]int {
	return [5]int{batch, l.Blocks(), l.H + 2*l.Border, l.W + 2*l.Border, Block}
}

// At is the place of channel 0 of block b at row y and column x, which may lie
// in the border.
func (l Layout) At(b, y, x int) int {
	return b*l.Plane() + (y+l.Border)*l.Row() + (x+l.Border)*Block
}

// ClearBorder writes the border of block b.
func (l Layout) ClearBorder(x []float32, b int) {
	if l.Border == 0 {
		return
	}
	row, edge := l.Row(), l.Border*Block
	plane := x[b*l.Plane():][:l.Plane()]
	clear(plane[:l.Border*row+edge])
	for y := range l.H - 1 {
		// the end of a row and the beginning of the next
		clear(plane[(l.Border+y+1)*row-edge:][:2*edge])
	}
	clear(plane[(l.Border+l.H)*row-edge:])
}
