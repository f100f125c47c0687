package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/finetune"
	"github.com/seed6700ada1/infer/finetune/optim"
	"github.com/seed6700ada1/infer/finetune/schedule"
)

// finetuneFlags are the flags of a recipe, and those of the command alone.
type finetuneFlags struct {
	recipe  finetune.Recipe
	lora    finetune.LoRA
	file    string
	resume  string
	augment bool
	engine  string
	threads int
	asJSON  bool
}

func newFinetune(a *app) *cobra.Command {
	var f finetuneFlags
	cmd := &cobra.Command{
		Use:   "finetune --task T --model M --data F --out RUN",
		Short: "Train the last part of a published model and write it back",
		Long: `Puts a new head on a published model, or adapters beside its weights, trains them on
labelled examples, and writes best.onnx, which every runtime runs.

--task classify learns the labels of texts or pictures. Examples are a .csv, .tsv or
.jsonl file, a folder in which each folder is a class of pictures, or a folder of pictures
with a labels.csv in it or above it. Without --test, a part of the data is kept for it.

What is trained is the head alone, unless --unfreeze, --unfreeze-last or --lora-rank say
otherwise. Whatever no trained weight reaches is run once an example and kept.

The folder of a run is a model's folder too: infer classify --model RUN. A recipe is a
YAML file with the fields that RUN/recipe.yaml has; flags win over it.`,
		Example: `  infer finetune --task classify --model all-MiniLM-L6-v2 --data train.csv --test test.csv --out run
  infer finetune --task classify --model MobileFaceNet.onnx --data faces/train --test faces/val --label gender --out run
  infer finetune --recipe recipe.yaml --out run --json
  infer finetune --resume run`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.finetune(cmd, &f) },
	}
	f.add(cmd)
	return cmd
}

func (f *finetuneFlags) add(cmd *cobra.Command) {
	r, s := &f.recipe, cmd.Flags()
	s.StringVar(&f.file, "recipe", "", "YAML file that says what is trained and how")
	s.StringVar(&f.resume, "resume", "", "folder of a run to continue")
	s.StringVar(&r.Task, "task", "classify", "what is learnt: classify or detect")
	s.StringVar(&r.Model, "model", "", "published model: file or folder")
	s.StringVar(&r.Data, "data", "", "examples to learn from")
	s.StringVar(&r.Val, "val", "", "examples that choose the best epoch")
	s.StringVar(&r.Test, "test", "", "examples to measure the result on")
	s.StringVar(&r.Out, "out", "", "folder of the run")
	s.StringVar(&r.Text, "text", "", "column of the text, or of the picture's file")
	s.StringVar(&r.Label, "label", "", "column of the label")
	s.BoolVar(&r.Strict, "strict", false, "fail on a row that cannot be used, rather than leave it out and say so")
	s.IntVar(&r.MaxTokens, "max-tokens", 0, "cut texts to so many tokens; 0 for what the model takes")
	s.Float64Var(&r.Holdout, "holdout", 0, "share of the data to measure the result on where --test is not given (0.3)")
	s.IntVar(&r.Epochs, "epochs", 0, "how often each example is learnt from; 0 for the task's own")
	s.IntVar(&r.Batch, "batch", 0, "examples a step; 0 for the task's own")
	s.Float64Var(&r.Rate, "rate", 0, "learning rate; 0 for the task's own")
	s.StringVar(&r.Optimizer, "optimizer", "", strings.Join(optim.Names, ", "))
	s.StringVar(&r.Schedule, "schedule", "", "of the learning rate: "+strings.Join(schedule.Names, ", "))
	s.IntVar(&r.Warmup, "warmup", 0, "steps in which the learning rate rises")
	s.Float64Var(&r.Decay, "decay", 0, "weight decay")
	s.Float64Var(&r.Clip, "clip", 0, "bound of the norm of the gradient; 0 for none")
	s.Float64Var(&r.Smoothing, "smoothing", 0, "of the labels, from 0 to 1")
	s.BoolVar(&r.Balanced, "balanced", false, "rare classes weigh as much as common ones")
	s.Float64Var(&r.Average, "average", 0, "keep an average of the weights over the steps, such as 0.99")
	s.IntVar(&r.Patience, "patience", 0, "end after so many epochs without progress on --val")
	s.Uint64Var(&r.Seed, "seed", 0, "of the start and of the order of examples")
	f.addParts(cmd)
	engineFlag(cmd, &f.engine)
	threadsFlag(cmd, &f.threads)
	s.BoolVar(&f.asJSON, "json", false, "print the result as one JSON object")
	completeWords(cmd, "task", []string{"classify", "detect"})
	completeWords(cmd, "optimizer", optim.Names)
	completeWords(cmd, "schedule", schedule.Names)
}

