package picture

import "math"

// Affine is the map (x, y) → (A·x + B·y + C, D·x + E·y + F).
type Affine struct{ A, B, C, D, E, F float64 }

// Apply maps a point.
func (m Affine) Apply(x, y float64) (float64, float64) {
	return m.A*x + m.B*y + m.C, m.D*x + m.E*y + m.F
}

// Then is the map that applies m first and n to its result.
func (m Affine) Then(n Affine) Affine {
	return Affine{
		n.A*m.A + n.B*m.D, n.A*m.B + n.B*m.E, n.A*m.C + n.B*m.F + n.C,
		n.D*m.A + n.E*m.D, n.D*m.B + n.E*m.E, n.D*m.C + n.E*m.F + n.F,
	}
}

// Invert is the map back; ok is false where m squeezes the plane into a line or
// is not finite.
func (m Affine) Invert() (inv Affine, ok bool) {
	det := m.A*m.E - m.B*m.D
	if det == 0 || math.IsNaN(det) || math.IsInf(det, 0) {
		return Affine{}, false
	}
	a, b, d, e := m.E/det, -m.B/det, -m.D/det, m.A/det
	return Affine{a, b, -(a*m.C + b*m.F), d, e, -(d*m.C + e*m.F)}, true
}

// Warp makes a picture of w×h whose pixel with its middle at (x, y) is p's at
// toSource(x, y), mixed from its four neighbours; what lies outside p is fill.
// Coordinates are continuous: the middle of the first pixel is (½, ½).
func Warp(p *RGB, toSource Affine, w, h int, fill [3]uint8) *RGB {
	out := New(w, h)
	for y := range out.H {
		row := out.Pix[3*y*out.W : 3*(y+1)*out.W]
		for x := range out.W {
			sx, sy := toSource.Apply(float64(x)+0.5, float64(y)+0.5)
			p.sample(row[3*x:3*x+3], sx-0.5, sy-0.5, fill)
		}
	}
	return out
}

// sample mixes the four pixels around (x, y), counted from pixel middles.
func (p *RGB) sample(dst []uint8, x, y float64, fill [3]uint8) {
	// Also true for NaN: only points with a neighbour inside go on.
	if !(x > -1 && y > -1 && x < float64(p.W) && y < float64(p.H)) {
		copy(dst, fill[:])
		return
	}
	x0, y0 := int(math.Floor(x)), int(math.Floor(y))
	fx, fy := x-float64(x0), y-float64(y0)
	var sum [3]float64
	for k, weight := range [4]float64{(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy} {
		px, py := x0+k&1, y0+k>>1
		from := fill[:]
		if px >= 0 && py >= 0 && px < p.W && py < p.H {
			i := 3 * (py*p.W + px)
			from = p.Pix[i : i+3]
		}
		for c := range sum {
			sum[c] += weight * float64(from[c])
		}
	}
	for c := range sum {
		dst[c] = uint8(sum[c] + 0.5)
	}
}
