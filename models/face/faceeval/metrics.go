package faceeval

import (
	"cmp"
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

// mark is a found face after it was held against the labels.
type mark struct {
	score float64
	right bool
}

// marks matches found faces with labelled ones, in each picture from the best
// score down: a face is right if of the labelled faces not yet taken the one that
// it overlaps most, it overlaps by at least iou. Others that meet a box to ignore
// are left out.
func marks(labels []Labels, found [][]face.Face, iou float64) (list []mark, total int) {
	for i, l := range labels {
		total += len(l.Faces)
		taken := make([]bool, len(l.Faces))
		faces := slices.Clone(found[i])
		slices.SortStableFunc(faces, func(a, b face.Face) int { return cmp.Compare(b.Score, a.Score) })
		for _, f := range faces {
			best, at := 0.0, -1
			for k, want := range l.Faces {
				if v := face.IoU(f.Box, want); !taken[k] && v > best {
					best, at = v, k
				}
			}
			switch {
			case at >= 0 && best >= iou:
				taken[at] = true
				list = append(list, mark{f.Score, true})
			case !slices.ContainsFunc(l.Ignore, func(b face.Box) bool { return face.IoU(f.Box, b) >= iou }):
				list = append(list, mark{f.Score, false})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b mark) int { return cmp.Compare(b.score, a.score) })
	return list, total
}

// AveragePrecision is the area under the curve of precision over recall, where
// the precision at a recall is the best one at that recall or a higher one (as in
// PASCAL VOC since 2010). It is 0 where no face is labelled.
func AveragePrecision(labels []Labels, found [][]face.Face, iou float64) float64 {
	list, total := marks(labels, found, iou)
	if total == 0 {
		return 0
	}
	right := 0
	precision := make([]float64, len(list))
	for i, m := range list {
		if m.right {
			right++
		}
		precision[i] = float64(right) / float64(i+1)
	}
	var area, best float64
	for i, m := range slices.Backward(list) {
		best = max(best, precision[i])
		if m.right {
			area += best / float64(total)
		}
	}
	return area
}

// PrecisionRecall counts found faces with at least the given score: precision is
// the share of them that is right (1 if there are none), recall the share of
// labelled faces that they meet.
func PrecisionRecall(labels []Labels, found [][]face.Face, iou, score float64) (precision, recall float64) {
	list, total := marks(labels, found, iou)
	right, n := 0, 0
	for _, m := range list {
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
	if total > 0 {
		recall = float64(right) / float64(total)
	}
	return precision, recall
}
