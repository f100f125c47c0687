package finetune

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"

	"github.com/seed6700ada1/infer/finetune/schedule"
	"github.com/seed6700ada1/infer/finetune/step"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Source gives the inputs of batches, labels included.
type Source interface {
	Len() int
	Batch(rows []int) (map[string]tensor.Value, error)
}

// Trainer is the loop: epochs of batches in a random order, each a run of the
// graph of a step.
type Trainer struct {
	Step    *step.Step
	Engine  runtime.Engine
	Threads int
	Source  Source

	Epochs   int
	Batch    int
	Rate     float64
	Schedule schedule.Schedule
	Seed     uint64
	// InOrder takes the examples as they are, epoch after epoch.
	InOrder bool

	// AfterStep and AfterEpoch are called in the loop; an error ends it. Errors
	// that wrap [ErrStop] end it as if all epochs were done.
	AfterStep  func(StepResult) error
	AfterEpoch func(EpochResult) error

	// Position is where the training stands. Setting it, and the state, before
	// Run continues a training.
	Position Position

	state map[string]tensor.Value
}

// ErrStop ends a training early, without a fault.
var ErrStop = errors.New("training was stopped early")

// Position is where a training stands.
type Position struct {
	Epoch int `json:"epoch"` // epochs done
	Step  int `json:"step"`  // steps done, of all epochs
	// Offset is how many batches of the epoch are done.
	Offset int     `json:"offset"`
	Loss   float64 `json:"loss"` // sum over the batches of the epoch so far
}

// StepResult is what a step gave.
type StepResult struct {
	Position
	Loss, Norm, Rate float64
	Total            int // steps of the whole training
}

// EpochResult is what an epoch gave.
type EpochResult struct {
	Position
	Loss float64 // the mean of its steps
}

// StepsPerEpoch is the number of batches.
func (t *Trainer) StepsPerEpoch() int { return (t.Source.Len() + t.Batch - 1) / t.Batch }

// State is the value of every slot of the step.
func (t *Trainer) State() map[string]tensor.Value {
	if t.state == nil {
		t.state = map[string]tensor.Value{}
		for _, list := range [][]step.Slot{t.Step.Params, t.Step.State} {
			for _, s := range list {
				t.state[s.In] = s.Init
			}
		}
	}
	return t.state
}

// Weights are the trained weights, or their averages where the step keeps them,
// by the names of the step's inputs.
func (t *Trainer) Weights() map[string]tensor.Value {
	state, out := t.State(), map[string]tensor.Value{}
	for _, p := range t.Step.Params {
		out[p.In] = state[p.In]
		if a := state[step.Average+"/"+p.In]; a != nil {
			out[p.In] = a
		}
	}
	return out
}

// SetState continues from values that [Trainer.State] gave.
func (t *Trainer) SetState(values map[string]tensor.Value) error {
	state := t.State()
	for name := range state {
		v, ok := values[name].(*tensor.Tensor)
		want := state[name].(*tensor.Tensor)
		if !ok || v.DType() != want.DType() || v.Len() != want.Len() {
			return fmt.Errorf("finetune: the state has no %q of %v", name, want)
		}
		state[name] = v
	}
	return nil
}

// Run trains.
func (t *Trainer) Run(ctx context.Context) error {
	if t.Source.Len() == 0 || t.Batch < 1 {
		return fmt.Errorf("finetune: %d examples in batches of %d", t.Source.Len(), t.Batch)
	}
	s, err := t.Engine.Open(ctx, t.Step.Model, runtime.Options{Threads: t.Threads})
	if err != nil {
		return fmt.Errorf("finetune: the graph of a step: %w", err)
	}
	defer s.Close()
	for t.Position.Epoch < t.Epochs {
		if err := t.epoch(ctx, s); err != nil {
			if errors.Is(err, ErrStop) {
				return nil
			}
			return err
		}
	}
	return nil
}

// epoch trains on each example once, from where the position says.
func (t *Trainer) epoch(ctx context.Context, s runtime.Session) error {
	if s, ok := t.Source.(interface{ StartEpoch(n int) }); ok {
		s.StartEpoch(t.Position.Epoch) // examples look different in each
	}
	order := t.order()
	steps := t.StepsPerEpoch()
	for t.Position.Offset < steps {
		from := t.Position.Offset * t.Batch
		rows := order[from:min(from+t.Batch, len(order))]
		if err := t.step(ctx, s, rows, steps*t.Epochs); err != nil {
			return err
		}
	}
	mean := t.Position.Loss / float64(steps)
	t.Position.Epoch++
	t.Position.Offset, t.Position.Loss = 0, 0
	if t.AfterEpoch == nil {
		return nil
	}
	return t.AfterEpoch(EpochResult{Position: t.Position, Loss: mean})
}

// order is that of the examples in the epoch: it follows from the seed and the
// number of the epoch alone, so that a training that is continued has it too.
func (t *Trainer) order() []int {
	if t.InOrder {
		list := make([]int, t.Source.Len())
		for i := range list {
			list[i] = i
		}
		return list
	}
	return rand.New(rand.NewPCG(t.Seed, uint64(t.Position.Epoch))).Perm(t.Source.Len())
}

// step runs one batch.
func (t *Trainer) step(ctx context.Context, s runtime.Session, rows []int, total int) error {
	inputs, err := t.Source.Batch(rows)
	if err != nil {
		return err
	}
	factor := 1.0
	if t.Schedule != nil {
		factor = t.Schedule.Factor(t.Position.Step, total)
	}
	state := t.State()
	maps.Copy(inputs, state)
	inputs[step.Rate] = tensor.Scalar(float32(t.Rate * factor))
	out, err := s.Run(ctx, inputs)
	if err != nil {
		return fmt.Errorf("finetune: step %d: %w", t.Position.Step+1, err)
	}
	loss, norm := number(out[step.Loss]), number(out[step.Norm])
	if math.IsNaN(loss) || math.IsInf(loss, 0) || math.IsNaN(norm) || math.IsInf(norm, 0) {
		return t.diagnose(ctx, inputs, loss)
	}
	for _, list := range [][]step.Slot{t.Step.Params, t.Step.State} {
		for _, slot := range list {
			state[slot.In] = out[slot.Out]
		}
	}
	t.Position.Step++
	t.Position.Offset++
	t.Position.Loss += loss
	if t.AfterStep == nil {
		return nil
	}
	return t.AfterStep(StepResult{Position: t.Position, Loss: loss, Norm: norm, Rate: t.Rate * factor, Total: total})
}

// number is the value of a scalar.
func number(v tensor.Value) float64 {
	t, ok := v.(*tensor.Tensor)
	if !ok {
		return math.NaN()
	}
	list, err := tensor.Float64s(t)
	if err != nil || len(list) != 1 {
		return math.NaN()
	}
	return list[0]
}
