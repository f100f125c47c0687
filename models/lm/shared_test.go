package lm_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/seed6700ada1/infer"
	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/models/lm"
)

// reference is what ONNX Runtime gives for a decoder's files.
type reference struct {
	Variants map[string]struct {
		Prompts []struct {
			Prompt     string  `json:"prompt"`
			IDs        []int64 `json:"ids"`
			MinMargin  float64 `json:"min_margin"`
			MarginStep int     `json:"min_margin_step"`
		} `json:"prompts"`
		NLL        []float64 `json:"nll"`
		Perplexity float64   `json:"perplexity"`
	} `json:"variants"`
}

// same says whether ids are the reference's, up to a step at which two tokens were all
// but equally likely.
func same(got, want []int64, margin float64, step int) bool {
	n := 0
	for n < min(len(got), len(want)) && got[n] == want[n] {
		n++
	}
	return n == len(want) && n == len(got) || margin < 0.005 && n >= step
}

func openShared(tb testing.TB, rel string) *lm.Model {
	tb.Helper()
	path := fixture.Shared(tb, rel)
	s, err := infer.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	m, err := lm.Open(s, path)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// variants calls test for each file of the shared decoders.
func variants(t *testing.T, test func(t *testing.T, m *lm.Model, variant string, ref *reference)) {
	t.Helper()
	for _, name := range []string{"stories260K", "babyllama-105"} {
		data, err := os.ReadFile(fixture.Shared(t, "models/language/"+name+"/reference_decode.json"))
		if err != nil {
			t.Fatal(err)
		}
		var ref reference
		if err := json.Unmarshal(data, &ref); err != nil {
			t.Fatal(err)
		}
		for variant := range ref.Variants {
			file, exact, _ := strings.Cut(variant, " ")
			if _, other := ref.Variants[variant+" (float32 compute)"]; other && exact == "" {
				continue // we compute in float32: the reference of that name is ours
			}
			t.Run(name+"/"+file, func(t *testing.T) {
				test(t, openShared(t, "models/language/"+name+"/"+file), variant, &ref)
			})
		}
	}
}

func TestGreedyIsTheReference(t *testing.T) {
	variants(t, func(t *testing.T, m *lm.Model, variant string, ref *reference) {
		t.Helper()
		for _, p := range ref.Variants[variant].Prompts {
			r, err := m.Generate(t.Context(), p.Prompt, lm.Options{MaxTokens: len(p.IDs)})
			if err != nil {
				t.Fatal(err)
			}
			if !same(r.IDs, p.IDs, p.MinMargin, p.MarginStep) {
				t.Errorf("%q: ids %v, want %v", p.Prompt, r.IDs, p.IDs)
			}
			if r.Finish != lm.FinishLength {
				t.Errorf("%q: ended for %q, want length", p.Prompt, r.Finish)
			}
		}
	})
}

// The four prompts are of different lengths, so that rows are padded.
func TestBatchIsOneByOne(t *testing.T) {
	variants(t, func(t *testing.T, m *lm.Model, variant string, ref *reference) {
		t.Helper()
		var prompts []string
		for _, p := range ref.Variants[variant].Prompts {
			prompts = append(prompts, p.Prompt)
		}
		results, err := m.GenerateBatch(t.Context(), prompts, lm.Options{MaxTokens: 64})
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range ref.Variants[variant].Prompts {
			if !same(results[i].IDs, p.IDs, p.MinMargin, p.MarginStep) {
				t.Errorf("%q: ids %v, want %v", p.Prompt, results[i].IDs, p.IDs)
			}
		}
	})
}

func TestSchedulerIsOneByOne(t *testing.T) {
	for _, file := range []string{"stories260K/onnx/model.onnx", "stories260K/onnx/model_int8.onnx", "babyllama-105/genai/fp32/model.onnx"} {
		t.Run(file, func(t *testing.T) {
			m := openShared(t, "models/language/"+file)
			s := lm.NewScheduler(m, 5)
			defer s.Close()
			var wg sync.WaitGroup
			for i, prompt := range []string{"Once upon a time", "Lily", "The sun was hot", "One day, a big cat and a small bird", "Tom and his dog", "A", "He was sad"} {
				wg.Go(func() {
					o := lm.Options{MaxTokens: 10 + 7*i}
					want, err := m.Generate(t.Context(), prompt, o)
					if err != nil {
						t.Error(err)
						return
					}
					got, err := s.Generate(t.Context(), prompt, o)
					if err != nil {
						t.Error(err)
						return
					}
					if got.Text != want.Text || !slices.Equal(got.IDs, want.IDs) || got.Finish != want.Finish {
						t.Errorf("%q: %q, alone %q", prompt, got.Text, want.Text)
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestSchedulerLetsGo(t *testing.T) {
	m := openShared(t, "models/language/stories260K/onnx/model.onnx")
	s := lm.NewScheduler(m, 1)
	for _, err := range s.Stream(t.Context(), "Once", lm.Options{}) {
		if err != nil {
			t.Fatal(err)
		}
		break // frees the only row
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	for _, err := range s.Stream(ctx, "Once", lm.Options{}) {
		if n++; n == 3 {
			cancel()
		}
		if err != nil && ctx.Err() == nil {
			t.Fatal(err)
		}
	}
	if r, err := s.Generate(t.Context(), "Once upon", lm.Options{MaxTokens: 4}); err != nil || len(r.IDs) != 4 {
		t.Errorf("after others let go: %v, %v, want 4 tokens", r, err)
	}
	if _, err := s.Generate(t.Context(), strings.Repeat("word ", 600), lm.Options{}); err == nil {
		t.Error("a prompt beyond the context got an answer")
	}
	s.Close()
	if _, err := s.Generate(t.Context(), "Once", lm.Options{}); err == nil {
		t.Error("a closed scheduler answered")
	}
}

func TestPerplexityIsTheReference(t *testing.T) {
	variants(t, func(t *testing.T, m *lm.Model, variant string, ref *reference) {
		t.Helper()
		text, err := os.ReadFile(fixture.Shared(t, "models/language/story_text.txt"))
		if err != nil {
			t.Fatal(err)
		}
		p, err := m.Perplexity(t.Context(), string(text), lm.Windows{Size: 255, Tokens: 2000}, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := ref.Variants[variant]
		tolerance := 1e-3
		if strings.Contains(variant, "int8") { // a rounding that falls the other way is a step of 1/255
			if math.Abs(p.Perplexity/want.Perplexity-1) > 5e-3 {
				t.Errorf("perplexity %v, want %v", p.Perplexity, want.Perplexity)
			}
			return
		}
		for i, nll := range want.NLL {
			if math.Abs(-p.LogProbs[i]-nll) > tolerance {
				t.Fatalf("token %d: nll %v, want %v", i, -p.LogProbs[i], nll)
			}
		}
		if math.Abs(p.Perplexity/want.Perplexity-1) > 1e-5 {
			t.Errorf("perplexity %v, want %v", p.Perplexity, want.Perplexity)
		}
	})
}

func TestMemoryGivesTheSameAnswer(t *testing.T) {
	for _, file := range []string{"stories260K/onnx/model.onnx", "babyllama-105/genai/fp32/model.onnx"} {
		m := openShared(t, "models/language/"+file)
		memory := lm.NewMemory(2)
		prompt := "Once upon a time"
		for range 3 { // goes on where it ended, then parts from it
			for _, p := range []string{prompt, prompt[:len(prompt)-3] + "her big"} {
				want, err := m.Generate(t.Context(), p, lm.Options{MaxTokens: 12})
				if err != nil {
					t.Fatal(err)
				}
				got, err := m.Generate(t.Context(), p, lm.Options{MaxTokens: 12, Memory: memory})
				if err != nil {
					t.Fatal(err)
				}
				if got.Text != want.Text {
					t.Errorf("%s: %q: %q with a memory, %q without", file, p, got.Text, want.Text)
				}
				if p == prompt {
					prompt += want.Text
				}
			}
		}
	}
}

// A beam of width 1 is greedy; a wider one finds answers that are at least as likely.
func TestBeams(t *testing.T) {
	for _, file := range []string{"stories260K/onnx/model.onnx", "babyllama-105/genai/fp32/model.onnx"} {
		m := openShared(t, "models/language/"+file)
		greedy, err := m.Generate(t.Context(), "Lily", lm.Options{MaxTokens: 12})
		if err != nil {
			t.Fatal(err)
		}
		one, err := m.Beams(t.Context(), "Lily", lm.BeamOptions{Width: 1, MaxTokens: 12})
		if err != nil {
			t.Fatal(err)
		}
		if one[0].Text != greedy.Text || !slices.Equal(one[0].IDs, greedy.IDs) {
			t.Errorf("%s: a beam of width 1 writes %q, greedy %q", file, one[0].Text, greedy.Text)
		}
		four, err := m.Beams(t.Context(), "Lily", lm.BeamOptions{Width: 4, MaxTokens: 12})
		if err != nil {
			t.Fatal(err)
		}
		if len(four) != 4 || four[0].Score < one[0].Score-1e-6 {
			t.Errorf("%s: the best of %d beams has the score %v, greedy %v", file, len(four), four[0].Score, one[0].Score)
		}
		for i, b := range four {
			prompt, err := m.Tokenizer.Encode("Lily")
			if err != nil {
				t.Fatal(err)
			}
			logs, err := m.Score(t.Context(), slices.Concat(prompt.IDs, b.IDs))
			if err != nil {
				t.Fatal(err)
			}
			sum := 0.0
			for _, l := range logs[len(logs)-len(b.IDs):] {
				sum += l
			}
			if math.Abs(sum-b.Score) > 1e-3 {
				t.Errorf("%s: beam %d has the score %v, its tokens %v", file, i, b.Score, sum)
			}
			if i > 0 && b.Score > four[i-1].Score {
				t.Errorf("%s: beam %d is better than the one before it", file, i)
			}
		}
	}
}
