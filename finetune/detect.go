package finetune

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/seed6700ada1/infer/finetune/adapt"
	"github.com/seed6700ada1/infer/finetune/augment"
	"github.com/seed6700ada1/infer/finetune/data"
	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/input"
	"github.com/seed6700ada1/infer/finetune/loss"
	"github.com/seed6700ada1/infer/finetune/optim"
	"github.com/seed6700ada1/infer/finetune/step"
	"github.com/seed6700ada1/infer/models/face"
	"github.com/seed6700ada1/infer/models/folder"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Detection is the part of a recipe that is for detectors alone.
type Detection struct {
	// Size is the width and height in pixels on which a model of dynamic size is
	// trained.
	Size [2]int `yaml:"size,omitempty,flow"`
	// Probabilities of mirroring and of making one picture of four; strength of
	// other light and colours; all from 0 to 1.
	Mirror float64 `yaml:"mirror,omitempty"`
	Mosaic float64 `yaml:"mosaic,omitempty"`
	Colour float64 `yaml:"colour,omitempty"`
	// Scale is the least and the most size of a picture, relative to where it fits.
	Scale [2]float64 `yaml:"scale,omitempty,flow"`
	// Least is the smaller side in pixels under which a face is ignored.
	Least float64 `yaml:"least,omitempty"`
	// Paste names sets whose tiles are pasted into pictures: at most Faces with a
	// face and Things without, of a smaller side between the Sides.
	Paste  []string   `yaml:"paste,omitempty"`
	Faces  int        `yaml:"faces,omitempty"`
	Things int        `yaml:"things,omitempty"`
	Sides  [2]float64 `yaml:"sides,omitempty,flow"`
	// Negatives is how many anchors without a face count for each with one.
	Negatives float64 `yaml:"negatives,omitempty"`
}

// withDefaults fills in what a recipe for detection leaves open.
func (d Detection) withDefaults() Detection {
	if d.Size == [2]int{} {
		d.Size = [2]int{320, 320}
	}
	if d.Sides == [2]float64{} {
		d.Sides = [2]float64{12, 160}
	}
	return d
}

// detectTask is what a recipe for detection trains.
const detectTask = "detect"

// trainer of a detector.
type detector struct {
	recipe Recipe
	opts   Detection
	hooks  Hooks
	engine runtime.Engine
	run    *Run

	model *onnx.Model
	face  *face.Detector
	pri   *face.Priors
	step  *step.Step
	sets  map[string]*data.Scenes
}

// Detect trains a detector of faces as a recipe says, and leaves it in the
// recipe's folder.
func Detect(ctx context.Context, e runtime.Engine, r Recipe, h Hooks) (*Report, error) {
	r.Task = detectTask
	r = r.withDefaults()
	if err := r.check(); err != nil {
		return nil, err
	}
	run, err := NewRun(r)
	if err != nil {
		return nil, err
	}
	return detect(ctx, e, run, h)
}

func detect(ctx context.Context, e runtime.Engine, run *Run, h Hooks) (_ *Report, err error) {
	d := &detector{recipe: run.Recipe, hooks: h, engine: e, run: run}
	if run.Recipe.Detection != nil {
		d.opts = *run.Recipe.Detection
	}
	d.opts = d.opts.withDefaults()
	if d.sets, err = readScenes(d.recipe, h); err != nil {
		return nil, err
	}
	f, err := folder.Open(d.recipe.Model)
	if err != nil {
		return nil, err
	}
	if d.model, err = onnx.Open(f.Model); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.model.Close()) }()
	if err := adapt.FreeBatch(d.model); err != nil {
		return nil, err
	}
	s, err := e.Open(ctx, d.model, runtime.Options{Threads: h.Threads})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if d.face, err = face.Open(ctx, s, face.Options{}); err != nil {
		return nil, err
	}
	if d.pri, err = d.face.Priors(d.opts.Size[0], d.opts.Size[1]); err != nil {
		return nil, err
	}
	if err := d.build(); err != nil {
		return nil, err
	}
	return d.train(ctx)
}

