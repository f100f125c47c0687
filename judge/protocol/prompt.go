package protocol

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"text/template"

	"github.com/seed6700ada1/infer/judge"
)

// A Prompt is a pair of text/template templates. They see a [View], and the function
// data, which puts a text between marks:
//
//	{{data "answer A" .Text}}
//
// The marks carry a number, the same for all texts of an item, that is a hash of these
// texts: a candidate cannot hold the hash of itself, so that no text can end its own
// marks and go on as if it were the prompt. What stands between marks is never parsed as
// a template.
type Prompt struct {
	System string `yaml:"system"`
	User   string `yaml:"user"`
}

// A View is what a prompt shows.
type View struct {
	Input      string
	Reference  string // empty where none is to be shown
	Metrics    string // empty where none were chosen
	Candidates []Shown
	Rubric     string
	Scale      [2]float64
	Ties       bool
	Reasoning  bool
	Verdict    string // how to write the verdict
	Nonce      string // the number in the marks
}

// A Shown is a candidate under the label that the judge knows it by.
type Shown struct {
	Label string
	Text  string
}

// prompts are the parsed templates of a protocol.
type prompts struct{ system, user, preparation, metrics, reference *template.Template }

// parsePrompts returns the templates, and tries them.
func parsePrompts(o *Options) (prompts, error) {
	chosen := builtin(o.Kind)
	if o.Prompt != nil {
		chosen = *o.Prompt
	}
	var p prompts
	for _, t := range []struct {
		name, text string
		to         **template.Template
	}{
		{"system", chosen.System, &p.system},
		{"user", chosen.User, &p.user},
		{"preparation", preparation, &p.preparation},
		{"metrics", metricsPrompt, &p.metrics},
		{"reference", referencePrompt, &p.reference},
	} {
		parsed, err := template.New(t.name).Funcs(marks("0")).Parse(t.text)
		if err != nil {
			return prompts{}, fmt.Errorf("prompt: %w", err)
		}
		if _, err := render(parsed, &View{Candidates: []Shown{{"A", "a"}, {"B", "b"}}, Nonce: "0"}); err != nil {
			return prompts{}, fmt.Errorf("prompt: %w", err)
		}
		*t.to = parsed
	}
	return p, nil
}

// marks returns the functions that templates know.
func marks(nonce string) template.FuncMap {
	return template.FuncMap{"data": func(what, text string) string {
		return fmt.Sprintf("<<<DATA %s %s\n%s\nDATA %s>>>", nonce, what, text, nonce)
	}}
}

// render returns what a template makes of a view.
func render(t *template.Template, v *View) (string, error) {
	own, err := t.Clone()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := own.Funcs(marks(v.Nonce)).Execute(&b, v); err != nil {
		return "", err
	}
	return strings.TrimSpace(b.String()), nil
}

// nonce returns the number in the marks of an item: part of a hash of all texts that are
// shown between them, and none that one of them holds.
func nonce(it *judge.Item, extra ...string) string {
	texts := append([]string{it.Input, it.Reference}, extra...)
	for _, c := range it.Candidates {
		texts = append(texts, c.Text)
	}
	for try := 0; ; try++ {
		h := sha256.New()
		fmt.Fprintf(h, "%d", try)
		for _, text := range texts {
			fmt.Fprintf(h, "|%d:%s", len(text), text)
		}
		n := hex.EncodeToString(h.Sum(nil)[:8])
		free := true
		for _, text := range texts {
			free = free && !strings.Contains(text, n)
		}
		if free {
			return n
		}
	}
}

// label returns what a judge calls the candidate shown at place i: A, B, C, …
func label(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return strconv.Itoa(i + 1)
}
