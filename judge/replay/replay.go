// Package replay computes the figures of runs that were recorded elsewhere, laid out as
// LLMBar lays them out:
//
//	SUBSET/dataset.json
//	SUBSET/evaluators/JUDGE/PROMPT.json          or JUDGE/PROMPT/result.json
//
// A run is a JSON array of items, each with a label and results; the last result that
// holds the verdicts of both orders counts, as what stands before it are the steps that
// led there. The figures are made from the recorded verdicts. Beside them every recorded
// completion is read again with a parser of this module, and where it reads something
// else than what was recorded, that is a [Difference].
//
// Runs are streamed: one item is in memory at a time.
package replay

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/judge"
	"github.com/seed6700ada1/infer/judge/stats"
	"github.com/seed6700ada1/infer/judge/verdict"
)

// A Run is a recorded run.
type Run struct {
	Subset string // the folder that holds "evaluators", relative to the root, with slashes
	Judge  string
	Prompt string
	Path   string // of the file
}

// Find returns the runs below dir, in the order of their subset, judge and prompt.
func Find(dir string) ([]Run, error) {
	var runs []Run
	err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(file) != ".json" {
			return err
		}
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		if run, ok := runOf(filepath.ToSlash(rel)); ok {
			run.Path = file
			runs = append(runs, run)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	if len(runs) == 0 {
		return nil, fmt.Errorf("replay: no recorded runs in %s: want SUBSET/evaluators/JUDGE/PROMPT.json", dir)
	}
	slices.SortFunc(runs, func(a, b Run) int {
		return slices.Compare([]string{a.Subset, a.Judge, a.Prompt}, []string{b.Subset, b.Judge, b.Prompt})
	})
	return runs, nil
}

// runOf tells a run from its path, with slashes.
func runOf(rel string) (Run, bool) {
	parts := strings.Split(rel, "/")
	i := slices.Index(parts, "evaluators")
	if i < 0 {
		return Run{}, false
	}
	run := Run{Subset: path.Join(parts[:i]...)}
	if run.Subset == "" {
		run.Subset = "."
	}
	switch rest := parts[i+1:]; {
	case len(rest) == 2:
		run.Judge, run.Prompt = rest[0], strings.TrimSuffix(rest[1], ".json")
	case len(rest) == 3 && rest[2] == "result.json":
		run.Judge, run.Prompt = rest[0], rest[1]
	default:
		return Run{}, false
	}
	return run, true
}

// Figures are what a run's recorded verdicts come to. An order that was not scored
// counts as wrong, and agrees with the other order only where that was not scored
// either: so do the figures that are published for such runs.
type Figures struct {
	N        int    // items
	Correct  [2]int // verdicts equal to the label, in the order given and swapped
	Both     int    // items with both equal to the label
	Same     int    // items whose two verdicts are the same
	Unscored int    // verdicts that the recording has none for

	// Pairs counts the two verdicts of items: Pairs[given][swapped], by the place of the
	// verdict in first, second, tie, unscored.
	Pairs [4][4]int

	Completions int // read again with a parser of this module
	Differences []Difference
}

// Accuracy returns the share of verdicts that are right, over both orders, in percent.
func (f *Figures) Accuracy() float64 {
	return float64(f.Correct[0]+f.Correct[1]) / float64(2*f.N) * 100
}

// AccuracyOf returns the share of verdicts that are right in one order, 0 as given and 1
// swapped, in percent.
func (f *Figures) AccuracyOf(order int) float64 {
	return float64(f.Correct[order]) / float64(f.N) * 100
}

// AccuracyBoth returns the share of items that are right in both orders, in percent.
func (f *Figures) AccuracyBoth() float64 { return float64(f.Both) / float64(f.N) * 100 }

// Agreement returns the share of items whose two verdicts are the same, in percent.
func (f *Figures) Agreement() float64 { return float64(f.Same) / float64(f.N) * 100 }

// Kappa returns Cohen's κ of the two orders on the question whether the first candidate
// won, to which no verdict is a no, and whether it is defined. It is what is published
// for such runs.
func (f *Figures) Kappa() (float64, bool) {
	table := [][]float64{make([]float64, 2), make([]float64, 2)}
	for given, row := range f.Pairs {
		for swapped, n := range row {
			table[min(given, 1)][min(swapped, 1)] += float64(n)
		}
	}
	kappa, err := stats.Cohen(table, stats.Unweighted)
	return kappa, err == nil
}

// A Difference is a completion that this module reads otherwise than was recorded.
type Difference struct {
	Item     int // from 0
	Swapped  bool
	Text     string
	Recorded judge.Reading[judge.Choice]
	Read     judge.Reading[judge.Choice]
}

// Score reads a run to its end.
func Score(ctx context.Context, run Run) (Figures, error) {
	file, err := os.Open(run.Path)
	if err != nil {
		return Figures{}, fmt.Errorf("replay: %w", err)
	}
	defer file.Close()
	f, err := score(ctx, file)
	if err != nil {
		return Figures{}, fmt.Errorf("replay: %s: %w", run.Path, err)
	}
	return f, nil
}

func score(ctx context.Context, r io.Reader) (Figures, error) {
	dec := json.NewDecoder(bufio.NewReaderSize(r, 1<<16))
	if first, err := dec.Token(); err != nil || first != json.Delim('[') {
		return Figures{}, errors.Join(errors.New("want a JSON array of items"), err)
	}
	var f Figures
	for dec.More() {
		if err := ctx.Err(); err != nil {
			return Figures{}, err
		}
		var it item
		if err := dec.Decode(&it); err != nil {
			return Figures{}, fmt.Errorf("item %d: %w", f.N, err)
		}
		if err := f.add(&it); err != nil {
			return Figures{}, fmt.Errorf("item %d: %w", f.N, err)
		}
	}
	if _, err := dec.Token(); err != nil {
		return Figures{}, fmt.Errorf("the end of the array: %w", err)
	}
	if f.N == 0 {
		return Figures{}, errors.New("no items")
	}
	return f, nil
}

// add counts an item.
func (f *Figures) add(it *item) error {
	label, err := it.label()
	if err != nil {
		return err
	}
	orders, err := it.orders()
	if err != nil {
		return err
	}
	var got [2]judge.Reading[judge.Choice]
	right := 0
	for i, o := range orders {
		if got[i], err = o.recorded(); err != nil {
			return err
		}
		if c, ok := got[i].Value(); ok && c == label {
			f.Correct[i]++
			right++
		} else if !ok {
			f.Unscored++
		}
		f.reread(o, i == 1, got[i])
	}
	if right == 2 {
		f.Both++
	}
	given, swapped := place(got[0]), place(got[1])
	f.Pairs[given][swapped]++
	if given == swapped {
		f.Same++
	}
	f.N++
	return nil
}

// reread reads the completion of an order and keeps it where the reading is another one
// than recorded.
func (f *Figures) reread(o *order, swapped bool, recorded judge.Reading[judge.Choice]) {
	text, ok := o.text()
	if !ok {
		return
	}
	f.Completions++
	read := verdict.Output(text)
	if swapped {
		read = judge.Map(read, judge.Choice.Swap)
	}
	if place(read) != place(recorded) {
		f.Differences = append(f.Differences, Difference{f.N, swapped, text, recorded, read})
	}
}

// place returns where a reading stands in first, second, tie, unscored.
func place(r judge.Reading[judge.Choice]) int {
	c, ok := r.Value()
	switch {
	case !ok:
		return 3
	case c == judge.First:
		return 0
	case c == judge.Second:
		return 1
	}
	return 2
}
