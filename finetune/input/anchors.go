package input

import (
	"image"

	"github.com/seed6700ada1/infer/finetune/augment"
	"github.com/seed6700ada1/infer/finetune/loss"
	"github.com/seed6700ada1/infer/models/face"
)

// From which overlap an anchor holds a face, and under which it holds none.
const (
	holds = 0.4
	empty = 0.3
)

// assign says what each anchor holds: a face that it overlaps well, and for each
// face the anchor that overlaps it best. Anchors that overlap one somewhat, or
// that lie in a region to ignore, count for nothing.
func assign(p *face.Priors, s augment.Scene, labels []int64, offsets []float32) {
	best := make([]float64, len(p.Anchors)) // overlap with the face that is held
	hold := func(i int, b face.Box, overlap float64) {
		labels[i], best[i] = loss.Object, overlap
		o := p.Encode(i, b)
		copy(offsets[4*i:], o[:])
	}
	for _, b := range s.Ignore {
		for i, a := range p.Anchors {
			if touches(a, b) && (face.IoU(a, b) >= empty || a.Intersect(b).Area() >= 0.5*a.Area()) {
				labels[i] = loss.Unknown
			}
		}
	}
	for _, b := range s.Faces {
		top, at := 0.0, -1
		for i, a := range p.Anchors {
			if !touches(a, b) {
				continue
			}
			v := face.IoU(a, b)
			if v > top {
				top, at = v, i
			}
			switch {
			case v >= holds && v > best[i]:
				hold(i, b, v)
			case v >= empty && labels[i] == loss.Background:
				labels[i] = loss.Unknown
			}
		}
		const sure = 2 // more than any overlap: the best anchor of a face stays with it
		if at >= 0 {
			hold(at, b, sure)
		}
	}
}

func touches(a, b face.Box) bool {
	return a.X1 < b.X2 && b.X1 < a.X2 && a.Y1 < b.Y2 && b.Y1 < a.Y2
}

func imageRect(b face.Box) image.Rectangle {
	return image.Rect(int(b.X1), int(b.Y1), int(b.X2), int(b.Y2))
}
