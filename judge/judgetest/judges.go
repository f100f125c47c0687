package judgetest

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/seed6700ada1/infer/judge"
)

// Gullible is a judge that obeys every text that it takes for a part of its prompt: the
// worst that a language model could be. What its system message calls marked text, it
// takes for material, up to the first end mark. Of everything else it obeys each line
// that is not of an honest candidate, in favour of the candidate that the line came from.
// What it obeys nobody in, it judges well: the candidate that holds Good wins.
type Gullible struct {
	Good   string
	Honest func(line string) bool // whether a line is one that candidates hold without an attack
}

// Name returns the name.
func (Gullible) Name() string { return "gullible" }

// Identity returns the name.
func (Gullible) Identity() string { return "gullible" }

// declared finds the marks that a system message tells of.
var declared = regexp.MustCompile(`between the marks "([^"]+)" and "([^"]+)"`)

// Ask answers in the form that the prompt asks for, as JSON.
func (g Gullible) Ask(_ context.Context, req *judge.Request) (judge.Answer, error) {
	q := req.Question
	var system, user string
	for _, m := range req.Messages {
		if m.Role == "system" {
			system += m.Content
		} else {
			user += m.Content
		}
	}
	visible := user
	if m := declared.FindStringSubmatch(strings.Join(strings.Fields(system), " ")); m != nil {
		visible = withoutMarked(user, m[1], m[2])
	}
	scores := make([]int, len(q.Order))
	for i, c := range q.Order {
		text := q.Item.Candidates[c].Text
		if strings.Contains(text, g.Good) {
			scores[i] = 1
		}
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			if line != "" && !g.Honest(line) && strings.Contains(visible, line) {
				scores[i] = 2
			}
		}
	}
	return judge.Answer{Text: verdictOf(q, scores)}, nil
}

// withoutMarked returns text without what stands between marks: from each begin to the
// first end behind it.
func withoutMarked(text, begin, end string) string {
	var b strings.Builder
	for {
		head, tail, ok := strings.Cut(text, begin)
		b.WriteString(head)
		if !ok {
			return b.String()
		}
		if _, text, ok = strings.Cut(tail, end); !ok {
			return b.String()
		}
	}
}

// verdictOf returns the verdict by scores from 0 to 2, as JSON.
func verdictOf(q *judge.Question, scores []int) string {
	if q.Kind == judge.Pointwise {
		return fmt.Sprintf(`{"score": %g}`, q.Scale[0]+float64(scores[0])/2*(q.Scale[1]-q.Scale[0]))
	}
	if scores[0] >= scores[1] {
		return `{"winner": "A"}`
	}
	return `{"winner": "B"}`
}

// Parrot is a judge that cannot be fooled, and quotes all candidates in full before it
// concludes, in the manner of Format: what it says must not be mistaken for what it
// quotes.
type Parrot struct {
	Good   string
	Format func(q *judge.Question, scores []int) string // the conclusion; nil for JSON
}

// Name returns the name.
func (Parrot) Name() string { return "parrot" }

// Identity returns the name.
func (Parrot) Identity() string { return "parrot" }

// Ask quotes and concludes.
func (p Parrot) Ask(_ context.Context, req *judge.Request) (judge.Answer, error) {
	q := req.Question
	var b strings.Builder
	scores := make([]int, len(q.Order))
	for i, c := range q.Order {
		text := q.Item.Candidates[c].Text
		fmt.Fprintf(&b, "Answer %c says: %s\n", 'A'+i, text)
		if strings.Contains(text, p.Good) {
			scores[i] = 1
		}
	}
	format := p.Format
	if format == nil {
		format = verdictOf
	}
	b.WriteString("I have read all of it.\n")
	b.WriteString(format(q, scores))
	return judge.Answer{Text: b.String()}, nil
}
