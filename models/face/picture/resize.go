package picture

import "math"

// Weights of the two neighbours are whole numbers of 1/2048, as in OpenCV.
const (
	weightBits = 11
	weightOne  = 1 << weightBits
)

// Resize scales p to w×h pixels. A pixel of the result at x takes the source at
// (x+½)·W/w − ½ and mixes its two neighbours in each direction; the edge is
// repeated. The arithmetic is that of OpenCV's INTER_LINEAR on 8-bit pixels,
// rounding included, because published models were made with it. Like it, it
// does not smooth before it shrinks. A size below 1 gives an empty picture.
func Resize(p *RGB, w, h int) *RGB {
	out := New(w, h)
	resizeInto(out, 0, 0, out.W, out.H, p)
	return out
}

// resizeInto writes p, scaled to w×h, at (x0, y0) of dst, where it must fit.
func resizeInto(dst *RGB, x0, y0, w, h int, p *RGB) {
	if w <= 0 || h <= 0 || p.W == 0 || p.H == 0 {
		return
	}
	if w == p.W && h == p.H {
		for y := range h {
			copy(dst.Pix[3*((y0+y)*dst.W+x0):][:3*w], p.Pix[3*y*p.W:])
		}
		return
	}
	cols, rows := taps(p.W, w, true), taps(p.H, h, false)
	// The two source rows in use, already scaled across, and which they are.
	upper, lower := make([]int32, 3*w), make([]int32, 3*w)
	upperRow, lowerRow := -1, -1
	for y, t := range rows {
		if t.near == lowerRow {
			upper, lower = lower, upper
			upperRow, lowerRow = lowerRow, upperRow
		}
		if t.near != upperRow {
			scaleRow(upper, p.Pix[3*t.near*p.W:][:3*p.W], cols)
			upperRow = t.near
		}
		if t.far != lowerRow {
			scaleRow(lower, p.Pix[3*t.far*p.W:][:3*p.W], cols)
			lowerRow = t.far
		}
		mixRows(dst.Pix[3*((y0+y)*dst.W+x0):][:3*w], upper, lower, t)
	}
}

// tap is where a pixel of the result comes from: two neighbours and their
// weights, which add up to weightOne.
type tap struct {
	near, far   int
	wNear, wFar int32
}

func taps(from, to int, across bool) []tap {
	scale := 1 / (float64(to) / float64(from)) // in this order, for its rounding
	out := make([]tap, to)
	for i := range out {
		at := float32((float64(i)+0.5)*scale - 0.5)
		near := int(math.Floor(float64(at)))
		frac := at - float32(near)
		// Beyond the edge both neighbours are the edge. Across rows OpenCV drops
		// the fraction then; down columns it keeps it, which may round otherwise.
		if across && (near < 0 || near >= from-1) {
			frac = 0
		}
		out[i] = tap{
			near:  max(0, min(near, from-1)),
			far:   max(0, min(near+1, from-1)),
			wNear: int32(math.RoundToEven(float64((1 - frac) * weightOne))),
			wFar:  int32(math.RoundToEven(float64(frac * weightOne))),
		}
	}
	return out
}

// scaleRow mixes neighbours across a row; the results are weightOne times a
// pixel.
func scaleRow(dst []int32, src []uint8, cols []tap) {
	for x, t := range cols {
		a, b, d := src[3*t.near:3*t.near+3], src[3*t.far:3*t.far+3], dst[3*x:3*x+3]
		d[0] = int32(a[0])*t.wNear + int32(b[0])*t.wFar
		d[1] = int32(a[1])*t.wNear + int32(b[1])*t.wFar
		d[2] = int32(a[2])*t.wNear + int32(b[2])*t.wFar
	}
}

// mixRows mixes two scaled rows. The shifts drop bits where OpenCV's 16-bit
// multiplications do.
func mixRows(dst []uint8, upper, lower []int32, t tap) {
	upper, lower = upper[:len(dst)], lower[:len(dst)]
	for i := range dst {
		v := ((upper[i]>>4)*t.wNear)>>16 + ((lower[i]>>4)*t.wFar)>>16
		dst[i] = uint8((v + 2) >> 2)
	}
}
