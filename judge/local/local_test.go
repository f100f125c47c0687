package local

import (
	"path/filepath"
	"testing"

	"github.com/seed6700ada1/infer"
	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/judge"
	"github.com/seed6700ada1/infer/judge/judges"
	"github.com/seed6700ada1/infer/models/lm"
)

// TestStories asks a small model of stories, which has no chat template: it goes on with a
// text, and gives words the probabilities that it would write them with.
func TestStories(t *testing.T) {
	dir := fixture.Shared(t, "models/language/babyllama-105")
	s, err := infer.Open(filepath.Join(dir, "onnx", "model.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	m, err := lm.Open(s, dir)
	if err != nil {
		t.Fatal(err)
	}
	j := judges.Local{ID: "stories", Version: "1", Model: New(m)}
	talk := []judge.Message{{Role: "user", Content: "Once upon a time, there was a little"}}
	got, err := j.Ask(t.Context(), &judge.Request{Messages: talk, Params: judge.Params{MaxTokens: 8}})
	if err != nil || got.Text == "" || got.Usage.Completion == 0 || got.Usage.Prompt == 0 {
		t.Errorf("answer %+v, %v", got, err)
	}
	first, err := m.Generate(t.Context(), "Once upon a time, there was a little\n\n", lm.Options{MaxTokens: 1, LogProbs: 3, PlainText: true, IgnoreEOS: true})
	if err != nil {
		t.Fatal(err)
	}
	word, err := m.Tokenizer.Decode([]int64{first.Tokens[0].ID}, false)
	if err != nil {
		t.Fatal(err)
	}
	got, err = j.Ask(t.Context(), &judge.Request{Messages: talk, Labels: []string{word, "zebra"}})
	if err != nil || got.Text != word || got.LogProbs[word] < first.Tokens[0].LogProb-1e-6 {
		t.Errorf("label %q: %+v, %v; want a log-probability of at least %v", word, got, err, first.Tokens[0].LogProb)
	}
}
