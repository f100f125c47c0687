package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/seed6700ada1/infer/judge/stats"
	"github.com/seed6700ada1/infer/models/lm"
	"github.com/seed6700ada1/infer/models/lm/sample"
	"github.com/seed6700ada1/infer/models/music"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

// prompt begins a tune.
const prompt = "X:1\nT:"

// mostCharacters is the longest tune that is waited for.
const mostCharacters = 1000

// rates is how many of some tunes can be read, and how many of them have full bars too.
type rates struct{ tunes, read, full int }

// take counts a tune.
func (r *rates) take(abc string) {
	r.tunes++
	t, err := music.Parse(abc)
	if err != nil {
		return
	}
	r.read++
	if t.Check() == nil {
		r.full++
	}
}

// write prints the rates with intervals.
func (r *rates) write(w io.Writer, of string) error {
	for _, x := range []struct {
		what string
		n    int
	}{{"can be read", r.read}, {"have full bars too", r.full}} {
		i, err := stats.Wilson(x.n, r.tunes, 0.95)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s: %d of %d %s: %.3f (95 %% from %.3f to %.3f)\n", of, x.n, r.tunes, x.what, i.Value, i.Lower, i.Upper)
	}
	return nil
}

// open opens the model in a folder.
func open(ctx context.Context, e runtime.Engine, dir string) (*lm.Model, func(), error) {
	m, err := onnx.Open(filepath.Join(dir, "model.onnx"))
	if err != nil {
		return nil, nil, err
	}
	s, err := e.Open(ctx, m, runtime.Options{Threads: 1})
	if err != nil {
		return nil, nil, err
	}
	model, err := lm.Open(s, dir)
	return model, func() { s.Close(); m.Close() }, err
}

// compose writes n tunes, each by a seed of its own.
func compose(ctx context.Context, m *lm.Model, n int, temperature float64) ([]string, error) {
	var tunes []string
	for seed := range n {
		r, err := m.Generate(ctx, prompt, lm.Options{MaxTokens: mostCharacters, Options: sample.Options{Temperature: temperature, Seed: uint64(seed + 1)}})
		if err != nil {
			return nil, err
		}
		tunes = append(tunes, prompt+r.Text)
	}
	return tunes, nil
}

// surprise is the mean over texts of -log of the probability of their characters, each
// character alike, with an interval by drawing texts again.
func surprise(ctx context.Context, m *lm.Model, tunes []string) (stats.Interval, error) {
	sums, lengths := make([]float64, len(tunes)), make([]float64, len(tunes))
	for i, t := range tunes {
		p, err := m.Perplexity(ctx, t+between, lm.Windows{}, nil)
		if err != nil {
			return stats.Interval{}, err
		}
		sums[i], lengths[i] = p.NLL*float64(p.Tokens), float64(p.Tokens)
	}
	return stats.Bootstrap{Seed: 1}.Interval(len(tunes), func(items []int) float64 {
		sum, length := 0.0, 0.0
		for _, i := range items {
			sum, length = sum+sums[i], length+lengths[i]
		}
		return sum / length
	})
}
