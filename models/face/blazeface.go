package face

import (
	"context"
	"math"

	"github.com/seed6700ada1/infer/models/face/picture"
	"github.com/seed6700ada1/infer/runtime"
)

// blazeFace is MediaPipe's BlazeFace: for each anchor a logit [1, n, 1] and 16
// numbers [1, n, 16] in pixels of the input: middle and size of the box, then
// six points, all but the size relative to the anchor's middle. Short range
// (faces within 2 m) is 128×128 with 896 anchors, full range 192×192 with 2,304;
// conversions differ in layout and names.
//
// Pixels are red, green, blue from −1 to 1.
var blazeFace = family{
	name: "BlazeFace",
	match: func(in imageSpec, outs []outputSpec) bool {
		_, logits, ok := blazeFaceOutputs(outs)
		return ok && blazeFaceLevels(in, logits.dims[1]) != nil
	},
	recipe: func(_ context.Context, _ runtime.Session, in imageSpec, outs []outputSpec) (recipe, error) {
		regressors, logits, _ := blazeFaceOutputs(outs)
		at := anchors(blazeFaceLevels(in, logits.dims[1]), in.w, in.h)
		return recipe{
			input:  input{imageSpec: in, mean: same(127.5), std: same(127.5), align: picture.Center},
			score:  0.5,
			iou:    0.3,
			blend:  true,
			decode: blazeFaceDecoder(regressors.name, logits.name, at),
		}, nil
	},
}

// blazeFaceLevels picks the variant whose anchors are n; nil if none is. The
// anchors have no size of their own: how many there are at a place is what
// counts.
func blazeFaceLevels(in imageSpec, n int) []Level {
	short := []Level{{8, make([]float64, 2)}, {16, make([]float64, 6)}}
	full := []Level{{4, make([]float64, 1)}}
	for _, l := range [][]Level{short, full} {
		if in.w > 0 && in.w == in.h && n == countAnchors(l, in.w, in.h) {
			return l
		}
	}
	return nil
}

// blazeFaceOutputs picks the two outputs by the size of their last axis.
func blazeFaceOutputs(outs []outputSpec) (regressors, logits outputSpec, ok bool) {
	if len(outs) != 2 {
		return regressors, logits, false
	}
	regressors, logits = outs[0], outs[1]
	if regressors.last() == 1 {
		regressors, logits = logits, regressors
	}
	return regressors, logits, regressors.last() == 16 && logits.last() == 1
}

func blazeFaceDecoder(regressors, logits string, at []anchor) decoder {
	return func(out results, _, _ int, score float64) ([]Face, error) {
		values, err := out.rows(regressors, len(at), 16)
		if err != nil {
			return nil, err
		}
		scores, err := out.rows(logits, len(at), 1)
		if err != nil {
			return nil, err
		}
		var faces []Face
		for i, a := range at {
			s := sigmoid(float64(scores[i]))
			if !(s >= score) {
				continue
			}
			v := values[16*i : 16*i+16]
			f := Face{
				Box:       centered(a.x+float64(v[0]), a.y+float64(v[1]), float64(v[2]), float64(v[3])),
				Score:     s,
				Landmarks: make([]Point, 6),
			}
			for k := range f.Landmarks {
				f.Landmarks[k] = Point{a.x + float64(v[4+2*k]), a.y + float64(v[5+2*k])}
			}
			faces = append(faces, f)
		}
		return faces, nil
	}
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
