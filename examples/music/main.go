// Command music trains a network that writes folk tunes, a character at a time, from
// nothing: an LSTM on tunes in ABC notation.
//
//	go run ./examples/music --data irish.abc --out out/music
//
// Into the folder it writes a model folder that infer generate and infer tune take, the log
// of the training, and tunes that the model wrote.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/seed6700ada1/infer/internal/atomicfile"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "music:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	var (
		r           recipe
		data, out   string
		held        float64
		evaluate    string
		temperature float64
		n           int
	)
	f := flag.NewFlagSet("music", flag.ContinueOnError)
	f.StringVar(&data, "data", "../shared/data/text/irish.abc", "tunes in ABC, separated by empty lines")
	f.StringVar(&out, "out", "out/music", "folder for the model and the log")
	f.IntVar(&r.embedding, "embedding", 256, "numbers that a character becomes")
	f.IntVar(&r.hidden, "hidden", 256, "numbers that are remembered")
	f.IntVar(&r.Length, "length", 100, "characters of a piece")
	f.IntVar(&r.Batch, "batch", 8, "pieces of a step")
	f.IntVar(&r.Iterations, "iterations", 3000, "steps")
	f.Float64Var(&r.Rate, "rate", 5e-3, "learning rate")
	f.StringVar(&r.Schedule, "schedule", "constant", "of the learning rate: constant, cosine, …")
	f.Float64Var(&r.Average, "average", 0, "keep an average of the weights over the steps, such as 0.999")
	f.Float64Var(&held, "held", 0, "share of the tunes that is held back, to measure on")
	f.Uint64Var(&r.Seed, "seed", 1, "of everything that is drawn")
	f.StringVar(&evaluate, "evaluate", "", "train nothing: measure the model in this folder")
	f.Float64Var(&temperature, "temperature", 0.7, "with which tunes are written")
	f.IntVar(&n, "tunes", 200, "tunes that are written to be measured")
	f.IntVar(&r.Threads, "threads", 0, "threads; 0 for all")
	if err := f.Parse(args); err != nil {
		return err
	}
	c, err := readCorpus(data)
	if err != nil {
		return err
	}
	learn, test := c.split(held, 1)
	ids := c.encode(learn)
	if len(ids) <= r.Length+1 {
		return fmt.Errorf("%s: %d characters to learn from, expected more than a piece of %d", data, len(ids), r.Length)
	}
	r.vocab = len(c.vocab)
	e, err := native.New()
	if err != nil {
		return err
	}
	if evaluate == "" {
		if err := learnt(ctx, e, r, c, ids, out); err != nil {
			return err
		}
		evaluate = out
	}
	return measure(ctx, e, evaluate, c, test, n, temperature)
}

// learnt trains a network and writes its folder.
func learnt(ctx context.Context, e runtime.Engine, r recipe, c *corpus, ids []int64, out string) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d characters of %d kinds; %d parameters\n", len(ids), r.vocab, r.parameters())
	weights, log, err := train(ctx, e, r, ids, os.Stderr)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(filepath.Join(out, "log.jsonl"), writeLog(log)); err != nil {
		return err
	}
	fmt.Printf("loss of the first step: %.4f; mean of the last 100: %.4f\n", log[0].Loss, lastMean(log, 100))
	return export(out, c, r.size, weights)
}

// measure prints how good the model in a folder is: how surprising tunes are to it that
// it has not seen, and how many of the tunes that it writes are tunes.
func measure(ctx context.Context, e runtime.Engine, dir string, c *corpus, held []string, n int, temperature float64) error {
	m, done, err := open(ctx, e, dir)
	if err != nil {
		return err
	}
	defer done()
	if len(held) > 0 {
		p, err := surprise(ctx, m, held)
		if err != nil {
			return err
		}
		fmt.Printf("loss on %d tunes held back: %.4f (95 %% from %.4f to %.4f)\n", len(held), p.Value, p.Lower, p.Upper)
	}
	var own, theirs rates
	for _, t := range c.tunes {
		theirs.take(t)
	}
	if err := theirs.write(os.Stdout, "tunes of the collection"); err != nil {
		return err
	}
	tunes, err := compose(ctx, m, n, temperature)
	if err != nil {
		return err
	}
	for _, t := range tunes {
		own.take(t)
	}
	return own.write(os.Stdout, fmt.Sprintf("tunes written at temperature %g", temperature))
}
