package finetune

import (
	"context"
	"fmt"

	"github.com/seed6700ada1/infer/finetune/data"
	"github.com/seed6700ada1/infer/models/face"
	"github.com/seed6700ada1/infer/models/face/faceeval"
	"github.com/seed6700ada1/infer/runtime"
)

// EvaluateDetector measures a detector on a set: AP@0.5 of faces of any size
// ("ap50"), of those of 16 and 32 pixels and more ("ap50_16", "ap50_32"), each
// with an interval of 95 % by drawing pictures ("…_low", "…_high"), and the share
// of faces of 16 pixels and more that it finds by its own threshold ("recall_16").
func EvaluateDetector(ctx context.Context, s runtime.Session, set *data.Scenes, seed uint64) (map[string]float64, error) {
	const (
		least  = 0.01 // score: the curve goes on below any threshold
		rounds = 1000
	)
	options := func(size float64) faceeval.Options { return faceeval.Options{IoU: 0.5, Least: size, Regions: true} }
	d, err := face.Open(ctx, s, face.Options{Score: least})
	if err != nil {
		return nil, err
	}
	usual, err := face.Open(ctx, s, face.Options{})
	if err != nil {
		return nil, err
	}
	labels := make([]faceeval.Labels, len(set.Scenes))
	for i, x := range set.Scenes {
		labels[i] = x.Labels
	}
	found, err := faceeval.Detect(ctx, d, labels, 1)
	if err != nil {
		return nil, fmt.Errorf("finetune: %w", err)
	}
	out := map[string]float64{}
	for name, size := range map[string]float64{"ap50": 0, "ap50_16": 16, "ap50_32": 32} {
		out[name], out[name+"_low"], out[name+"_high"] = faceeval.AveragePrecisionInterval(labels, found, options(size), rounds, seed)
	}
	_, out["recall_16"] = faceeval.PrecisionRecall(labels, found, options(16), usual.Options().Score)
	return out, nil
}