// readScenes reads the sets. Where the data says what its pictures are for and
// the recipe names no other, they are tested on those for validation.
func readScenes(r Recipe, h Hooks) (map[string]*data.Scenes, error) {
	sets := map[string]*data.Scenes{}
	for name, path := range map[string]string{"train": r.Data, "val": r.Val, "test": r.Test} {
		if path == "" {
			continue
		}
		s, err := data.OpenScenes(path, data.Options{Strict: r.Strict})
		if err != nil {
			return nil, err
		}
		for _, b := range s.Bad {
			h.logger().Warn("row left out", "set", name, "line", b.Line, "reason", b.Reason)
		}
		sets[name] = s
	}
	const train = "train"
	others := []string{"validation", "val", "test"}
	all := sets[train]
	if all.HasUse(train) {
		sets[train] = all.For(train)
	}
	for _, name := range others[1:] {
		if s := sets[name]; s != nil && s.HasUse(others...) {
			sets[name] = s.For(others...)
		}
	}
	if sets["test"] == nil && all.HasUse(others...) {
		sets["test"] = all.For(others...)
	}
	if sets["test"] == nil {
		sets[train], sets["test"] = all.Split(r.Holdout, r.Seed)
	}
	if sets[train].Faces() == 0 && len(r.detection().Paste) == 0 {
		return nil, fmt.Errorf("finetune: %s shows no faces to learn from", r.Data)
	}
	return sets, nil
}

func (r Recipe) detection() Detection {
	if r.Detection == nil {
		return Detection{}
	}
	return *r.Detection
}

// build makes the graph of a step, for inputs of the size that is trained on.
func (d *detector) build() error {
	r := d.recipe
	trainable, err := adapt.Select(d.model, r.Unfreeze, r.UnfreezeLast, nil)
	if err != nil {
		return err
	}
	if len(trainable) == 0 {
		if trainable, err = adapt.LastLayers(d.model, d.pri.Scores, d.pri.Boxes); err != nil {
			return err
		}
	}
	m := d.model.Clone()
	for _, in := range m.Graph.Inputs {
		if in.Name == d.pri.Input {
			in.Type = onnx.TensorOf(tensor.Float32, onnx.Known(r.Batch), onnx.Known(3), onnx.Known(d.pri.H), onnx.Known(d.pri.W))
		}
	}
	m.Graph.ValueInfo = nil
	optimizer, err := optim.Named(r.Optimizer, r.Decay)
	if err != nil {
		return err
	}
	d.step, err = step.Build(m, step.Config{
		Trainable: trainable, Optimizer: optimizer, Clip: r.Clip, Average: r.Average,
		Loss: func(b *emit.Builder) string { return d.loss(b) },
	})
	if err != nil || r.ExportStep == "" {
		return err
	}
	return d.step.Export(r.ExportStep, nil)
}

// loss adds the loss of a batch to the graph.
func (d *detector) loss(b *emit.Builder) string {
	n, batch := len(d.pri.Anchors), d.recipe.Batch
	rows, anchors := onnx.Known(batch), onnx.Known(n)
	labels := b.Input(input.AnchorLabels, tensor.Int64, rows, anchors)
	right := b.Input(input.AnchorOffsets, tensor.Float32, rows, anchors, onnx.Known(4))
	logits := ""
	for _, node := range b.Model().Graph.Nodes {
		if len(node.Outputs) == 1 && node.Outputs[0] == d.pri.Scores && node.OpType == "Softmax" {
			logits = node.Inputs[0]
		}
	}
	if logits == "" { // probabilities: their logarithms are logits as well
		const least = 1e-7
		logits = b.Log(b.Shift(d.pri.Scores, least))
	}
	offsets := d.pri.Boxes
	if d.pri.Corners {
		offsets = d.offsets(b, offsets)
	}
	return loss.MultiBox{Negatives: d.opts.Negatives}.Of(b, logits, offsets, labels, right, n*batch)
}

