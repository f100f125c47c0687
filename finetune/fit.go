package finetune

import (
	"context"
	"fmt"

	"github.com/seed6700ada1/infer/finetune/schedule"
	"github.com/seed6700ada1/infer/finetune/step"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// fitting is the training of a step, whatever the task.
type fitting struct {
	engine runtime.Engine
	hooks  Hooks
	run    *Run
	recipe Recipe
	step   *step.Step
	source Source
	// measure gives the metrics of weights on the validation set; nil where there
	// is none. The last epoch is then the best there is.
	measure func(weights map[string]tensor.Value) (map[string]float64, error)
}

// fit runs the loop from where the run stands. After each epoch it measures, keeps
// the best weights and writes a checkpoint.
func (f *fitting) fit(ctx context.Context) error {
	r := f.recipe
	s, err := schedule.Named(r.Schedule, r.Warmup)
	if err != nil {
		return err
	}
	t := &Trainer{
		Step: f.step, Engine: f.engine, Threads: f.hooks.Threads, Source: f.source,
		Epochs: r.Epochs, Batch: r.Batch, Rate: r.Rate, Schedule: s, Seed: r.Seed,
	}
	if err := f.run.restore(t); err != nil {
		return err
	}
	t.AfterStep = func(s StepResult) error {
		f.hooks.progress("training", s.Step, s.Total)
		return nil
	}
	t.AfterEpoch = func(e EpochResult) error { return f.afterEpoch(t, e) }
	return t.Run(ctx)
}

func (f *fitting) afterEpoch(t *Trainer, e EpochResult) error {
	rec := Record{Epoch: e.Epoch, Step: e.Step, Loss: e.Loss}
	weights := t.Weights()
	if f.measure != nil {
		var err error
		if rec.Val, err = f.measure(weights); err != nil {
			return err
		}
	}
	stop, err := f.run.epoch(rec, t, weights)
	if err != nil {
		return err
	}
	if f.hooks.Epoch != nil {
		f.hooks.Epoch(rec)
	}
	if stop {
		return fmt.Errorf("no progress for %d epochs: %w", f.recipe.Patience, ErrStop)
	}
	return nil
}
