package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"

	"github.com/seed6700ada1/infer/finetune"
	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/optim"
	"github.com/seed6700ada1/infer/finetune/schedule"
	"github.com/seed6700ada1/infer/finetune/step"
	"github.com/seed6700ada1/infer/models/text/tokenizer"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// examples are texts as pieces, with the teacher's vectors.
type examples struct {
	ids     [][]int64
	vectors []float32
}

// newExamples cuts texts into pieces.
func newExamples(dir string, texts []string, vectors []float32, length int) (*examples, error) {
	tok, err := tokenizer.Load(dir)
	if err != nil {
		return nil, err
	}
	e := &examples{vectors: vectors}
	for _, t := range texts {
		enc, err := tok.Encode(t, tokenizer.IDsOnly())
		if err != nil {
			return nil, err
		}
		e.ids = append(e.ids, enc.IDs[:min(len(enc.IDs), length)])
	}
	return e, nil
}

// split puts a share aside.
func (e *examples) split(share float64, seed uint64) (train, held *examples) {
	train, held = &examples{}, &examples{}
	n := int(share * float64(len(e.ids)))
	for i, k := range rand.New(rand.NewPCG(seed, 3)).Perm(len(e.ids)) {
		to := train
		if i < n {
			to = held
		}
		to.ids = append(to.ids, e.ids[k])
		to.vectors = append(to.vectors, e.vectors[k*dimension:(k+1)*dimension]...)
	}
	return train, held
}

// Len is the number of texts.
func (e *examples) Len() int { return len(e.ids) }

// target is the input for the teacher's vectors.
const target = "target"

// Batch pads texts on the right.
func (e *examples) Batch(rows []int) (map[string]tensor.Value, error) {
	width := 1
	for _, r := range rows {
		width = max(width, len(e.ids[r]))
	}
	ids, mask := make([]int64, len(rows)*width), make([]int64, len(rows)*width)
	var vectors []float32
	for k, r := range rows {
		for t, id := range e.ids[r] {
			ids[k*width+t], mask[k*width+t] = id, 1
		}
		vectors = append(vectors, e.vectors[r*dimension:(r+1)*dimension]...)
	}
	out := map[string]tensor.Value{}
	var err error
	if out[idsInput], err = tensor.FromSlice(ids, len(rows), width); err != nil {
		return nil, err
	}
	if out[maskInput], err = tensor.FromSlice(mask, len(rows), width); err != nil {
		return nil, err
	}
	out[target], err = tensor.FromSlice(vectors, len(rows), dimension)
	return out, err
}

// epoch is what an epoch came to.
type epoch struct {
	Epoch  int     `json:"epoch"`
	Loss   float64 `json:"loss"`        // 1 − cosine, of the texts learnt from
	Cosine float64 `json:"held_cosine"` // of the texts held back
}

// history is what each epoch came to.
type history []epoch

func (h history) write(w io.Writer) error {
	enc := json.NewEncoder(w)
	for _, x := range h {
		if err := enc.Encode(x); err != nil {
			return err
		}
	}
	return nil
}

// distil trains a student.
func distil(ctx context.Context, e runtime.Engine, r *recipe, train, held *examples) (map[string]*tensor.Tensor, history, error) {
	weights, names, err := r.start(r.seed)
	if err != nil {
		return nil, nil, err
	}
	m, err := r.student(weights)
	if err != nil {
		return nil, nil, err
	}
	optimizer, err := optim.Named("adamw", 0.01)
	if err != nil {
		return nil, nil, err
	}
	s, err := step.Build(m, step.Config{
		Trainable: names, Optimizer: optimizer, Clip: 1,
		Loss: func(b *emit.Builder) string { // 1 − cosine: both are of length one
			t := b.Input(target, tensor.Float32, onnx.Symbol("batch"), onnx.Known(dimension))
			return b.OneMinus(b.ReduceMean(b.ReduceSum(b.Mul(output, t), []int{1}, false), nil, false))
		},
	})
	if err != nil {
		return nil, nil, err
	}
	forward, err := step.Forward(m, s.Params)
	if err != nil {
		return nil, nil, err
	}
	session, err := e.Open(ctx, forward, runtime.Options{Threads: r.threads})
	if err != nil {
		return nil, nil, err
	}
	defer session.Close()
	var log history
	begin := time.Now()
	t := &finetune.Trainer{
		Step: s, Engine: e, Threads: r.threads, Source: train, Epochs: r.epochs, Batch: r.batch,
		Rate: r.rate, Schedule: schedule.Warmup(200, schedule.Cosine(0.01)), Seed: r.seed,
	}
	t.AfterStep = func(s finetune.StepResult) error {
		if s.Step%50 == 0 {
			fmt.Fprintf(os.Stderr, "step %d of %d: loss %.4f, %.0f s\n", s.Step, s.Total, s.Loss, time.Since(begin).Seconds())
		}
		return nil
	}
	t.AfterEpoch = func(x finetune.EpochResult) error {
		c, err := cosine(ctx, session, s, t.State(), held)
		log = append(log, epoch{x.Epoch, x.Loss, c})
		fmt.Fprintf(os.Stderr, "epoch %d: loss %.4f, cosine on texts held back %.4f\n", x.Epoch, x.Loss, c)
		return err
	}
	if err := t.Run(ctx); err != nil {
		return nil, nil, err
	}
	for name, v := range t.Weights() {
		weights[name] = v.(*tensor.Tensor)
	}
	return weights, log, nil
}

// cosine is the mean between student and teacher over examples.
func cosine(ctx context.Context, session runtime.Session, s *step.Step, state map[string]tensor.Value, e *examples) (float64, error) {
	const batch = 64
	sum := 0.0
	for from := 0; from < e.Len(); from += batch {
		var rows []int
		for k := from; k < min(from+batch, e.Len()); k++ {
			rows = append(rows, k)
		}
		in, err := e.Batch(rows)
		if err != nil {
			return 0, err
		}
		delete(in, target)
		for _, p := range s.Params {
			in[p.In] = state[p.In]
		}
		out, err := session.Run(ctx, in)
		if err != nil {
			return 0, err
		}
		y, err := tensor.Data[float32](out[output].(*tensor.Tensor))
		if err != nil {
			return 0, err
		}
		for i, v := range y {
			sum += float64(v) * float64(e.vectors[from*dimension+i])
		}
	}
	return sum / float64(e.Len()), nil
}
