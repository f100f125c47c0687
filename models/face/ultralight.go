package face

import (
	"context"
	"fmt"

	"github.com/seed6700ada1/infer/models/face/picture"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// ultraLight is Ultra-Light-Fast-Generic-Face-Detector-1MB, RFB and slim: a
// single-shot detector with outputs scores [1, n, 2] (background, face) and
// boxes [1, n, 4], one for each anchor. Some files end in the decoding, so that
// boxes are corners in 0…1 of the input; others (the simplified ones, and those
// "without postprocessing") give the offsets of [anchor.correct]. Both have the
// same types: see boxesDecoded. There are no landmarks.
//
// Pixels are red, green, blue, (v − 127)/128.
var ultraLight = family{
	name: "Ultra-Light",
	match: func(in imageSpec, outs []outputSpec) bool {
		scores, boxes, ok := ultraLightOutputs(outs)
		return ok && !in.channelsLast && in.w > 0 && in.h > 0 &&
			scores.dims[1] == boxes.dims[1] && boxes.dims[1] == countAnchors(ultraLightLevels, in.w, in.h)
	},
	recipe: func(ctx context.Context, s runtime.Session, in imageSpec, outs []outputSpec) (recipe, error) {
		scores, boxes, _ := ultraLightOutputs(outs)
		r := recipe{
			input: input{imageSpec: in, mean: same(127), std: same(128), fill: [3]uint8{127, 127, 127}},
			score: 0.6,
			iou:   0.3,
		}
		decoded, err := boxesDecoded(ctx, s, &r.input, boxes)
		if err != nil {
			return recipe{}, err
		}
		r.priors = &priors{scores: scores.name, boxes: boxes.name, corners: decoded, levels: ultraLightLevels}
		if decoded {
			r.decode = cornersDecoder(scores.name, boxes.name)
		} else {
			r.decode = offsetsDecoder(scores.name, boxes.name, anchors(ultraLightLevels, in.w, in.h))
		}
		return r, nil
	},
}

var ultraLightLevels = []Level{
	{8, []float64{10, 16, 24}},
	{16, []float64{32, 48}},
	{32, []float64{64, 96}},
	{64, []float64{128, 192, 256}},
}

// ultraLightOutputs picks the two outputs by the size of their last axis.
func ultraLightOutputs(outs []outputSpec) (scores, boxes outputSpec, ok bool) {
	if len(outs) != 2 {
		return scores, boxes, false
	}
	scores, boxes = outs[0], outs[1]
	if scores.last() == 4 {
		scores, boxes = boxes, scores
	}
	return scores, boxes, scores.last() == 2 && boxes.last() == 4
}

// boxesDecoded runs the model on a grey picture and tells whether its boxes are
// corners or offsets. Decoded corners are a middle plus and minus half of a
// size which is an exponential, hence positive: right ≥ left and bottom ≥ top
// hold at every anchor, whatever the picture shows. Offsets are bound by no such
// thing; of the published models' 4,420 anchors at most a tenth are ordered by
// accident. So: corners if all are ordered.
func boxesDecoded(ctx context.Context, s runtime.Session, in *input, boxes outputSpec) (bool, error) {
	t, err := in.tensor(picture.Filled(in.w, in.h, in.fill))
	if err != nil {
		return false, err
	}
	out, err := s.Run(ctx, map[string]tensor.Value{in.name: t})
	if err != nil {
		return false, fmt.Errorf("trying the model on a grey picture: %w", err)
	}
	b, err := results(out).rows(boxes.name, boxes.dims[1], 4)
	if err != nil {
		return false, err
	}
	for i := 0; i+4 <= len(b); i += 4 {
		if b[i+2] < b[i] || b[i+3] < b[i+1] {
			return false, nil
		}
	}
	return true, nil
}

// cornersDecoder reads boxes that are corners in 0…1 of the input.
func cornersDecoder(scores, boxes string) decoder {
	return func(out results, w, h int, score float64) ([]Face, error) {
		return eachAnchor(out, scores, boxes, dynamic, score, func(_ int, b []float32) Box {
			return Box{
				float64(b[0]) * float64(w), float64(b[1]) * float64(h),
				float64(b[2]) * float64(w), float64(b[3]) * float64(h),
			}
		})
	}
}

// offsetsDecoder reads boxes that are offsets from anchors.
func offsetsDecoder(scores, boxes string, at []anchor) decoder {
	return func(out results, w, h int, score float64) ([]Face, error) {
		return eachAnchor(out, scores, boxes, len(at), score, func(i int, b []float32) Box {
			return clampAnchor(at[i], w, h).correct(b)
		})
	}
}

// clampAnchor keeps an anchor's size within the input, as in training: the
// largest are higher than a 320×240 input.
func clampAnchor(a anchor, w, h int) anchor {
	return anchor{a.x, a.y, min(a.w, float64(w)), min(a.h, float64(h))}
}

// eachAnchor makes a face of every anchor whose score, the second of two
// columns, is high enough.
func eachAnchor(out results, scores, boxes string, n int, score float64, box func(i int, b []float32) Box) ([]Face, error) {
	s, err := out.rows(scores, n, 2)
	if err != nil {
		return nil, err
	}
	b, err := out.rows(boxes, len(s)/2, 4)
	if err != nil {
		return nil, err
	}
	var faces []Face
	for i := range len(s) / 2 {
		if v := float64(s[2*i+1]); v >= score {
			faces = append(faces, Face{Box: box(i, b[4*i:4*i+4]), Score: v})
		}
	}
	return faces, nil
}
