package face

import (
	"cmp"
	"slices"
)

// maxCandidates bounds what suppression looks at, by score: it takes time in
// the square of their number, which a hostile model could make every anchor.
const maxCandidates = 5000

// Suppress is greedy non-maximum suppression: from the best score down it keeps
// a face and drops all others that overlap it by more than iou. The result is
// sorted by falling score; equal scores stay in their order.
func Suppress(faces []Face, iou float64) []Face {
	return suppress(faces, iou, func(best Face, _ []Face) Face { return best })
}

// suppressBlend is the suppression that BlazeFace was published with: the face
// that is kept is the mean of all that it suppresses and itself, weighted by
// score; its score stays the best one.
func suppressBlend(faces []Face, iou float64) []Face {
	return suppress(faces, iou, func(best Face, group []Face) Face {
		out := Face{Score: best.Score, Landmarks: make([]Point, len(best.Landmarks))}
		var total float64
		for _, f := range group {
			total += f.Score
		}
		if total <= 0 {
			return best
		}
		for _, f := range group {
			w := f.Score / total
			out.Box.X1 += w * f.Box.X1
			out.Box.Y1 += w * f.Box.Y1
			out.Box.X2 += w * f.Box.X2
			out.Box.Y2 += w * f.Box.Y2
			for i, p := range f.Landmarks {
				out.Landmarks[i].X += w * p.X
				out.Landmarks[i].Y += w * p.Y
			}
		}
		return out
	})
}

// suppress groups faces around the best that is left, until none is, and keeps
// merge's result for each group, which begins with the best itself.
func suppress(faces []Face, iou float64, merge func(best Face, group []Face) Face) []Face {
	left := slices.Clone(faces)
	slices.SortStableFunc(left, func(a, b Face) int { return cmp.Compare(b.Score, a.Score) })
	left = left[:min(len(left), maxCandidates)]
	var kept, group []Face
	for len(left) > 0 {
		best := left[0]
		group = append(group[:0], best)
		rest := left[:0]
		for _, f := range left[1:] {
			if IoU(best.Box, f.Box) > iou {
				group = append(group, f)
			} else {
				rest = append(rest, f)
			}
		}
		left = rest
		kept = append(kept, merge(best, group))
	}
	return kept
}
