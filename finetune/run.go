package finetune

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/seed6700ada1/infer/internal/atomicfile"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// The files of a run's folder.
const (
	BestFile       = "best.onnx"
	CheckpointFile = "last.ckpt"
	RecipeFile     = "recipe.yaml"
	MetricsFile    = "metrics.jsonl"
	ConfusionFile  = "confusion.csv"
)

// Record is what is kept of an epoch: a line of the metrics file.
type Record struct {
	Epoch int                `json:"epoch"`
	Step  int                `json:"step"`
	Loss  float64            `json:"loss"`
	Val   map[string]float64 `json:"val,omitempty"`
	Time  time.Time          `json:"time"`
}

// Run is the folder of a training.
type Run struct {
	Recipe Recipe
	dir    string

	records []Record
	best    map[string]tensor.Value
	bestVal map[string]float64
	bestAt  int  // epoch
	resume  bool // from the checkpoint
}

// NewRun makes the folder of a recipe and writes the recipe into it. A folder
// that has a checkpoint already is an error: it would be lost.
func NewRun(r Recipe) (*Run, error) {
	if _, err := os.Stat(filepath.Join(r.Out, CheckpointFile)); err == nil {
		return nil, fmt.Errorf("finetune: %s has a run already: continue it with --resume, or choose another folder", r.Out)
	}
	if err := os.MkdirAll(r.Out, 0o755); err != nil {
		return nil, fmt.Errorf("finetune: %w", err)
	}
	text, err := r.YAML()
	if err != nil {
		return nil, err
	}
	if err := atomicfile.WriteBytes(filepath.Join(r.Out, RecipeFile), text); err != nil {
		return nil, err
	}
	return &Run{Recipe: r, dir: r.Out}, nil
}

// OpenRun opens the folder of a run that was begun.
func OpenRun(dir string) (*Run, error) {
	r, err := ReadRecipe(filepath.Join(dir, RecipeFile))
	if err != nil {
		return nil, err
	}
	r.Out = dir
	return &Run{Recipe: r.withDefaults(), dir: dir, resume: true}, nil
}

// epoch notes an epoch, keeps its weights where they are the best, and writes
// metrics and a checkpoint. stop says that the patience is at an end.
func (r *Run) epoch(rec Record, t *Trainer, weights map[string]tensor.Value) (stop bool, err error) {
	rec.Time = time.Now().UTC().Truncate(time.Second)
	r.records = append(r.records, rec)
	if rec.Val == nil || r.bestVal == nil || rec.Val[r.goal()] > r.bestVal[r.goal()] {
		r.best, r.bestVal, r.bestAt = weights, rec.Val, rec.Epoch
	}
	if err := r.writeMetrics(); err != nil {
		return false, err
	}
	if err := r.checkpoint(t); err != nil {
		return false, err
	}
	return rec.Val != nil && r.Recipe.Patience > 0 && rec.Epoch-r.bestAt >= r.Recipe.Patience, nil
}

// goal is the metric by which an epoch is the best.
func (r *Run) goal() string {
	if r.Recipe.Task == detectTask {
		return "ap50"
	}
	return "accuracy"
}

func (r *Run) writeMetrics() error {
	return atomicfile.Write(filepath.Join(r.dir, MetricsFile), func(w io.Writer) error {
		enc := json.NewEncoder(w)
		for _, rec := range r.records {
			if err := enc.Encode(rec); err != nil {
				return err
			}
		}
		return nil
	})
}

// progressOf is what a checkpoint says beside the values.
type progressOf struct {
	Position Position           `json:"position"`
	Records  []Record           `json:"records"`
	BestVal  map[string]float64 `json:"best_val,omitempty"`
	BestAt   int                `json:"best_at"`
}

// What begins the names of the values in a checkpoint.
const (
	stateKey = "state:"
	bestKey  = "best:"
	metaKey  = "finetune"
)

