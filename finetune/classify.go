package finetune

import (
	"context"
	"errors"
	"log/slog"

	"github.com/seed6700ada1/infer/finetune/adapt"
	"github.com/seed6700ada1/infer/finetune/data"
	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/loss"
	"github.com/seed6700ada1/infer/finetune/optim"
	"github.com/seed6700ada1/infer/finetune/step"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Hooks are told how a training goes. Each may be nil.
type Hooks struct {
	// Progress says how much of a stage is done: "features" counts examples,
	// "training" steps.
	Progress func(stage string, done, total int)
	// Epoch is called after each.
	Epoch func(Record)
	// Threads bounds the threads of the engine; 0 is all.
	Threads int
	Logger  *slog.Logger
}

func (h Hooks) progress(stage string, done, total int) {
	if h.Progress != nil {
		h.Progress(stage, done, total)
	}
}

func (h Hooks) logger() *slog.Logger {
	if h.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return h.Logger
}

// Report is what a training came to.
type Report struct {
	Best      string `json:"best"`      // file of the best model
	Trainable int    `json:"trainable"` // numbers that were trained
	Total     int    `json:"total"`     // numbers of the model
	// Test has the metrics on the test set, Val on the validation set if there is
	// one.
	Test map[string]float64 `json:"test"`
	Val  map[string]float64 `json:"val,omitempty"`
}

// classifier is a training of a classifier.
type classifier struct {
	recipe Recipe
	hooks  Hooks
	engine runtime.Engine
	run    *Run

	backbone *backbone
	labels   []string
	// classWeights count the examples of each class; nil where all count alike.
	classWeights []float64
	sets         map[string]*labelled // train, val, test
	step         *step.Step
	parts        *adapt.Parts
	forward      runtime.Session // of the tail, its trained weights inputs
	fixed        int             // rows of a run of the whole model; 0 for any
}

// Classify trains a classifier of texts or pictures as a recipe says, and leaves
// it in the recipe's folder.
func Classify(ctx context.Context, e runtime.Engine, r Recipe, h Hooks) (*Report, error) {
	r = r.withDefaults()
	if err := r.check(); err != nil {
		return nil, err
	}
	run, err := NewRun(r)
	if err != nil {
		return nil, err
	}
	return classify(ctx, e, run, h)
}

func classify(ctx context.Context, e runtime.Engine, run *Run, h Hooks) (_ *Report, err error) {
	c := &classifier{recipe: run.Recipe, hooks: h, engine: e, run: run, sets: map[string]*labelled{}}
	sets, err := readSets(c.recipe, h.logger())
	if err != nil {
		return nil, err
	}
	c.labels = sets["train"].Labels()
	if c.recipe.Balanced {
		numbers, err := sets["train"].Indices(c.labels)
		if err != nil {
			return nil, err
		}
		c.classWeights = balance(numbers, len(c.labels))
	}
	if c.backbone, err = openBackbone(c.recipe); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.backbone.model.Close()) }()
	if err := c.build(); err != nil {
		return nil, err
	}
	if c.forward, err = c.openForward(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.forward.Close()) }()
	if err := c.encode(ctx, sets); err != nil {
		return nil, err
	}
	return c.train(ctx)
}

// readSets reads what the recipe names, and makes a test set of a part of the
// data where it names none.
func readSets(r Recipe, log *slog.Logger) (map[string]*data.Set, error) {
	sets := map[string]*data.Set{}
	for name, path := range map[string]string{"train": r.Data, "val": r.Val, "test": r.Test} {
		if path == "" {
			continue
		}
		s, err := data.Open(path, data.Options{Text: r.Text, Label: r.Label, Strict: r.Strict})
		if err != nil {
			return nil, err
		}
		for _, b := range s.Bad {
			log.Warn("row left out", "set", name, "line", b.Line, "reason", b.Reason)
		}
		sets[name] = s
	}
	if err := sets["train"].Check(); err != nil {
		return nil, err
	}
	if sets["test"] == nil {
		sets["train"], sets["test"] = sets["train"].Split(r.Holdout, r.Seed)
	}
	return sets, nil
}

