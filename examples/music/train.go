package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/seed6700ada1/infer/finetune"
	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/loss"
	"github.com/seed6700ada1/infer/finetune/optim"
	"github.com/seed6700ada1/infer/finetune/schedule"
	"github.com/seed6700ada1/infer/finetune/step"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// recipe says how the network is trained.
type recipe struct {
	size
	Length, Batch, Iterations int
	Rate                      float64
	Schedule                  string
	Average                   float64
	Seed                      uint64
	Threads                   int
}

// point is a step of the training, as the log keeps it.
type point struct {
	Step int     `json:"step"`
	Loss float64 `json:"loss"`
	Rate float64 `json:"rate"`
}

// train trains a network on a text, and gives its weights and what each step was.
func train(ctx context.Context, e runtime.Engine, r recipe, ids []int64, progress io.Writer) (map[string]*tensor.Tensor, []point, error) {
	weights, err := r.start(r.Seed)
	if err != nil {
		return nil, nil, err
	}
	m, err := r.network(weights, r.Length)
	if err != nil {
		return nil, nil, err
	}
	optimizer, err := optim.Named("adam", 0)
	if err != nil {
		return nil, nil, err
	}
	s, err := step.Build(m, step.Config{
		Trainable: weightNames, Optimizer: optimizer, Average: r.Average,
		Loss: func(b *emit.Builder) string {
			labels := b.Input(labelsInput, tensor.Int64, onnx.Known(r.Length), onnx.Symbol("batch"))
			return loss.CrossEntropy{}.Of(b, logits, labels, "")
		},
	})
	if err != nil {
		return nil, nil, err
	}
	plan, err := schedule.Named(r.Schedule, 0)
	if err != nil {
		return nil, nil, err
	}
	var log []point
	begin := time.Now()
	t := &finetune.Trainer{
		Step: s, Engine: e, Threads: r.Threads, Epochs: 1, Batch: r.Batch, Rate: r.Rate, Schedule: plan, Seed: r.Seed, InOrder: true,
		Source: &windows{ids: ids, length: r.Length, n: r.Iterations * r.Batch, seed: r.Seed},
		AfterStep: func(s finetune.StepResult) error {
			log = append(log, point{s.Step, s.Loss, s.Rate})
			if s.Step%50 == 0 || s.Step == s.Total {
				fmt.Fprintf(progress, "step %d of %d: loss %.4f, mean of the last 100 %.4f, %.0f s\n",
					s.Step, s.Total, s.Loss, lastMean(log, 100), time.Since(begin).Seconds())
			}
			return nil
		},
	}
	if err := t.Run(ctx); err != nil {
		return nil, nil, err
	}
	for name, v := range t.Weights() {
		weights[name] = v.(*tensor.Tensor)
	}
	return weights, log, nil
}

// lastMean is the mean loss of the last n steps.
func lastMean(log []point, n int) float64 {
	log = log[max(0, len(log)-n):]
	sum := 0.0
	for _, p := range log {
		sum += p.Loss
	}
	return sum / float64(len(log))
}

// writeLog writes the steps, one JSON object a line.
func writeLog(log []point) func(io.Writer) error {
	return func(w io.Writer) error {
		enc := json.NewEncoder(w)
		for _, p := range log {
			if err := enc.Encode(p); err != nil {
				return err
			}
		}
		return nil
	}
}

// readPoint reads a line of the log.
func readPoint(line string) (p point, err error) {
	err = json.Unmarshal([]byte(line), &p)
	return p, err
}
