// Package nms picks the best of overlapping boxes: non-maximum suppression.
package nms

import (
	"cmp"
	"slices"
)

// Params are the thresholds.
type Params struct {
	Max       int     // at most so many boxes of one class
	Overlap   float32 // a box that overlaps a better one by more is dropped (intersection over union)
	Score     float32 // a box that does not score more is dropped
	Filter    bool    // whether Score counts
	ByCentre  bool    // boxes are [x, y, width, height] about their centre, else two corners [y, x, y, x]
	candidate []int
}

// Select appends to dst the indices of the boxes of one class that are kept, best
// first; of boxes of equal score the first is better. boxes holds four numbers
// for each of scores.
func (p *Params) Select(dst []int, boxes, scores []float32) []int {
	list := p.candidate[:0]
	for i, s := range scores {
		if !p.Filter || s > p.Score {
			list = append(list, i)
		}
	}
	p.candidate = list
	slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	first := len(dst)
	for _, i := range list {
		if len(dst)-first >= p.Max {
			break
		}
		box := p.corners(boxes[4*i:])
		if !slices.ContainsFunc(dst[first:], func(k int) bool {
			return overlap(p.corners(boxes[4*k:]), box) > p.Overlap
		}) {
			dst = append(dst, i)
		}
	}
	return dst
}

// box is two corners, of which the first is the smaller on both axes.
type box struct{ x0, y0, x1, y1 float32 }

func (p *Params) corners(b []float32) box {
	if p.ByCentre {
		w, h := b[2]/2, b[3]/2
		return box{b[0] - w, b[1] - h, b[0] + w, b[1] + h}
	}
	return box{min(b[1], b[3]), min(b[0], b[2]), max(b[1], b[3]), max(b[0], b[2])}
}

func (b box) area() float32 { return (b.x1 - b.x0) * (b.y1 - b.y0) }

// overlap is the intersection of two boxes over their union; 0 where one is
// empty.
func overlap(a, b box) float32 {
	both := box{max(a.x0, b.x0), max(a.y0, b.y0), min(a.x1, b.x1), min(a.y1, b.y1)}
	if !(both.x1 > both.x0 && both.y1 > both.y0) {
		return 0
	}
	common := both.area()
	union := a.area() + b.area() - common
	if !(a.area() > 0 && b.area() > 0 && union > 0) {
		return 0
	}
	return common / union
}