// build puts a head on the backbone and makes the graph of a step.
func (c *classifier) build() error {
	r := c.recipe
	m := c.backbone.model
	features, err := c.backbone.features()
	if err != nil {
		return err
	}
	head := adapt.Head{Classes: len(c.labels), Hidden: r.Hidden, Cosine: r.Cosine, Seed: r.Seed}
	trainable, err := adapt.AddHead(m, features, head)
	if err != nil {
		return err
	}
	more, err := adapt.Select(m, r.Unfreeze, r.UnfreezeLast, trainable)
	if err != nil {
		return err
	}
	trainable = append(trainable, more...)
	if r.LoRA != nil {
		added, err := adapt.AddLoRA(m, adapt.LoRA{Rank: r.LoRA.Rank, Alpha: r.LoRA.Alpha, Targets: r.LoRA.Targets, Seed: r.Seed})
		if err != nil {
			return err
		}
		trainable = append(trainable, added...)
	}
	if c.parts, err = adapt.Cut(m, trainable); err != nil {
		return err
	}
	optimizer, err := optim.Named(r.Optimizer, r.Decay)
	if err != nil {
		return err
	}
	c.step, err = step.Build(c.parts.Tail, step.Config{
		Trainable: trainable, Optimizer: optimizer, Clip: r.Clip, Average: r.Average,
		Loss: func(b *emit.Builder) string {
			labels := b.Input(labelsInput, tensor.Int64, onnx.Symbol("batch"))
			return loss.CrossEntropy{Smoothing: r.Smoothing, ClassWeights: c.classWeights}.Of(b, adapt.Logits, labels, "")
		},
	})
	if err != nil || r.ExportStep == "" {
		return err
	}
	return c.step.Export(r.ExportStep, nil)
}

// balance weighs each class so that all weigh the same, and 1 in the mean over
// the examples.
func balance(labels []int64, classes int) []float64 {
	counts := make([]float64, classes)
	for _, l := range labels {
		counts[l]++
	}
	weights := make([]float64, classes)
	for i, n := range counts {
		weights[i] = float64(len(labels)) / (float64(classes) * max(n, 1))
	}
	return weights
}

// openForward makes a session of the tail whose trained weights are inputs.
func (c *classifier) openForward(ctx context.Context) (runtime.Session, error) {
	m, err := step.Forward(c.parts.Tail, c.step.Params)
	if err != nil {
		return nil, err
	}
	return c.engine.Open(ctx, m, runtime.Options{Threads: c.hooks.Threads})
}

// encode turns the sets into inputs of the tail: into features where the frozen
// part is cut off.
func (c *classifier) encode(ctx context.Context, sets map[string]*data.Set) error {
	front := c.forward
	if c.parts.Frozen != nil {
		s, err := c.engine.Open(ctx, c.parts.Frozen, runtime.Options{Threads: c.hooks.Threads})
		if err != nil {
			return err
		}
		defer s.Close()
		front = s
	}
	total, done := 0, 0
	for _, s := range sets {
		total += len(s.Examples)
	}
	for _, name := range []string{"train", "val", "test"} {
		set := sets[name]
		if set == nil {
			continue
		}
		labels, err := set.Indices(c.labels)
		if err != nil {
			return err
		}
		e, fixed, err := c.backbone.encoder(front, set, c.recipe)
		if err != nil {
			return err
		}
		if c.parts.Frozen == nil {
			c.sets[name], c.fixed = &labelled{e, labels}, fixed
			continue
		}
		f, err := extract(ctx, front, e, fixed, func(n int) { c.hooks.progress("features", done+n, total) })
		if err != nil {
			return err
		}
		done += f.count
		c.sets[name] = &labelled{f, labels}
	}
	if c.fixed > 0 {
		c.recipe.Batch = c.fixed
	}
	return nil
}

// train runs the loop and writes what comes out.
func (c *classifier) train(ctx context.Context) (*Report, error) {
	f := fitting{engine: c.engine, hooks: c.hooks, run: c.run, recipe: c.recipe, step: c.step, source: c.sets["train"]}
	if val := c.sets["val"]; val != nil {
		f.measure = func(weights map[string]tensor.Value) (map[string]float64, error) {
			score, err := evaluate(ctx, c.forward, weights, val.Encoder, val.labels, len(c.labels), c.fixed)
			if err != nil {
				return nil, err
			}
			return score.Metrics(), nil
		}
	}
	if err := f.fit(ctx); err != nil {
		return nil, err
	}
	return c.finish(ctx)
}

// finish measures the best weights on the test set and writes the model.
func (c *classifier) finish(ctx context.Context) (*Report, error) {
	test := c.sets["test"]
	score, err := evaluate(ctx, c.forward, c.run.best, test.Encoder, test.labels, len(c.labels), c.fixed)
	if err != nil {
		return nil, err
	}
	report := &Report{Test: score.Metrics(), Val: c.run.bestVal}
	report.Trainable, report.Total, err = adapt.Count(c.backbone.model, c.step.Names())
	if err != nil {
		return nil, err
	}
	if err := adapt.SetWeights(c.backbone.model, c.run.best); err != nil {
		return nil, err
	}
	if report.Best, err = c.run.save(c.backbone, c.labels, score); err != nil {
		return nil, err
	}
	return report, nil
}

// Resume continues a training that was interrupted, from its folder.
func Resume(ctx context.Context, e runtime.Engine, dir string, h Hooks) (*Report, error) {
	run, err := OpenRun(dir)
	if err != nil {
		return nil, err
	}
	if run.Recipe.Task == detectTask {
		return detect(ctx, e, run, h)
	}
	return classify(ctx, e, run, h)
}
