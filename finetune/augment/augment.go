// Package augment changes pictures with boxes at random, so that a detector sees
// each of them differently every time: cut out at other sizes, mirrored, several
// in one, with other light, and with faces and other things pasted in.
//
// Everything follows from the random source that is given: the same source makes
// the same picture.
package augment

import (
	"math"
	"math/rand/v2"

	"github.com/seed6700ada1/infer/models/face"
	"github.com/seed6700ada1/infer/models/face/picture"
)

// Scene is a picture with the boxes of faces in it, and regions to ignore.
type Scene struct {
	Picture       *picture.RGB
	Faces, Ignore []face.Box
}

// Options say what is done. Probabilities are from 0 to 1.
type Options struct {
	W, H    int      // of the result, in pixels
	Fill    [3]uint8 // where there is no picture
	Mirror  float64
	Mosaic  float64 // four pictures in one
	Colour  float64 // strength of other light, 0 to 1
	Smaller float64 // least and most scale of a picture
	Larger  float64 // relative to where it fits
	// Least is the smaller side in pixels under which a face is ignored rather
	// than learnt.
	Least float64
	// Paste is how many faces are pasted at most, Distract how many other things;
	// Small and Large bound the smaller side of the faces, in pixels.
	Paste, Distract int
	Small, Large    float64
}

// Source gives the scenes and tiles that a picture is made of.
type Source struct {
	// Scene gives one of the set.
	Scene func(r *rand.Rand) (Scene, error)
	// Face gives a picture of a face with its box, Thing one without; nil where
	// there are none.
	Face, Thing func(r *rand.Rand) (Scene, error)
}

// Make makes a picture of the wanted size, of which first is the one or one of
// four.
func Make(r *rand.Rand, first Scene, src Source, o Options) (Scene, error) {
	out := Scene{Picture: picture.Filled(o.W, o.H, o.Fill)}
	if r.Float64() < o.Mosaic {
		if err := mosaic(r, &out, first, src, o); err != nil {
			return out, err
		}
	} else {
		place(r, &out, first, 0, 0, o.W, o.H, o)
	}
	if err := paste(r, &out, src, o); err != nil {
		return out, err
	}
	if r.Float64() < o.Mirror {
		mirror(&out)
	}
	if o.Colour > 0 {
		colour(r, out.Picture, o.Colour)
	}
	return out, nil
}

// mosaic puts four pictures around a point near the middle.
func mosaic(r *rand.Rand, out *Scene, first Scene, src Source, o Options) error {
	x, y := int(float64(o.W)*(0.3+0.4*r.Float64())), int(float64(o.H)*(0.3+0.4*r.Float64()))
	turn := r.IntN(4)
	for i := range 4 {
		s := first
		if i > 0 {
			var err error
			if s, err = src.Scene(r); err != nil {
				return err
			}
		}
		switch (i + turn) % 4 {
		case 0:
			place(r, out, s, 0, 0, x, y, o)
		case 1:
			place(r, out, s, x, 0, o.W-x, y, o)
		case 2:
			place(r, out, s, 0, y, x, o.H-y, o)
		default:
			place(r, out, s, x, y, o.W-x, o.H-y, o)
		}
	}
	return nil
}

// place draws a picture, scaled at random and at a random place, into the part
// of out at (x0, y0) of w×h pixels.
func place(r *rand.Rand, out *Scene, s Scene, x0, y0, w, h int, o Options) {
	fit := min(float64(w)/float64(s.Picture.W), float64(h)/float64(s.Picture.H))
	smaller, larger := o.Smaller, o.Larger
	if smaller <= 0 {
		smaller, larger = 1, 1
	}
	scale := fit * smaller * math.Pow(larger/smaller, r.Float64())
	pw, ph := max(1, int(float64(s.Picture.W)*scale)), max(1, int(float64(s.Picture.H)*scale))
	// where the picture begins, from the part's corner: anywhere that fills it
	dx, dy := between(r, w-pw), between(r, h-ph)
	scaled := Shrink(s.Picture, pw, ph)
	for y := max(0, -dy); y < ph && y+dy < h; y++ {
		from, to := max(0, -dx), min(pw, w-dx)
		if from < to {
			copy(out.Picture.Pix[3*((y0+dy+y)*out.Picture.W+x0+dx+from):], scaled.Pix[3*(y*pw+from):3*(y*pw+to)])
		}
	}
	part := face.Box{X1: float64(x0), Y1: float64(y0), X2: float64(x0 + w), Y2: float64(y0 + h)}
	sx, sy := float64(pw)/float64(s.Picture.W), float64(ph)/float64(s.Picture.H)
	move := func(b face.Box) face.Box {
		ox, oy := float64(x0+dx), float64(y0+dy)
		return face.Box{X1: b.X1*sx + ox, Y1: b.Y1*sy + oy, X2: b.X2*sx + ox, Y2: b.Y2*sy + oy}
	}
	for _, b := range s.Faces {
		out.add(move(b), part, o.Least)
	}
	for _, b := range s.Ignore {
		if b = move(b).Intersect(part); b.Area() > 0 {
			out.Ignore = append(out.Ignore, b)
		}
	}
}

// between is a number between 0 and n, which may be negative.
func between(r *rand.Rand, n int) int {
	if n < 0 {
		return -r.IntN(1 - n)
	}
	return r.IntN(1 + n)
}

// add notes a face of which the part is seen: ignored where that is too little.
func (s *Scene) add(b, part face.Box, least float64) {
	seen := b.Intersect(part)
	if seen.Area() <= 0 {
		return
	}
	const enough = 0.6 // of the area of a face
	if seen.Area() < enough*b.Area() || min(b.Width(), b.Height()) < least {
		s.Ignore = append(s.Ignore, seen)
		return
	}
	s.Faces = append(s.Faces, seen)
}

// mirror exchanges left and right.
func mirror(s *Scene) {
	p := s.Picture
	for y := range p.H {
		row := p.Pix[3*y*p.W : 3*(y+1)*p.W]
		for i, j := 0, 3*(p.W-1); i < j; i, j = i+3, j-3 {
			for c := range 3 {
				row[i+c], row[j+c] = row[j+c], row[i+c]
			}
		}
	}
	for _, list := range [][]face.Box{s.Faces, s.Ignore} {
		for i, b := range list {
			list[i].X1, list[i].X2 = float64(p.W)-b.X2, float64(p.W)-b.X1
		}
	}
}

// Shrink scales a picture to w×h pixels; where it becomes much smaller, what
// falls together is averaged first.
func Shrink(p *picture.RGB, w, h int) *picture.RGB {
	for p.W >= 2*w && p.H >= 2*h && w > 0 && h > 0 {
		half := picture.New(p.W/2, p.H/2)
		for y := range half.H {
			a, b := p.Pix[6*y*p.W:], p.Pix[3*(2*y+1)*p.W:]
			dst := half.Pix[3*y*half.W:][:3*half.W]
			for x := range half.W {
				for c := range 3 {
					i := 6*x + c
					dst[3*x+c] = uint8((int(a[i]) + int(a[i+3]) + int(b[i]) + int(b[i+3]) + 2) / 4)
				}
			}
		}
		p = half
	}
	return picture.Resize(p, w, h)
}
