package report

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/seed6700ada1/infer/judge"
	"github.com/seed6700ada1/infer/judge/run"
)

// A Line is a verdict in a file of verdicts, with what comparisons of runs need of its
// item.
type Line struct {
	judge.Verdict
	Names   []string      `json:"names,omitempty"` // of the candidates
	Cluster string        `json:"cluster,omitempty"`
	Label   *judge.Choice `json:"label,omitempty"`
	Outcome *float64      `json:"outcome,omitempty"` // see [Group]: 1, ½, 0 or the first candidate's score; none where unscored
	Right   *bool         `json:"right,omitempty"`   // where there is a label and a verdict
}

// LineOf returns the line of a result.
func LineOf(r run.Result) Line {
	it, v := r.Job.Item, r.Verdict
	line := Line{Verdict: v, Cluster: it.Cluster, Label: it.Label}
	for _, c := range it.Candidates {
		if c.Name != "" {
			line.Names = append(line.Names, c.Name)
		}
	}
	if len(line.Names) != len(it.Candidates) {
		line.Names = nil
	}
	if v.Scored() {
		outcome := outcomeOf(&v)
		line.Outcome = &outcome
		if labelled, right := correct(it, &v); labelled {
			is := right == 1
			line.Right = &is
		}
	}
	return line
}

// ReadLines yields the lines of the file at path.
func ReadLines(path string) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		file, err := os.Open(path)
		if err != nil {
			yield(Line{}, fmt.Errorf("report: %w", err))
			return
		}
		defer file.Close()
		dec := json.NewDecoder(bufio.NewReaderSize(file, 1<<16))
		for n := 1; ; n++ {
			var line Line
			err := dec.Decode(&line)
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				err = fmt.Errorf("report: %s: verdict %d: %w", path, n, err)
			}
			if !yield(line, err) || err != nil {
				return
			}
		}
	}
}
