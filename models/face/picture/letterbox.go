package picture

import "math"

// Placement maps pixels of a picture to pixels of the model input that it was
// scaled into: x' = x·ScaleX + OffsetX, and y alike. Coordinates are continuous:
// the first pixel reaches from 0 to 1.
type Placement struct {
	ScaleX, ScaleY   float64
	OffsetX, OffsetY float64
}

// ToInput is where a point of the picture lies in the input.
func (p Placement) ToInput(x, y float64) (float64, float64) {
	return x*p.ScaleX + p.OffsetX, y*p.ScaleY + p.OffsetY
}

// ToPicture is where a point of the input lies in the picture.
func (p Placement) ToPicture(x, y float64) (float64, float64) {
	return (x - p.OffsetX) / p.ScaleX, (y - p.OffsetY) / p.ScaleY
}

// Align says where a letter-boxed picture stands in its box.
type Align int

// Where a letter-boxed picture stands.
const (
	TopLeft Align = iota
	Center
)

// Letterbox scales p, its aspect kept, to the largest size that fits w×h, and
// fills the rest. The sides are rounded to whole pixels, so the two scales may
// differ a little: the placement holds both.
func Letterbox(p *RGB, w, h int, align Align, fill [3]uint8) (*RGB, Placement) {
	scale := min(float64(w)/float64(max(p.W, 1)), float64(h)/float64(max(p.H, 1)))
	return Place(p, w, h, scale, align, fill)
}

// Place scales p by scale, its sides rounded to whole pixels from 1 to the size
// of the canvas, and sets it on a canvas of w×h.
func Place(p *RGB, w, h int, scale float64, align Align, fill [3]uint8) (*RGB, Placement) {
	out := Filled(w, h, fill)
	if p.W == 0 || p.H == 0 || out.W == 0 || out.H == 0 {
		return out, Placement{ScaleX: 1, ScaleY: 1}
	}
	nw, nh := scaledSide(p.W, scale, w), scaledSide(p.H, scale, h)
	x, y := 0, 0
	if align == Center {
		x, y = (w-nw)/2, (h-nh)/2
	}
	resizeInto(out, x, y, nw, nh, p)
	return out, Placement{
		ScaleX: float64(nw) / float64(p.W), ScaleY: float64(nh) / float64(p.H),
		OffsetX: float64(x), OffsetY: float64(y),
	}
}

func scaledSide(side int, scale float64, most int) int {
	return max(1, min(most, int(math.RoundToEven(float64(side)*scale))))
}
