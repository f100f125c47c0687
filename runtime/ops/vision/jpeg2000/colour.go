package jpeg2000

import (
	"errors"
	"math"
)

// inverseColour undoes the transform of the first three components (T.800 annex G):
// the reversible one between integers, the other between reals.
func (t *tile) inverseColour() error {
	if len(t.components) < 3 {
		return errors.New("a component transform of fewer than 3 components")
	}
	a, b, c := &t.components[0], &t.components[1], &t.components[2]
	if a.area != b.area || a.area != c.area || a.params.reversible != b.params.reversible ||
		a.params.reversible != c.params.reversible {
		return errors.New("a component transform of components that are not alike")
	}
	if a.params.reversible {
		for i, y := range a.ints {
			u, v := b.ints[i], c.ints[i]
			green := y - (u+v)>>2
			a.ints[i], b.ints[i], c.ints[i] = v+green, green, u+green
		}
		return nil
	}
	for i, y := range a.floats {
		u, v := b.floats[i], c.floats[i]
		a.floats[i] = y + 1.402*v
		b.floats[i] = y - 0.34413*u - 0.71414*v
		c.floats[i] = y + 1.772*u
	}
	return nil
}

// store writes the samples of a tile's component into the image, within their range.
func (c *tileComponent) store(image rect, dst *Component) {
	origin := image.over(c.size.xstep, c.size.ystep)
	low, high, offset := int64(0), int64(1)<<c.size.depth-1, int64(1)<<(c.size.depth-1)
	if c.size.signed {
		low, high, offset = -offset, offset-1, 0
	}
	width := c.area.width()
	for y := range c.area.height() {
		at := (c.area.y0-origin.y0+y)*dst.Width + c.area.x0 - origin.x0
		for x := range width {
			var v int64
			if c.params.reversible {
				v = int64(c.ints[y*width+x])
			} else {
				v = rounded(c.floats[y*width+x])
			}
			dst.Samples[at+x] = int32(min(max(v+offset, low), high))
		}
	}
}

// rounded is a real as an integer, to even where it lies between two; what no sample
// can be counts as the nearest that is in the range of 32 bits.
func rounded(v float32) int64 {
	r := math.RoundToEven(float64(v))
	if math.IsNaN(r) {
		return 0
	}
	return int64(min(max(r, math.MinInt32), math.MaxInt32))
}
