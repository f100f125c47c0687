package face

import "math"

// Point is a place in a picture in pixels, from the top left corner.
type Point struct{ X, Y float64 }

// Box is a rectangle in pixels: left, top, right, bottom. It may reach past the
// picture, where a face is cut off.
type Box struct{ X1, Y1, X2, Y2 float64 }

// Width is X2 − X1.
func (b Box) Width() float64 { return b.X2 - b.X1 }

// Height is Y2 − Y1.
func (b Box) Height() float64 { return b.Y2 - b.Y1 }

// Area is 0 for a box that is turned inside out.
func (b Box) Area() float64 { return max(0, b.Width()) * max(0, b.Height()) }

// Center is the middle of b.
func (b Box) Center() Point { return Point{(b.X1 + b.X2) / 2, (b.Y1 + b.Y2) / 2} }

// Clip is the part of b inside a picture of w×h pixels.
func (b Box) Clip(w, h int) Box {
	return Box{
		min(max(b.X1, 0), float64(w)), min(max(b.Y1, 0), float64(h)),
		min(max(b.X2, 0), float64(w)), min(max(b.Y2, 0), float64(h)),
	}
}

// Intersect is the part of b inside another box; its area is 0 where there is
// none.
func (b Box) Intersect(o Box) Box {
	return Box{max(b.X1, o.X1), max(b.Y1, o.Y1), min(b.X2, o.X2), min(b.Y2, o.Y2)}
}

// IoU is the area that a and b share over the area that they cover together,
// from 0 to 1.
func IoU(a, b Box) float64 {
	both := a.Intersect(b).Area()
	if both <= 0 {
		return 0
	}
	return both / (a.Area() + b.Area() - both)
}

// Face is a face that a detector found.
type Face struct {
	Box   Box
	Score float64 // from 0 to 1; what it means differs between families
	// Landmarks is empty where the model has none; else right eye, left eye and
	// nose tip, then the right and left corner of the mouth (five points), or
	// the middle of the mouth, right ear and left ear (six, BlazeFace). Right and
	// left are the person's.
	Landmarks []Point
}

// finite reports whether every number of f is one.
func (f *Face) finite() bool {
	sum := f.Box.X1 + f.Box.Y1 + f.Box.X2 + f.Box.Y2 + f.Score
	for _, p := range f.Landmarks {
		sum += p.X + p.Y
	}
	return !math.IsNaN(sum) && !math.IsInf(sum, 0)
}
