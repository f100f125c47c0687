package face

import (
	"context"

	"github.com/seed6700ada1/infer/runtime"
)

// retinaFace is RetinaFace on MobileNet 0.25: a single-shot detector with, for
// each anchor, the offsets of [anchor.correct] [1, n, 4], two probabilities
// (background, face) [1, n, 2] and the offsets of five points [1, n, 10].
// Conversions name them as they like (one calls the points "iou"), so they are
// told apart by their sizes.
//
// Pixels are blue, green, red less the ImageNet mean 104, 117, 123.
var retinaFace = family{
	name: "RetinaFace",
	match: func(in imageSpec, outs []outputSpec) bool {
		_, ok := retinaFaceOutputs(outs)
		return ok && !in.channelsLast
	},
	recipe: func(_ context.Context, _ runtime.Session, in imageSpec, outs []outputSpec) (recipe, error) {
		names, _ := retinaFaceOutputs(outs)
		last := retinaFaceLevels[len(retinaFaceLevels)-1]
		if err := in.checkMultiple(last.Stride); err != nil {
			return recipe{}, err
		}
		return recipe{
			input: input{
				imageSpec: in, multiple: last.Stride, bgr: true, std: ones,
				mean: [3]float32{123, 117, 104}, fill: [3]uint8{123, 117, 104},
			},
			score:  0.5,
			iou:    0.4,
			decode: names.decode,
			priors: &priors{scores: names.scores, boxes: names.boxes, levels: retinaFaceLevels},
		}, nil
	},
}

var retinaFaceLevels = []Level{
	{8, []float64{16, 32}},
	{16, []float64{64, 128}},
	{32, []float64{256, 512}},
}

// retinaFaceNames are the names of the three outputs.
type retinaFaceNames struct{ boxes, scores, points string }

func retinaFaceOutputs(outs []outputSpec) (names retinaFaceNames, ok bool) {
	for _, o := range outs {
		switch o.last() {
		case 4:
			names.boxes = o.name
		case 2:
			names.scores = o.name
		case 10:
			names.points = o.name
		}
	}
	return names, len(outs) == 3 && names.boxes != "" && names.scores != "" && names.points != ""
}

func (names retinaFaceNames) decode(out results, w, h int, score float64) ([]Face, error) {
	at := anchors(retinaFaceLevels, w, h)
	points, err := out.rows(names.points, len(at), 10)
	if err != nil {
		return nil, err
	}
	var kept []int
	faces, err := eachAnchor(out, names.scores, names.boxes, len(at), score, func(i int, b []float32) Box {
		kept = append(kept, i)
		return at[i].correct(b)
	})
	for k, i := range kept {
		faces[k].Landmarks = at[i].correctPoints(points[10*i : 10*i+10])
	}
	return faces, err
}
