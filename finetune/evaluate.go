package finetune

import (
	"context"
	"fmt"
	"maps"
	"math"

	"github.com/seed6700ada1/infer/finetune/adapt"
	"github.com/seed6700ada1/infer/finetune/input"
	"github.com/seed6700ada1/infer/finetune/metric"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Score is how well a classifier did on a set.
type Score struct {
	Examples  int
	Loss      float64
	Accuracy  float64
	Interval  metric.Interval // of the accuracy
	MacroF1   float64
	ECE       float64
	Confusion metric.Confusion
}

// Metrics lists the numbers by name.
func (s *Score) Metrics() map[string]float64 {
	return map[string]float64{
		"accuracy": s.Accuracy, "accuracy_low": s.Interval.Low, "accuracy_high": s.Interval.High,
		"macro_f1": s.MacroF1, "loss": s.Loss, "ece": s.ECE,
	}
}

// evaluate runs a classifier, whose trained weights are inputs, over a set.
func evaluate(ctx context.Context, s runtime.Session, weights map[string]tensor.Value, e input.Encoder, labels []int64, classes, fixed int) (*Score, error) {
	predicted := make([]int64, len(labels))
	confidence, right := make([]float64, len(labels)), make([]bool, len(labels))
	loss := 0.0
	for _, rows := range batches(e, fixed) {
		inputs, err := e.Batch(rows)
		if err != nil {
			return nil, err
		}
		maps.Copy(inputs, weights)
		out, err := s.Run(ctx, inputs)
		if err != nil {
			return nil, fmt.Errorf("finetune: evaluation: %w", err)
		}
		logits, ok := out[adapt.Logits].(*tensor.Tensor)
		if !ok || logits.Len() != len(rows)*classes {
			return nil, fmt.Errorf("finetune: evaluation: logits are %v, expected [%d,%d]", out[adapt.Logits], len(rows), classes)
		}
		values, err := tensor.Float64s(logits)
		if err != nil {
			return nil, err
		}
		for k, r := range rows {
			p := metric.Softmax(values[k*classes : (k+1)*classes])
			best := 0
			for c, v := range p {
				if v > p[best] {
					best = c
				}
			}
			predicted[r], confidence[r], right[r] = int64(best), p[best], int64(best) == labels[r]
			loss -= math.Log(max(p[labels[r]], math.SmallestNonzeroFloat64))
		}
	}
	c, err := metric.NewConfusion(classes, labels, predicted)
	if err != nil {
		return nil, err
	}
	score := &Score{Examples: len(labels), Loss: loss / float64(max(len(labels), 1)), Confusion: c, MacroF1: c.MacroF1()}
	share, hits, n := c.Accuracy()
	score.Accuracy, score.Interval = share, metric.Wilson(hits, n)
	if score.ECE, err = metric.ECE(confidence, right); err != nil {
		return nil, err
	}
	return score, nil
}
