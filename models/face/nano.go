package face

import (
	"context"

	"github.com/seed6700ada1/infer/runtime"
)

// The names by which the project's own detector is known.
const (
	NanoScores = "face_scores"  // [batch, n, 2], background and face
	NanoBoxes  = "face_offsets" // [batch, n, 4], see [Priors.Encode]
)

// nano is face-nano, the project's own detector: single-shot, of any size that
// 32 divides, with the offsets of [anchor.correct].
//
// Pixels are red, green, blue, (v − 127)/128.
var nano = family{
	name: "face-nano",
	match: func(in imageSpec, outs []outputSpec) bool {
		return !in.channelsLast && len(outs) == 2 && outs[0].name == NanoScores && outs[1].name == NanoBoxes &&
			outs[0].last() == 2 && outs[1].last() == 4
	},
	recipe: func(_ context.Context, _ runtime.Session, in imageSpec, _ []outputSpec) (recipe, error) {
		last := NanoLevels[len(NanoLevels)-1].Stride
		if err := in.checkMultiple(last); err != nil {
			return recipe{}, err
		}
		return recipe{
			input: input{imageSpec: in, multiple: last, mean: same(127), std: same(128), fill: [3]uint8{127, 127, 127}},
			score: 0.5,
			iou:   0.4,
			decode: func(out results, w, h int, score float64) ([]Face, error) {
				at := anchors(NanoLevels, w, h)
				return eachAnchor(out, NanoScores, NanoBoxes, len(at), score, func(i int, b []float32) Box {
					return at[i].correct(b)
				})
			},
			priors: &priors{scores: NanoScores, boxes: NanoBoxes, levels: NanoLevels},
		}, nil
	},
}

// NanoLevels are those of face-nano: sizes √2 apart, from 14 pixels on.
var NanoLevels = []Level{
	{8, []float64{14, 20, 28}},
	{16, []float64{40, 56, 80}},
	{32, []float64{112, 160, 226, 320}},
}
