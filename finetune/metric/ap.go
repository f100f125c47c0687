package metric

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/seed6700ada1/infer/models/face"
)

// Detected is a picture with what is in it and what was found.
type Detected struct {
	Truth, Ignore []face.Box
	Found         []face.Face
}

// APOptions say what counts. The zero value is AP@0.5 of faces of any size.
type APOptions struct {
	IoU float64 // from which a box is a hit; 0 is 0.5
	// Least is the smaller side in pixels from which a face counts. Smaller ones
	// are ignored, and so are boxes smaller than that which hit nothing.
	Least float64
}

// hit is a box that was found, and whether it is one of those looked for.
type hit struct {
	score float64
	right bool
}

// judged is a picture's boxes against its truth.
type judged struct {
	hits  []hit // ignored ones are left out
	truth int
}

func (d Detected) judge(o APOptions) judged {
	if o.IoU == 0 {
		o.IoU = 0.5
	}
	var j judged
	counts := make([]bool, len(d.Truth))
	for i, t := range d.Truth {
		if counts[i] = min(t.Width(), t.Height()) >= o.Least; counts[i] {
			j.truth++
		}
	}
	found := slices.Clone(d.Found)
	slices.SortStableFunc(found, func(a, b face.Face) int { return cmp.Compare(b.Score, a.Score) })
	taken := make([]bool, len(d.Truth))
	for _, f := range found {
		best, at := o.IoU, -1
		for i, t := range d.Truth {
			if v := face.IoU(f.Box, t); !taken[i] && v >= best {
				best, at = v, i
			}
		}
		switch {
		case at >= 0:
			taken[at] = true
			if counts[at] {
				j.hits = append(j.hits, hit{f.Score, true})
			}
		case min(f.Box.Width(), f.Box.Height()) < o.Least, d.ignored(f.Box):
		default:
			j.hits = append(j.hits, hit{f.Score, false})
		}
	}
	return j
}

// ignored reports whether most of a box lies in a region of which nothing is
// known.
func (d Detected) ignored(b face.Box) bool {
	const most = 0.5
	return slices.ContainsFunc(d.Ignore, func(i face.Box) bool {
		both := b.Intersect(i).Area()
		return both > 0 && both >= most*b.Area() || face.IoU(b, i) >= most
	})
}

// AP is the area under the curve of precision over recall, precision being made
// falling, as in COCO but at every point. A second box on a face is a false
// one. It is NaN where there are no faces.
func AP(pictures []Detected, o APOptions) float64 {
	return average(judgeAll(pictures, o))
}

func judgeAll(pictures []Detected, o APOptions) []judged {
	list := make([]judged, len(pictures))
	for i, d := range pictures {
		list[i] = d.judge(o)
	}
	return list
}

func average(list []judged) float64 {
	var hits []hit
	truth := 0
	for _, j := range list {
		hits, truth = append(hits, j.hits...), truth+j.truth
	}
	if truth == 0 {
		return math.NaN()
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.score, a.score) })
	precision := make([]float64, len(hits))
	right := 0
	for i, h := range hits {
		if h.right {
			right++
		}
		precision[i] = float64(right) / float64(i+1)
	}
	area, best := 0.0, 0.0
	for i := len(hits) - 1; i >= 0; i-- {
		best = max(best, precision[i])
		if hits[i].right {
			area += best
		}
	}
	return area / float64(truth)
}

// APInterval is AP with an interval of 95 % by drawing pictures with replacement,
// rounds times. The same seed draws alike.
func APInterval(pictures []Detected, o APOptions, rounds int, seed uint64) (ap float64, i Interval) {
	list := judgeAll(pictures, o)
	random := rand.New(rand.NewPCG(seed, 0x6170))
	var values []float64
	drawn := make([]judged, len(list))
	for range rounds {
		for k := range drawn {
			drawn[k] = list[random.IntN(len(list))]
		}
		if v := average(drawn); !math.IsNaN(v) {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return average(list), Interval{0, 1}
	}
	slices.Sort(values)
	const tail = 0.025
	at := func(q float64) float64 { return values[int(q*float64(len(values)-1)+0.5)] }
	return average(list), Interval{at(tail), at(1 - tail)}
}

// Recall is the share of faces found with at least that score.
func Recall(pictures []Detected, o APOptions, score float64) float64 {
	right, truth := 0, 0
	for _, d := range pictures {
		j := d.judge(o)
		truth += j.truth
		for _, h := range j.hits {
			if h.right && h.score >= score {
				right++
			}
		}
	}
	return float64(right) / float64(truth)
}
