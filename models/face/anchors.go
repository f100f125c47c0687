package face

import "math"

// anchor is a box that a detector corrects: its middle and size, in pixels of
// the model's input.
type anchor struct{ x, y, w, h float64 }

// Level is a feature map of a single-shot detector: a square anchor of each of
// the Sizes, in pixels, at the middle of each cell of about Stride pixels.
type Level struct {
	Stride int
	Sizes  []float64
}

// anchors lists the anchors of an input of w×h pixels in the order of the
// outputs: level, row, column, size. A map has ⌈side/stride⌉ cells, which share
// the side evenly: 240 pixels make 4 cells of 60 at stride 64.
func anchors(levels []Level, w, h int) []anchor {
	var out []anchor
	for _, l := range levels {
		cols, rows := ceilDiv(w, l.Stride), ceilDiv(h, l.Stride)
		stepX, stepY := float64(w)/float64(cols), float64(h)/float64(rows)
		for row := range rows {
			for col := range cols {
				for _, size := range l.Sizes {
					out = append(out, anchor{(float64(col) + 0.5) * stepX, (float64(row) + 0.5) * stepY, size, size})
				}
			}
		}
	}
	return out
}

// countAnchors is len(anchors(levels, w, h)).
func countAnchors(levels []Level, w, h int) int {
	n := 0
	for _, l := range levels {
		n += ceilDiv(w, l.Stride) * ceilDiv(h, l.Stride) * len(l.Sizes)
	}
	return n
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// Variances of the offsets that SSD-style detectors (Ultra-Light, RetinaFace)
// were trained with.
const (
	centerVariance = 0.1
	sizeVariance   = 0.2
)

// correct applies the offsets (dx, dy, dw, dh) of an SSD-style detector:
//
//	centre = anchor centre + 0.1 · (dx, dy) · anchor size
//	size   = anchor size · exp(0.2 · (dw, dh))
func (a anchor) correct(d []float32) Box {
	return centered(
		a.x+centerVariance*float64(d[0])*a.w, a.y+centerVariance*float64(d[1])*a.h,
		a.w*math.Exp(sizeVariance*float64(d[2])), a.h*math.Exp(sizeVariance*float64(d[3])),
	)
}

// correctPoints applies pairs of offsets like those of the centre.
func (a anchor) correctPoints(d []float32) []Point {
	points := make([]Point, len(d)/2)
	for k := range points {
		points[k] = Point{a.x + centerVariance*float64(d[2*k])*a.w, a.y + centerVariance*float64(d[2*k+1])*a.h}
	}
	return points
}
