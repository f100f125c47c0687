package picture

import (
	"image"
	"math"
)

// Box draws the outline of a rectangle inside (x1, y1)–(x2, y2), thick pixels
// wide; what lies outside p is left out.
func (p *RGB) Box(x1, y1, x2, y2 float64, thick int, c [3]uint8) {
	r := image.Rect(pixel(x1), pixel(y1), pixel(x2), pixel(y2))
	thick = max(1, thick)
	p.Fill(image.Rect(r.Min.X, r.Min.Y, r.Max.X, r.Min.Y+thick), c)
	p.Fill(image.Rect(r.Min.X, r.Max.Y-thick, r.Max.X, r.Max.Y), c)
	p.Fill(image.Rect(r.Min.X, r.Min.Y, r.Min.X+thick, r.Max.Y), c)
	p.Fill(image.Rect(r.Max.X-thick, r.Min.Y, r.Max.X, r.Max.Y), c)
}

// Dot draws a filled disc around (x, y).
func (p *RGB) Dot(x, y, radius float64, c [3]uint8) {
	r := image.Rect(pixel(x-radius), pixel(y-radius), pixel(x+radius)+1, pixel(y+radius)+1).Intersect(p.Bounds())
	for py := r.Min.Y; py < r.Max.Y; py++ {
		for px := r.Min.X; px < r.Max.X; px++ {
			dx, dy := float64(px)+0.5-x, float64(py)+0.5-y
			if dx*dx+dy*dy <= radius*radius {
				copy(p.Pix[3*(py*p.W+px):], c[:])
			}
		}
	}
}

// Fill paints a rectangle.
func (p *RGB) Fill(r image.Rectangle, c [3]uint8) {
	r = r.Intersect(p.Bounds())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := p.Pix[3*(y*p.W+r.Min.X) : 3*(y*p.W+r.Max.X)]
		for i := 0; i < len(row); i += 3 {
			copy(row[i:], c[:])
		}
	}
}

// pixel rounds a coordinate and keeps it in a range that cannot overflow.
func pixel(v float64) int {
	if math.IsNaN(v) {
		return 0
	}
	return int(math.Round(max(-maxSide, min(maxSide, v))))
}