// checkpoint writes everything that the training needs to go on: a file of the
// ONNX format that holds values and no nodes.
func (r *Run) checkpoint(t *Trainer) error {
	meta, err := json.Marshal(progressOf{t.Position, r.records, r.bestVal, r.bestAt})
	if err != nil {
		return err
	}
	g := &onnx.Graph{Name: "checkpoint"}
	for prefix, values := range map[string]map[string]tensor.Value{stateKey: t.State(), bestKey: r.best} {
		for name, v := range values {
			g.Initializers = append(g.Initializers, onnx.NewTensor(prefix+name, v.(*tensor.Tensor)))
		}
	}
	m := &onnx.Model{
		IRVersion: 8, Opsets: []onnx.OpsetID{{Version: 13}}, ProducerName: "infer", Graph: g,
		Metadata: []onnx.StringPair{{Key: metaKey, Value: string(meta)}},
	}
	return onnx.Save(filepath.Join(r.dir, CheckpointFile), m, onnx.SaveOptions{})
}

// restore puts a trainer where the checkpoint says, if the run is continued and
// has one.
func (r *Run) restore(t *Trainer) error {
	if !r.resume {
		return nil
	}
	path := filepath.Join(r.dir, CheckpointFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil // it ended before the first
	}
	if err != nil {
		return fmt.Errorf("finetune: %w", err)
	}
	m, err := onnx.Parse(data)
	if err != nil {
		return fmt.Errorf("finetune: checkpoint %s: %w", path, err)
	}
	var p progressOf
	for _, pair := range m.Metadata {
		if pair.Key == metaKey {
			if err := json.Unmarshal([]byte(pair.Value), &p); err != nil {
				return fmt.Errorf("finetune: checkpoint %s: %w", path, err)
			}
		}
	}
	state := map[string]tensor.Value{}
	r.best = map[string]tensor.Value{}
	for _, init := range m.Graph.Initializers {
		v, err := init.Value()
		if err != nil {
			return fmt.Errorf("finetune: checkpoint %s: %w", path, err)
		}
		if name, ok := strings.CutPrefix(init.Name, stateKey); ok {
			state[name] = v
		} else if name, ok := strings.CutPrefix(init.Name, bestKey); ok {
			r.best[name] = v
		}
	}
	r.records, r.bestVal, r.bestAt = p.Records, p.BestVal, p.BestAt
	t.Position = p.Position
	return t.SetState(state)
}

// save writes the best model with what a model's folder has beside it.
func (r *Run) save(b *backbone, labels []string, score *Score) (string, error) {
	m := b.model
	m.ProducerName = "infer"
	path := filepath.Join(r.dir, BestFile)
	if err := onnx.Check(m); err != nil {
		return "", fmt.Errorf("finetune: the model that was made is not well formed: %w", err)
	}
	if err := onnx.Save(path, m, onnx.SaveOptions{}); err != nil {
		return "", err
	}
	if err := copyFiles(b.files, r.dir); err != nil {
		return "", err
	}
	if err := r.writeConfig(b, labels); err != nil {
		return "", err
	}
	return path, r.writeConfusion(labels, score)
}

// writeConfig writes config.json: that of the published model, with the labels.
func (r *Run) writeConfig(b *backbone, labels []string) error {
	config := map[string]any{}
	if _, err := b.files.JSON("config.json", &config); err != nil {
		return err
	}
	id2label, label2id := map[string]string{}, map[string]int{}
	for i, l := range labels {
		id2label[strconv.Itoa(i)] = l
		label2id[l] = i
	}
	config["id2label"], config["label2id"] = id2label, label2id
	config["num_labels"] = len(labels)
	config["problem_type"] = "single_label_classification"
	if b.isText {
		config["architectures"] = []string{"FinetunedForSequenceClassification"}
	} else {
		n := r.Recipe.normalization()
		config["architectures"] = []string{"FinetunedForImageClassification"}
		config["image_mean"], config["image_std"] = n.Mean, n.Std
	}
	text, err := json.MarshalIndent(config, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(filepath.Join(r.dir, "config.json"), append(text, '\n'))
}

// writeConfusion writes how often each class was taken for each.
func (r *Run) writeConfusion(labels []string, score *Score) error {
	return atomicfile.Write(filepath.Join(r.dir, ConfusionFile), func(w io.Writer) error {
		c := csv.NewWriter(w)
		_ = c.Write(append([]string{"true \\ predicted"}, labels...)) // Error tells
		for i, row := range score.Confusion {
			line := []string{labels[i]}
			for _, n := range row {
				line = append(line, strconv.Itoa(n))
			}
			_ = c.Write(line) // Error tells
		}
		c.Flush()
		return c.Error()
	})
}
