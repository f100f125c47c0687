package faceeval

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"github.com/seed6700ada1/infer/models/face"
)

// Recall counts the labelled faces that some found face overlaps by at least
// iou. found[i] belongs to labels[i].
func Recall(labels []Labels, found [][]face.Face, iou float64) (hit, total int) {
	for i, l := range labels {
		for _, want := range l.Faces {
			total++
			if slices.ContainsFunc(found[i], func(f face.Face) bool { return face.IoU(f.Box, want) >= iou }) {
				hit++
			}
		}
	}
	return hit, total
}

// Options say what counts.
type Options struct {
	IoU float64 // from which a found box meets a labelled one
	// Least is the smaller side in pixels from which a face counts. Smaller ones
	// are ignored, and so are found boxes smaller than that which meet nothing.
	Least float64
	// Regions says that the boxes to ignore are regions: a found box is left out
	// also where half of it lies in one.
	Regions bool
}

// mark is a found face after it was held against the labels.
type mark struct {
	score float64
	right bool
}

// judged is a picture's found faces against its labels.
type judged struct {
	marks []mark // those that count
	total int    // labelled faces
}

func judgeAll(labels []Labels, found [][]face.Face, o Options) []judged {
	list := make([]judged, len(labels))
	for i := range labels {
		list[i] = labels[i].judge(found[i], o)
	}
	return list
}

// judge matches found faces with labelled ones, from the best score down: a face
// is right if of the labelled faces not yet taken the one that it overlaps most,
// it overlaps by at least o.IoU. Others that meet a box to ignore are left out.
func (l *Labels) judge(found []face.Face, o Options) judged {
	var j judged
	counts, taken := make([]bool, len(l.Faces)), make([]bool, len(l.Faces))
	for i, b := range l.Faces {
		if counts[i] = min(b.Width(), b.Height()) >= o.Least; counts[i] {
			j.total++
		}
	}
	faces := slices.Clone(found)
	slices.SortStableFunc(faces, func(a, b face.Face) int { return cmp.Compare(b.Score, a.Score) })
	for _, f := range faces {
		best, at := 0.0, -1
		for k, want := range l.Faces {
			if v := face.IoU(f.Box, want); !taken[k] && v > best {
				best, at = v, k
			}
		}
		switch {
		case at >= 0 && best >= o.IoU:
			taken[at] = true
			if counts[at] {
				j.marks = append(j.marks, mark{f.Score, true})
			}
		case min(f.Box.Width(), f.Box.Height()) < o.Least, l.ignores(f.Box, o):
		default:
			j.marks = append(j.marks, mark{f.Score, false})
		}
	}
	return j
}

// ignores reports whether a found box is on one to ignore.
func (l *Labels) ignores(b face.Box, o Options) bool {
	return slices.ContainsFunc(l.Ignore, func(i face.Box) bool {
		both := b.Intersect(i).Area()
		return face.IoU(b, i) >= o.IoU || o.Regions && both > 0 && both >= b.Area()/2
	})
}

// join puts the pictures' marks together, by falling score.
func join(list []judged) judged {
	var all judged
	for _, j := range list {
		all.marks, all.total = append(all.marks, j.marks...), all.total+j.total
	}
	slices.SortStableFunc(all.marks, func(a, b mark) int { return cmp.Compare(b.score, a.score) })
	return all
}

// AveragePrecision is the area under the curve of precision over recall, where
// the precision at a recall is the best one at that recall or a higher one (as in
// PASCAL VOC since 2010). It is 0 where no face counts.
func AveragePrecision(labels []Labels, found [][]face.Face, o Options) float64 {
	return average(judgeAll(labels, found, o))
}

func average(list []judged) float64 {
	all := join(list)
	right := 0
	precision := make([]float64, len(all.marks))
	for i, m := range all.marks {
		if m.right {
			right++
		}
		precision[i] = float64(right) / float64(i+1)
	}
	var area, best float64
	for i, m := range slices.Backward(all.marks) {
		best = max(best, precision[i])
		if m.right {
			area += best
		}
	}
	return area / float64(max(all.total, 1))
}

// AveragePrecisionInterval is [AveragePrecision] with an interval of 95 % by
// drawing pictures with replacement, rounds times; draws in which no face counts
// are left out. The same seed draws alike.
func AveragePrecisionInterval(labels []Labels, found [][]face.Face, o Options, rounds int, seed uint64) (ap, low, high float64) {
	list := judgeAll(labels, found, o)
	random := rand.New(rand.NewPCG(seed, 0x6170))
	var values []float64
	drawn := make([]judged, len(list))
	for range rounds {
		total := 0
		for k := range drawn {
			drawn[k] = list[random.IntN(len(list))]
			total += drawn[k].total
		}
		if total > 0 {
			values = append(values, average(drawn))
		}
	}
	if len(values) == 0 {
		return average(list), 0, 1
	}
	slices.Sort(values)
	const tail = 0.025
	at := func(q float64) float64 { return values[int(q*float64(len(values)-1)+0.5)] }
	return average(list), at(tail), at(1 - tail)
}

// PrecisionRecall counts found faces with at least the given score: precision is
// the share of them that is right (1 if there are none), recall the share of
// labelled faces that they meet.
func PrecisionRecall(labels []Labels, found [][]face.Face, o Options, score float64) (precision, recall float64) {
	all := join(judgeAll(labels, found, o))
	right, n := 0, 0
	for _, m := range all.marks {
		if m.score < score {
			break
		}
		n++
		if m.right {
			right++
		}
	}
	precision = 1
	if n > 0 {
		precision = float64(right) / float64(n)
	}
	if all.total > 0 {
		recall = float64(right) / float64(all.total)
	}
	return precision, recall
}
