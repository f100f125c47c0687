package finetune

import (
	"context"
	"fmt"

	"github.com/seed6700ada1/infer/finetune/data"
	"github.com/seed6700ada1/infer/finetune/metric"
	"github.com/seed6700ada1/infer/models/face"
	"github.com/seed6700ada1/infer/models/face/picture"
	"github.com/seed6700ada1/infer/runtime"
)

// EvaluateDetector measures a detector on a set: AP@0.5 of faces of any size
// ("ap50"), of those of 16 and 32 pixels and more ("ap50_16", "ap50_32"), each
// with an interval of 95 % by drawing pictures ("…_low", "…_high"), and the share
// of faces of 16 pixels and more that it finds by its own threshold
// ("recall_16"). done may be nil.
func EvaluateDetector(ctx context.Context, s runtime.Session, set *data.Scenes, seed uint64, done func(n int)) (map[string]float64, error) {
	const (
		least  = 0.01 // score: the curve goes on below any threshold
		rounds = 1000
	)
	d, err := face.Open(ctx, s, face.Options{Score: least})
	if err != nil {
		return nil, err
	}
	usual, err := face.Open(ctx, s, face.Options{})
	if err != nil {
		return nil, err
	}
	list := make([]metric.Detected, len(set.Scenes))
	for i, x := range set.Scenes {
		p, err := picture.Open(x.File, picture.Options{})
		if err != nil {
			return nil, fmt.Errorf("finetune: %w", err)
		}
		found, err := d.Detect(ctx, p)
		if err != nil {
			return nil, err
		}
		list[i] = metric.Detected{Truth: x.Faces, Ignore: x.Ignore, Found: found}
		if done != nil {
			done(i + 1)
		}
	}
	out := map[string]float64{}
	for name, size := range map[string]float64{"ap50": 0, "ap50_16": 16, "ap50_32": 32} {
		ap, interval := metric.APInterval(list, metric.APOptions{Least: size}, rounds, seed)
		out[name], out[name+"_low"], out[name+"_high"] = ap, interval.Low, interval.High
	}
	out["recall_16"] = metric.Recall(list, metric.APOptions{Least: 16}, usual.Options().Score)
	return out, nil
}
