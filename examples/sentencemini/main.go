// Command sentencemini trains a small sentence encoder to give the vectors that a
// larger one gives: it makes its own vocabulary of pieces of words, asks the teacher for
// the vectors of openly licensed texts, and learns them.
//
//	go run ./examples/sentencemini --teacher ../shared/models/language/all-MiniLM-L6-v2 --out out/sentence-mini
//
// See models/recipes/sentence-mini for the data, the figures and the steps to the file that is
// given away.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/seed6700ada1/infer/internal/atomicfile"
	"github.com/seed6700ada1/infer/runtime/native"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "sentence-mini:", err)
		os.Exit(1)
	}
}

// recipe says what is trained and how.
type recipe struct {
	shape
	data, teacher, out, cache string
	epochs, batch, length     int
	rate                      float64
	seed                      uint64
	threads                   int
}

func run(ctx context.Context, args []string) error {
	var r recipe
	f := flag.NewFlagSet("sentence-mini", flag.ContinueOnError)
	f.StringVar(&r.data, "data", "../shared/data", "folder of the texts")
	f.StringVar(&r.teacher, "teacher", "../shared/models/language/all-MiniLM-L6-v2", "model whose vectors are learnt")
	f.StringVar(&r.out, "out", "out/sentence-mini", "folder for the model")
	f.StringVar(&r.cache, "cache", "", "file that keeps the teacher's vectors; empty for one in the folder")
	f.IntVar(&r.vocab, "vocab", 8000, "pieces of words")
	f.IntVar(&r.width, "width", 128, "numbers of a piece")
	f.IntVar(&r.inner, "inner", 256, "width of the layer behind the pooling")
	f.IntVar(&r.heads, "heads", 4, "ways in which pieces are weighed")
	f.IntVar(&r.length, "length", 48, "pieces of a text that are read while training")
	f.IntVar(&r.epochs, "epochs", 12, "how often each text is learnt from")
	f.IntVar(&r.batch, "batch", 64, "texts of a step")
	f.Float64Var(&r.rate, "rate", 3e-3, "learning rate")
	f.Uint64Var(&r.seed, "seed", 1, "of everything that is drawn")
	f.IntVar(&r.threads, "threads", 0, "threads; 0 for all")
	if err := f.Parse(args); err != nil {
		return err
	}
	if r.cache == "" {
		r.cache = filepath.Join(r.out, "teacher.bin")
	}
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return err
	}
	texts, err := readTexts(r.data)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d texts\n", len(texts))
	vocabulary := learnPieces(texts, r.vocab)
	r.vocab = len(vocabulary)
	if err := writeTokenizer(r.out, vocabulary); err != nil {
		return err
	}
	e, err := native.New()
	if err != nil {
		return err
	}
	vectors, err := teach(ctx, e, &r, texts)
	if err != nil {
		return err
	}
	set, err := newExamples(r.out, texts, vectors, r.length)
	if err != nil {
		return err
	}
	train, held := set.split(0.04, r.seed)
	weights, log, err := distil(ctx, e, &r, train, held)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(filepath.Join(r.out, "log.jsonl"), log.write); err != nil {
		return err
	}
	return export(r.out, r.shape, weights)
}
