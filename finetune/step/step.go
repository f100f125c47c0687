// Package step makes the graph of a training step: one ONNX model that takes a
// batch, the parameters and the moments, and gives the loss and what parameters
// and moments are after the step.
//
// The graph is a model like any other. It can be saved, looked at and run by any
// engine, over and over, its outputs fed back as its inputs.
package step

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/finetune/adapt"
	"github.com/seed6700ada1/infer/finetune/grad"
	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/optim"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// The names of what every step takes and gives beside the model's own.
const (
	Rate    = "train/rate"          // input: the learning rate, float32
	Count   = "train/count"         // slot: steps done, int64
	Loss    = "train/loss"          // output: the loss, before the step
	Norm    = "train/gradient_norm" // output: of all gradients together, before clipping
	Average = "train/average"       // what begins the names of averaged parameters
)

// Config says what a step does.
type Config struct {
	// Loss adds the loss to the graph of the model, together with the inputs that
	// it needs, such as labels.
	Loss func(*emit.Builder) string
	// Trainable names the initializers that are trained.
	Trainable []string
	Optimizer *optim.Optimizer
	// Clip bounds the norm of all gradients together; 0 does not.
	Clip float64
	// Average keeps beside each parameter the mean a ← β·a + (1 − β)·x over the
	// steps, for β > 0.
	Average float64
	// Decayed tells the parameters that weight decay is for; nil is all with two
	// dimensions and more.
	Decayed func(name string, rank int) bool
}

// Slot is a value that goes from step to step: In is the input that takes it,
// Out the output that gives the next, Init what it is at first.
type Slot struct {
	In, Out string
	Init    *tensor.Tensor
}

// Step is a training step.
type Step struct {
	Model *onnx.Model
	// Params are the trained values, in the order of Config.Trainable, under the
	// names of their initializers.
	Params []Slot
	// State is everything else that goes from step to step: moments, averages, the
	// count.
	State []Slot
}

// Build makes the step that trains initializers of a model. Operators on the way
// that have no gradient are an error that names them all.
func Build(forward *onnx.Model, cfg Config) (*Step, error) {
	m := forward.Clone()
	s := &Step{}
	var err error
	if s.Params, err = open(m.Graph, cfg.Trainable); err != nil {
		return nil, err
	}
	b, err := grad.Expand(m, "", cfg.Trainable)
	if err != nil {
		return nil, err
	}
	b.Model().Graph.Outputs = nil
	loss := cfg.Loss(b)
	if err := b.Err(); err != nil {
		return nil, fmt.Errorf("step: the loss: %w", err)
	}
	gradients, err := grad.Backward(b, loss, cfg.Trainable)
	if err != nil {
		return nil, err
	}
	b.Prefix("train")
	b.Output(Loss, loss)
	gradients = clip(b, gradients, cfg.Clip)
	if err := s.update(b, gradients, cfg); err != nil {
		return nil, err
	}
	if err := b.Err(); err != nil {
		return nil, fmt.Errorf("step: %w", err)
	}
	s.Model = b.Model()
	s.Model.ProducerName = "infer"
	if s.Model.IRVersion < 8 {
		s.Model.IRVersion = 8 // the first with functions
	}
	adapt.Prune(s.Model)
	s.Model.Graph.ValueInfo = nil
	return s, nil
}

