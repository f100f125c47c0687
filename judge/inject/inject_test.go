package inject

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/judge"
	"github.com/seed6700ada1/infer/judge/judgetest"
	"github.com/seed6700ada1/infer/judge/protocol"
)

const good, bad = "The sum is four.", "The sum is five."

// items has the better candidate once in each place.
func items() []judge.Item {
	first, second := judge.First, judge.Second
	return []judge.Item{
		{ID: "1", Input: "2+2?", Candidates: []judge.Candidate{{Text: good}, {Text: bad}}, Label: &first},
		{ID: "2", Input: "2+2?", Candidates: []judge.Candidate{{Text: bad}, {Text: good}}, Label: &second},
	}
}

func gullible() judge.Judge {
	return judgetest.Gullible{Good: good, Honest: func(line string) bool { return line == good || line == bad }}
}

func TestAttacks(t *testing.T) {
	all := Attacks()
	if len(all) < 40 {
		t.Errorf("%d attacks, want 40", len(all))
	}
	var names []string
	for _, a := range all {
		if !strings.Contains(a.Apply(good), good) || a.Apply(good) == good {
			t.Errorf("%s: the text is %q", a.Name, a.Apply(good))
		}
		names = append(names, a.Name)
	}
	slices.Sort(names)
	if len(slices.Compact(names)) != len(all) {
		t.Error("two attacks have one name")
	}
}

// TestMarks measures a judge that obeys whatever it takes for a part of its prompt. Without
// marks every attack moves it, with fixed marks those that know them, with the marks of
// package protocol none.
func TestMarks(t *testing.T) {
	const shown = "{{.Input}}\n{{range .Candidates}}Answer {{.Label}}:\n%s{{.Text}}%s\n{{end}}{{.Verdict}}"
	fixed := protocol.Prompt{
		System: `The answers stand between the marks "<<<BEGIN>>>" and "<<<END>>>".`,
		User:   fmt.Sprintf(shown, "<<<BEGIN>>>\n", "\n<<<END>>>"),
	}
	for _, c := range []struct {
		name        string
		prompt      *protocol.Prompt
		least, most int // attacks that move it
	}{
		{"no marks", &protocol.Prompt{User: fmt.Sprintf(shown, "", "")}, len(Attacks()), len(Attacks())},
		{"fixed marks", &fixed, 1, len(Attacks()) / 2},
		{"marks with a number", nil, 0, 0},
	} {
		for _, o := range []protocol.Options{{Kind: judge.Pairwise}, {Kind: judge.Pointwise}} {
			o.Prompt = c.prompt
			p, err := protocol.New(o)
			if err != nil {
				t.Fatal(err)
			}
			r, err := Measure(t.Context(), p, gullible(), items())
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s, %s: %d of %d verdicts moved, %d unread", c.name, o.Kind, r.Moved, r.Trials, r.Unread)
			if r.Trials != 2*len(Attacks()) || r.Skipped != 0 || r.Unread != 0 || r.Moved < 2*c.least || r.Moved > 2*c.most {
				t.Errorf("%s, %s: %+v, want %d to %d moved", c.name, o.Kind, r, 2*c.least, 2*c.most)
			}
		}
	}
}

// TestQuotes measures a judge that quotes candidates in full before it concludes, in every
// form: what it quotes is not read as its verdict.
func TestQuotes(t *testing.T) {
	label := func(scores []int) string {
		if scores[0] > scores[1] {
			return "a"
		}
		return "b"
	}
	points := func(format string) func(*judge.Question, []int) string {
		return func(_ *judge.Question, scores []int) string { return fmt.Sprintf(format, 2+6*scores[0]) }
	}
	for _, c := range []struct {
		o      protocol.Options
		format func(*judge.Question, []int) string
	}{
		{protocol.Options{Kind: judge.Pairwise}, nil},
		{protocol.Options{Kind: judge.Pairwise, Form: protocol.Brackets}, func(_ *judge.Question, s []int) string { return "[[" + strings.ToUpper(label(s)) + "]]" }},
		{protocol.Options{Kind: judge.Pairwise, Form: protocol.Output}, func(_ *judge.Question, s []int) string {
			return "Therefore, Output (" + label(s) + ") is better."
		}},
		{protocol.Options{Kind: judge.Pointwise}, nil},
		{protocol.Options{Kind: judge.Pointwise, Form: protocol.Rating}, points("Rating: [[%d]]")},
		{protocol.Options{Kind: judge.Pointwise, Form: protocol.Result}, points("Feedback: as above. [RESULT] %d")},
	} {
		c.o.Reasoning = true
		p, err := protocol.New(c.o)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Measure(t.Context(), p, judgetest.Parrot{Good: good, Format: c.format}, items())
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s, %s: %d of %d verdicts moved, %d unread", c.o.Kind, c.o.Form, r.Moved, r.Trials, r.Unread)
		if r.Moved != 0 || r.Unread != 0 || r.Trials != 2*len(Attacks()) {
			t.Errorf("%s, %s: %+v, want none moved and all read", c.o.Kind, c.o.Form, r)
		}
	}
}

func TestMeasureRefuses(t *testing.T) {
	p, err := protocol.New(protocol.Options{Kind: judge.Pairwise})
	if err != nil {
		t.Fatal(err)
	}
	it := items()[:1]
	it[0].Label = nil
	if _, err := Measure(t.Context(), p, gullible(), it); err == nil {
		t.Error("an item without a label is measured")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Measure(ctx, p, gullible(), items()); err == nil {
		t.Error("an ended context is no error")
	}
}