// offsets undoes the decoding that a model ends in: of corners in 0…1 it makes
// offsets from the anchors.
func (d *detector) offsets(b *emit.Builder, corners string) string {
	n := len(d.pri.Anchors)
	var middles, sizes []float32
	for _, a := range d.pri.Anchors {
		c, w, h := a.Center(), float64(d.pri.W), float64(d.pri.H)
		middles = append(middles, float32(c.X/w), float32(c.Y/h))
		sizes = append(sizes, float32(a.Width()/w), float32(a.Height()/h))
	}
	constant := func(name string, v []float32) string {
		t, err := tensor.FromSlice(v, 1, n, 2)
		if err != nil {
			b.Failf("%w", err)
			return ""
		}
		return b.Initializer(name, t)
	}
	m, s := constant("anchor_middles", middles), constant("anchor_sizes", sizes)
	first, last := b.Slice(corners, 2, 0, 2), b.Slice(corners, 2, 2, 4)
	center, size := d.pri.Variances()
	middle := b.Scale(b.Div(b.Sub(b.Scale(b.Add(first, last), 0.5), m), s), 1/center)
	extent := b.Scale(b.Log(b.Div(b.Sub(last, first), s)), 1/size)
	return b.Concat(2, middle, extent)
}

// train runs the loop and writes what comes out.
func (d *detector) train(ctx context.Context) (*Report, error) {
	r, o := d.recipe, d.opts
	var paste []*data.Scenes
	for _, path := range o.Paste {
		s, err := data.OpenScenes(path, data.Options{Strict: r.Strict})
		if err != nil {
			return nil, err
		}
		paste = append(paste, s)
	}
	source := input.NewScenes(d.sets["train"], paste)
	source.Detector, source.Priors, source.Seed = d.face, d.pri, r.Seed
	source.Options = augment.Options{
		W: d.pri.W, H: d.pri.H, Fill: d.face.Padding(), Mirror: o.Mirror, Mosaic: o.Mosaic, Colour: o.Colour,
		Smaller: o.Scale[0], Larger: o.Scale[1], Least: o.Least,
		Paste: o.Faces, Distract: o.Things, Small: o.Sides[0], Large: o.Sides[1],
	}
	f := fitting{engine: d.engine, hooks: d.hooks, run: d.run, recipe: r, step: d.step, source: whole{source, r.Batch}}
	if val := d.sets["val"]; val != nil {
		f.measure = func(weights map[string]tensor.Value) (map[string]float64, error) {
			return d.evaluate(ctx, weights, val)
		}
	}
	if err := f.fit(ctx); err != nil {
		return nil, err
	}
	return d.finish(ctx)
}

// whole makes every batch a full one, by taking pictures twice: the graph is
// made for one size.
type whole struct {
	*input.Scenes
	batch int
}

// Batch fills up the rows.
func (w whole) Batch(rows []int) (map[string]tensor.Value, error) {
	for i := 0; len(rows) < w.batch; i++ {
		rows = append(slices.Clip(rows), (rows[0]+1+i)%w.Len())
	}
	return w.Scenes.Batch(rows)
}

// evaluate measures a model with those weights on a set.
func (d *detector) evaluate(ctx context.Context, weights map[string]tensor.Value, set *data.Scenes) (map[string]float64, error) {
	m := d.model.Clone()
	if err := adapt.SetWeights(m, weights); err != nil {
		return nil, err
	}
	s, err := d.engine.Open(ctx, m, runtime.Options{Threads: d.hooks.Threads})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return EvaluateDetector(ctx, s, set, d.recipe.Seed)
}

// finish measures the best weights on the test set, and the model as it was
// before, and writes the model.
func (d *detector) finish(ctx context.Context) (*Report, error) {
	report := &Report{Val: d.run.bestVal}
	before, err := d.evaluate(ctx, nil, d.sets["test"])
	if err != nil {
		return nil, err
	}
	if report.Test, err = d.evaluate(ctx, d.run.best, d.sets["test"]); err != nil {
		return nil, err
	}
	report.Test["ap50_before"] = before["ap50"]
	report.Trainable, report.Total, err = adapt.Count(d.model, d.step.Names())
	if err != nil {
		return nil, err
	}
	if err := adapt.SetWeights(d.model, d.run.best); err != nil {
		return nil, err
	}
	d.model.ProducerName = "infer"
	if err := onnx.Check(d.model); err != nil {
		return nil, fmt.Errorf("finetune: the model that was made is not well formed: %w", err)
	}
	report.Best = filepath.Join(d.run.dir, BestFile)
	return report, onnx.Save(report.Best, d.model, onnx.SaveOptions{})
}
