package nchwc

import "github.com/seed6700ada1/infer/runtime/kernel/pool"

// ToBlocks lays out planes [Channels][H][W] in blocks.
func ToBlocks(p *pool.Pool, x, y []float32, out Layout) {
	area := out.H * out.W
	grain := max(1, chunkWork/max(1, area*Block))
	p.For(out.Blocks(), grain, func(lo, hi int) {
		for b := lo; b < hi; b++ {
			out.ClearBorder(y, b)
			channels := min(Block, out.Channels-b*Block)
			for r := range out.H {
				row := y[out.At(b, r, 0):][:out.W*Block]
				if channels < Block {
					clear(row)
				}
				for c := range channels {
					for i, v := range x[(b*Block+c)*area+r*out.W:][:out.W] {
						row[i*Block+c] = v
					}
				}
			}
		}
	})
}

// FromBlocks is the inverse of [ToBlocks].
func FromBlocks(p *pool.Pool, x []float32, in Layout, y []float32) {
	area := in.H * in.W
	grain := max(1, chunkWork/max(1, area*Block))
	p.For(in.Blocks(), grain, func(lo, hi int) {
		for b := lo; b < hi; b++ {
			for r := range in.H {
				row := x[in.At(b, r, 0):][:in.W*Block]
				for c := range min(Block, in.Channels-b*Block) {
					dst := y[(b*Block+c)*area+r*in.W:][:in.W]
					for i := range dst {
						dst[i] = row[i*Block+c]
					}
				}
			}
		}
	})
}

// ToPixels turns blocks into pixels [H][W][Channels].
func ToPixels(p *pool.Pool, x []float32, in Layout, y []float32) {
	grain := max(1, chunkWork/max(1, in.W*in.Channels))
	p.For(in.H, grain, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			for b := range in.Blocks() {
				n := min(Block, in.Channels-b*Block)
				row := x[in.At(b, r, 0):][:in.W*Block]
				at := r*in.W*in.Channels + b*Block
				for i := range in.W {
					copy(y[at:at+n], row[i*Block:])
					at += in.Channels
				}
			}
		}
	})
}

// Pad copies planes [channels][H][W] into planes with a border of zeros.
func Pad(x, y []float32, channels, h, w, border int) {
	row := w + 2*border
	plane := (h + 2*border) * row
	for c := range channels {
		dst := y[c*plane:][:plane]
		clear(dst[:border*row+border])
		for r := range h {
			at := (border+r)*row + border
			copy(dst[at:at+w], x[(c*h+r)*w:])
			clear(dst[at+w : at+w+2*border])
		}
		clear(dst[(border+h)*row:])
	}
}

// Nearest enlarges blocks by whole factors, repeating pixels.
func Nearest(p *pool.Pool, x []float32, in Layout, y []float32, out Layout, scaleH, scaleW int) {
	grain := max(1, chunkWork/max(1, out.H*out.W*Block))
	p.For(out.Blocks(), grain, func(lo, hi int) {
		for b := lo; b < hi; b++ {
			out.ClearBorder(y, b)
			for r := range out.H {
				dst := y[out.At(b, r, 0):][:out.W*Block]
				if r%scaleH != 0 {
					copy(dst, y[out.At(b, r-1, 0):])
					continue
				}
				src := x[in.At(b, r/scaleH, 0):]
				for i := range in.W {
					v := (*[Block]float32)(src[i*Block:])
					for k := range scaleW {
						*(*[Block]float32)(dst[(i*scaleW+k)*Block:]) = *v
					}
				}
			}
		}
	})
}