// addParts adds the flags that say which weights are trained.
func (f *finetuneFlags) addParts(cmd *cobra.Command) {
	r, s := &f.recipe, cmd.Flags()
	s.IntSliceVar(&r.Hidden, "hidden", nil, "widths of layers between the features and the classes")
	s.BoolVar(&r.Cosine, "cosine", false, "a head that compares directions")
	s.StringSliceVar(&r.Unfreeze, "unfreeze", nil, "train these weights too: patterns of the names of weights or nodes")
	s.IntVar(&r.UnfreezeLast, "unfreeze-last", 0, "train the last so many layers too")
	s.IntVar(&f.lora.Rank, "lora-rank", 0, "train adapters of this rank beside products")
	s.Float64Var(&f.lora.Alpha, "lora-alpha", 0, "strength of the adapters; 0 for twice the rank")
	s.StringSliceVar(&f.lora.Targets, "lora-targets", nil, "patterns of the names of nodes or weights that get adapters; all products by default")
	s.BoolVar(&f.augment, "augment", false, "detect: change pictures at random: mirrored, cut, scaled, four in one, other colours")
	s.StringVar(&r.ExportStep, "export-step", "", "write the graph of a step of training to this file too")
}

// resolve joins recipe file and flags.
func (f *finetuneFlags) resolve(cmd *cobra.Command) (finetune.Recipe, error) {
	r := f.recipe
	if f.lora.Rank > 0 {
		r.LoRA = &f.lora
	}
	if f.augment {
		r.Detection = &finetune.Detection{Mirror: 0.5, Mosaic: 0.3, Colour: 0.5, Scale: [2]float64{0.7, 1.5}, Least: 10}
	}
	if f.file != "" {
		base, err := finetune.ReadRecipe(f.file)
		if err != nil {
			return r, err
		}
		r = base.Override(r, func(flag string) bool { return cmd.Flags().Changed(flag) })
	}
	switch {
	case r.Task != "classify" && r.Task != "detect":
		return r, usagef("--task %q: there are classify and detect", r.Task)
	case r.Model == "":
		return r, usagef("--model is missing: the published model")
	case r.Data == "":
		return r, usagef("--data is missing: the examples to learn from")
	case r.Out == "":
		return r, usagef("--out is missing: the folder of the run")
	}
	var err error
	r.Model, err = localModel(r.Model)
	return r, err
}

func (a *app) finetune(cmd *cobra.Command, f *finetuneFlags) error {
	if err := checkThreads(f.threads); err != nil {
		return err
	}
	e, err := a.engine(f.engine)
	if err != nil {
		return err
	}
	hooks, done := a.trainingHooks(f.threads)
	defer done()
	var report *finetune.Report
	if f.resume != "" {
		report, err = finetune.Resume(cmd.Context(), e, f.resume, hooks)
	} else {
		r, err := f.resolve(cmd)
		if err != nil {
			return err
		}
		train := finetune.Classify
		if r.Task == "detect" {
			train = finetune.Detect
		}
		report, err = train(cmd.Context(), e, r, hooks)
		if err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	done()
	if f.asJSON {
		return json.NewEncoder(a.Out).Encode(report)
	}
	if ap, ok := report.Test["ap50"]; ok {
		a.printf("trained %d of %d numbers; test AP@0.5 %.4f (95 %% from %.4f to %.4f), before %.4f\n", report.Trainable, report.Total,
			ap, report.Test["ap50_low"], report.Test["ap50_high"], report.Test["ap50_before"])
		_, err = fmt.Fprintln(a.Out, report.Best)
		return err
	}
	a.printf("trained %d of %d numbers; test accuracy %.4f (95 %% from %.4f to %.4f)\n", report.Trainable, report.Total,
		report.Test["accuracy"], report.Test["accuracy_low"], report.Test["accuracy_high"])
	_, err = fmt.Fprintln(a.Out, report.Best)
	return err
}

// trainingHooks show how a training goes: a bar for each stage and a line for
// each epoch, on a terminal.
func (a *app) trainingHooks(threads int) (hooks finetune.Hooks, done func()) {
	var bar *progress
	stage := ""
	done = func() {
		if bar != nil {
			bar.done()
			bar = nil
		}
	}
	return finetune.Hooks{
		Threads: threads,
		Progress: func(s string, n, total int) {
			if s != stage {
				done()
				stage, bar = s, a.newProgress(total, s)
			}
			if bar != nil {
				bar.set(n)
			}
		},
		Epoch: func(r finetune.Record) {
			if isTerminal(a.Err) {
				a.printf("epoch %d: loss %.4f%s\n", r.Epoch, r.Loss, validation(r))
			}
		},
	}, done
}

func validation(r finetune.Record) string {
	if r.Val == nil {
		return ""
	}
	if ap, ok := r.Val["ap50"]; ok {
		return fmt.Sprintf(", validation AP@0.5 %.4f", ap)
	}
	return fmt.Sprintf(", validation accuracy %.4f", r.Val["accuracy"])
}
