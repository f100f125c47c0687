package face

import (
	"fmt"
	"math"

	"github.com/seed6700ada1/infer/models/face/picture"
)

// Priors is what training needs to know of a single-shot detector: the anchors
// that it corrects, and where its outputs have what.
//
//	Scores  [batch, anchors, 2]  probabilities of background and face
//	Boxes   [batch, anchors, 4]  offsets from the anchors, see [Priors.Encode];
//	                             or corners in 0…1 of the input, where Corners
type Priors struct {
	Input         string // name of the input, [batch, 3, H, W]
	Scores, Boxes string // names of the outputs
	Corners       bool
	W, H          int // pixels of the input
	Anchors       []Box
}

// Priors lists the anchors of an input of w×h pixels. Models of fixed size have
// theirs only. Families that are not trained by anchors are an error.
func (d *Detector) Priors(w, h int) (*Priors, error) {
	in := d.recipe.input
	if d.recipe.priors == nil || in.channelsLast {
		return nil, fmt.Errorf("face: %s has no anchors that it could be trained by", d.family)
	}
	if in.w != dynamic {
		w = in.w
	}
	if in.h != dynamic {
		h = in.h
	}
	if w < 1 || h < 1 || in.multiple > 0 && (w%in.multiple != 0 || h%in.multiple != 0) {
		return nil, fmt.Errorf("face: an input of %d×%d, want multiples of %d", w, h, max(in.multiple, 1))
	}
	p := d.recipe.priors
	out := &Priors{Input: in.name, Scores: p.scores, Boxes: p.boxes, Corners: p.corners, W: w, H: h}
	for _, a := range anchors(p.levels, w, h) {
		if in.w != dynamic {
			a = clampAnchor(a, w, h)
		}
		out.Anchors = append(out.Anchors, centered(a.x, a.y, a.w, a.h))
	}
	return out, nil
}

// priors is the part of a recipe that says how its model is trained.
type priors struct {
	scores, boxes string
	corners       bool
	levels        []Level
}

// Encode gives the offsets that make of anchor i the box b: the inverse of what
// detection does with them.
//
//	(dx, dy) = (centre − anchor centre) / anchor size / 0.1
//	(dw, dh) = log(size / anchor size) / 0.2
func (p *Priors) Encode(i int, b Box) [4]float32 {
	a := p.Anchors[i]
	from, to := a.Center(), b.Center()
	w, h := a.Width(), a.Height()
	return [4]float32{
		float32((to.X - from.X) / w / centerVariance), float32((to.Y - from.Y) / h / centerVariance),
		float32(math.Log(max(b.Width(), 1e-3)/w) / sizeVariance), float32(math.Log(max(b.Height(), 1e-3)/h) / sizeVariance),
	}
}

// Variances are the factors of [Priors.Encode]: of centres and of sizes.
func (p *Priors) Variances() (center, size float64) { return centerVariance, sizeVariance }

// Pixels writes a picture of the input's size as the model's input has it,
// [3, H, W], into dst.
func (d *Detector) Pixels(dst []float32, p *picture.RGB) error {
	if len(dst) != len(p.Pix) {
		return fmt.Errorf("face: room for %d values, a %v has %d", len(dst), p, len(p.Pix))
	}
	d.recipe.input.fillIn(dst, p)
	return nil
}

// Padding is the colour that the detector's input is padded with: red, green,
// blue.
func (d *Detector) Padding() [3]uint8 { return d.recipe.input.fill }
