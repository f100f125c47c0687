package finetune

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/seed6700ada1/infer/finetune/input"
	"github.com/seed6700ada1/infer/finetune/optim"
	"github.com/seed6700ada1/infer/finetune/schedule"
)

// Recipe says what is trained on what, and how. Zero values stand for the
// defaults of the task.
type Recipe struct {
	Task  string `yaml:"task"`
	Model string `yaml:"model"`          // file or folder
	Data  string `yaml:"data"`           // examples to learn from
	Val   string `yaml:"val,omitempty"`  // examples that choose the best epoch
	Test  string `yaml:"test,omitempty"` // examples that are looked at once, at the end
	Out   string `yaml:"out"`            // folder of the run

	Text      string `yaml:"text,omitempty"`  // column of the text or the picture's file
	Label     string `yaml:"label,omitempty"` // column of the label
	Strict    bool   `yaml:"strict,omitempty"`
	MaxTokens int    `yaml:"max_tokens,omitempty"`
	// Holdout is the share of Data that becomes the test set where there is none.
	Holdout       float64              `yaml:"holdout,omitempty"`
	Normalization *input.Normalization `yaml:"normalization,omitempty"`

	Epochs    int     `yaml:"epochs"`
	Batch     int     `yaml:"batch"`
	Rate      float64 `yaml:"rate"`
	Optimizer string  `yaml:"optimizer"`
	Schedule  string  `yaml:"schedule"`
	Warmup    int     `yaml:"warmup,omitempty"` // steps
	Decay     float64 `yaml:"decay"`
	Clip      float64 `yaml:"clip,omitempty"`
	Smoothing float64 `yaml:"smoothing,omitempty"`
	Balanced  bool    `yaml:"balanced,omitempty"` // rare classes weigh as much as common ones
	Average   float64 `yaml:"average,omitempty"`  // of the weights over the steps
	Patience  int     `yaml:"patience,omitempty"` // epochs without progress on Val before it ends
	Seed      uint64  `yaml:"seed"`

	Hidden []int `yaml:"hidden,omitempty,flow"` // widths of layers of the head
	Cosine bool  `yaml:"cosine,omitempty"`      // a head that compares directions
	// Unfreeze names weights that are trained beside the head, by patterns in
	// which * stands for anything; UnfreezeLast counts layers from the end.
	Unfreeze     []string `yaml:"unfreeze,omitempty"`
	UnfreezeLast int      `yaml:"unfreeze_last,omitempty"`
	LoRA         *LoRA    `yaml:"lora,omitempty"`

	// Detection is for detectors alone.
	Detection *Detection `yaml:"detection,omitempty"`

	// ExportStep is a file that the graph of a step is written to, for other
	// engines to train with.
	ExportStep string `yaml:"export_step,omitempty"`
}

// LoRA says which products get adapters of low rank.
type LoRA struct {
	Rank    int      `yaml:"rank"`
	Alpha   float64  `yaml:"alpha"`
	Targets []string `yaml:"targets"` // patterns of the names of nodes or weights
}

// ReadRecipe reads a recipe from a YAML file. Fields that it does not know are an
// error: a misspelt one would be a default.
func ReadRecipe(path string) (Recipe, error) {
	var r Recipe
	data, err := os.ReadFile(path)
	if err != nil {
		return r, fmt.Errorf("finetune: recipe: %w", err)
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&r); err != nil && !errors.Is(err, io.EOF) {
		return r, fmt.Errorf("finetune: recipe %s: %w", path, err)
	}
	return r, nil
}

// YAML writes the recipe as a file has it.
func (r Recipe) YAML() ([]byte, error) { return yaml.Marshal(r) }

// withDefaults fills in what a recipe for classification leaves open: for a head
// alone many quick epochs at a high rate, for more few at a low one.
func (r Recipe) withDefaults() Recipe {
	set := func(v *float64, def float64) {
		if *v == 0 {
			*v = def
		}
	}
	if r.Task == detectTask {
		setInt(&r.Epochs, 10)
		setInt(&r.Batch, 8)
		set(&r.Rate, 1e-3)
	}
	headOnly := r.LoRA == nil && len(r.Unfreeze) == 0 && r.UnfreezeLast == 0
	if headOnly {
		setInt(&r.Epochs, 30)
		set(&r.Rate, 1e-2)
	} else {
		setInt(&r.Epochs, 3)
		set(&r.Rate, 5e-4)
	}
	setInt(&r.Batch, 32)
	set(&r.Holdout, 0.3)
	if r.Optimizer == "" {
		r.Optimizer = "adamw"
	}
	if r.Schedule == "" {
		r.Schedule = "cosine"
	}
	if r.Task == "" {
		r.Task = "classify"
	}
	return r
}