// open makes inputs of the initializers that are trained.
func open(g *onnx.Graph, names []string) ([]Slot, error) {
	slots := make([]Slot, len(names))
	for i, name := range names {
		t := g.Initializer(name)
		if t == nil {
			return nil, fmt.Errorf("step: the model has no weight %q to train", name)
		}
		v, err := t.Value()
		if err != nil {
			return nil, err
		}
		if !v.DType().IsFloat() {
			return nil, fmt.Errorf("step: weight %q is of %v, which cannot be trained", name, v.DType())
		}
		slots[i] = Slot{In: name, Out: name + "/next", Init: v}
		dims := make([]onnx.Dim, v.Rank())
		for k, d := range v.Shape() {
			dims[k] = onnx.Known(d)
		}
		g.Inputs = slices.DeleteFunc(g.Inputs, func(in *onnx.ValueInfo) bool { return in.Name == name })
		g.Inputs = append(g.Inputs, &onnx.ValueInfo{Name: name, Type: onnx.TensorOf(v.DType(), dims...)})
	}
	g.Initializers = slices.DeleteFunc(g.Initializers, func(t *onnx.Tensor) bool { return slices.Contains(names, t.Name) })
	return slots, nil
}

// Forward gives a copy of a model in which trained weights are inputs, as they
// are in a step: to evaluate it with the weights of the moment.
func Forward(m *onnx.Model, params []Slot) (*onnx.Model, error) {
	m = m.Clone()
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.In
	}
	_, err := open(m.Graph, names)
	return m, err
}

// Names lists the trained weights.
func (s *Step) Names() []string {
	names := make([]string, len(s.Params))
	for i, p := range s.Params {
		names[i] = p.In
	}
	return names
}

// clip scales the gradients down where together they are longer than most, and
// gives out their length.
func clip(b *emit.Builder, gradients []string, most float64) []string {
	var squares []string
	for _, g := range gradients {
		squares = append(squares, b.ReduceSum(b.Square(b.Cast(g, tensor.Float32)), nil, false))
	}
	norm := b.Sqrt(b.Total(squares...))
	b.Output(Norm, norm)
	if most <= 0 {
		return gradients
	}
	long := b.Greater(norm, b.Scalar(norm, most))
	scale := b.Where(long, b.Div(b.Scalar(norm, most), norm), b.Scalar(norm, 1))
	out := make([]string, len(gradients))
	for i, g := range gradients {
		out[i] = b.Mul(g, b.CastLike(scale, g))
	}
	return out
}

// update adds the optimizer's step.
func (s *Step) update(b *emit.Builder, gradients []string, cfg Config) error {
	rate := b.Input(Rate, tensor.Float32)
	count := b.Add(b.Input(Count, tensor.Int64), b.Int(1))
	b.Output(Count+"/next", count)
	s.State = append(s.State, Slot{In: Count, Out: Count + "/next", Init: tensor.Scalar(int64(0))})
	u, err := cfg.Optimizer.Start(b, rate, count)
	if err != nil {
		return err
	}
	decayed := cfg.Decayed
	if decayed == nil {
		decayed = func(_ string, rank int) bool { return rank >= 2 }
	}
	for i, p := range s.Params {
		var moments []string
		for _, name := range cfg.Optimizer.Moments {
			slot, err := s.slot(b, p, "train/"+name+"/"+p.In)
			if err != nil {
				return err
			}
			moments = append(moments, slot)
		}
		next, nextMoments := u.Apply(p.In, gradients[i], moments, decayed(p.In, p.Init.Rank()))
		b.Output(p.Out, next)
		for k, v := range nextMoments {
			b.Output(moments[k]+"/next", v)
		}
		if cfg.Average > 0 {
			a, err := s.slot(b, p, Average+"/"+p.In)
			if err != nil {
				return err
			}
			s.State[len(s.State)-1].Init = p.Init
			b.Output(a+"/next", b.Add(b.Scale(a, cfg.Average), b.Scale(next, 1-cfg.Average)))
		}
	}
	return nil
}

// slot adds a value of the shape of a parameter that goes from step to step.
func (s *Step) slot(b *emit.Builder, p Slot, name string) (string, error) {
	zero, err := tensor.New(p.Init.DType(), p.Init.Shape()...)
	if err != nil {
		return "", err
	}
	dims, _ := b.Dims(p.In)
	s.State = append(s.State, Slot{In: name, Out: name + "/next", Init: zero})
	return b.Input(name, p.Init.DType(), dims...), nil
}
