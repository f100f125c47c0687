package main

import (
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/native"
)

// The pieces of "aab" and "aaab": a, ##a occurs as often as ##a, ##b, which comes first by
// its name; then all pairs are alike.
func TestPieces(t *testing.T) {
	texts := slices.Repeat([]string{"aab aaab"}, 5)
	got := learnPieces(texts, 7)
	want := []string{"[PAD]", "[UNK]", "##a", "##b", "a", "##ab", "##aab"}
	if !slices.Equal(got, want) {
		t.Errorf("pieces %q, want %q", got, want)
	}
}

// A student learns two directions by heart.
func TestDistil(t *testing.T) {
	dir := t.TempDir()
	texts := []string{"one two three", "four five six", "one two two", "four six five"}
	vocabulary := learnPieces(slices.Repeat(texts, 5), 60)
	r := recipe{shape: shape{len(vocabulary), 8, 16, 2}, epochs: 60, batch: 2, rate: 1e-1, length: 8, seed: 1, threads: 1}
	if err := writeTokenizer(dir, vocabulary); err != nil {
		t.Fatal(err)
	}
	vectors := make([]float32, len(texts)*dimension)
	for i := range texts {
		vectors[i*dimension+i%2] = 1
	}
	set, err := newExamples(dir, texts, vectors, r.length)
	if err != nil {
		t.Fatal(err)
	}
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	weights, log, err := distil(t.Context(), e, &r, set, set)
	if err != nil {
		t.Fatal(err)
	}
	if c := log[len(log)-1].Cosine; c < 0.9 {
		t.Errorf("cosine %v after %d epochs, want 0.9", c, r.epochs)
	}
	if err := export(dir, r.shape, weights); err != nil {
		t.Fatal(err)
	}
}