func setInt(v *int, def int) {
	if *v == 0 {
		*v = def
	}
}

// check refuses what cannot work before anything is read.
func (r Recipe) check() error {
	switch {
	case r.Model == "":
		return errors.New("finetune: the recipe names no model")
	case r.Data == "":
		return errors.New("finetune: the recipe names no data")
	case r.Out == "":
		return errors.New("finetune: the recipe names no folder for the run (out)")
	case r.Epochs < 1 || r.Batch < 1 || !(r.Rate > 0):
		return fmt.Errorf("finetune: %d epochs of batches of %d at a rate of %v, expected more than 0 of each", r.Epochs, r.Batch, r.Rate)
	case r.Holdout <= 0 || r.Holdout >= 1:
		return fmt.Errorf("finetune: a holdout of %v, expected between 0 and 1", r.Holdout)
	case r.Smoothing < 0 || r.Smoothing >= 1:
		return fmt.Errorf("finetune: label smoothing of %v, expected from 0 to below 1", r.Smoothing)
	case r.Average < 0 || r.Average >= 1:
		return fmt.Errorf("finetune: an average of %v, expected from 0 to below 1", r.Average)
	case !slices.Contains(optim.Names, r.Optimizer):
		return fmt.Errorf("finetune: there is no optimizer %q: there are %q", r.Optimizer, optim.Names)
	case !slices.Contains(schedule.Names, r.Schedule):
		return fmt.Errorf("finetune: there is no schedule %q: there are %q", r.Schedule, schedule.Names)
	}
	return nil
}

// Override gives the recipe with the fields of flags that were given: changed
// tells for the name of a flag whether it was.
func (r Recipe) Override(flags Recipe, changed func(flag string) bool) Recipe {
	take(&r.Task, flags.Task, changed("task"))
	take(&r.Model, flags.Model, changed("model"))
	take(&r.Data, flags.Data, changed("data"))
	take(&r.Val, flags.Val, changed("val"))
	take(&r.Test, flags.Test, changed("test"))
	take(&r.Out, flags.Out, changed("out"))
	take(&r.Text, flags.Text, changed("text"))
	take(&r.Label, flags.Label, changed("label"))
	take(&r.Strict, flags.Strict, changed("strict"))
	take(&r.MaxTokens, flags.MaxTokens, changed("max-tokens"))
	take(&r.Holdout, flags.Holdout, changed("holdout"))
	take(&r.Epochs, flags.Epochs, changed("epochs"))
	take(&r.Batch, flags.Batch, changed("batch"))
	take(&r.Rate, flags.Rate, changed("rate"))
	take(&r.Optimizer, flags.Optimizer, changed("optimizer"))
	take(&r.Schedule, flags.Schedule, changed("schedule"))
	take(&r.Warmup, flags.Warmup, changed("warmup"))
	take(&r.Decay, flags.Decay, changed("decay"))
	take(&r.Clip, flags.Clip, changed("clip"))
	take(&r.Smoothing, flags.Smoothing, changed("smoothing"))
	take(&r.Balanced, flags.Balanced, changed("balanced"))
	take(&r.Average, flags.Average, changed("average"))
	take(&r.Patience, flags.Patience, changed("patience"))
	take(&r.Seed, flags.Seed, changed("seed"))
	take(&r.Hidden, flags.Hidden, changed("hidden"))
	take(&r.Cosine, flags.Cosine, changed("cosine"))
	take(&r.Unfreeze, flags.Unfreeze, changed("unfreeze"))
	take(&r.UnfreezeLast, flags.UnfreezeLast, changed("unfreeze-last"))
	take(&r.LoRA, flags.LoRA, changed("lora-rank"))
	take(&r.Detection, flags.Detection, changed("augment"))
	take(&r.ExportStep, flags.ExportStep, changed("export-step"))
	return r
}

func take[T any](field *T, v T, given bool) {
	if given {
		*field = v
	}
}
