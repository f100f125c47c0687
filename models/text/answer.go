package text

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/models/text/tokenizer"
)

// AnswerOptions say how questions are answered.
type AnswerOptions struct {
	// MaxTokens bounds an answer; 0 is 15.
	MaxTokens int
	// Stride is how many tokens the pieces of a long text share; 0 is half of what the
	// model takes, at most 128.
	Stride int
	// Top is how many answers to return; 0 is 1.
	Top int
}

// Answer is the part of a text that answers a question.
type Answer struct {
	Text       string
	Score      float64 // the probability that it begins and ends there
	Start, End int     // bytes of the text, [Start, End)
}

// Answerer finds answers in texts. It is safe for concurrent use.
type Answerer struct {
	m          *Model
	start, end string
	opts       AnswerOptions
}

// NewAnswerer makes an answerer of a model with the outputs start_logits and end_logits.
func NewAnswerer(m *Model, opts AnswerOptions) (*Answerer, error) {
	a := &Answerer{m: m, start: "start_logits", end: "end_logits", opts: opts}
	for _, name := range []string{a.start, a.end} {
		if out, err := m.output(2, name); err != nil || out.Name != name {
			return nil, fmt.Errorf("text: the model has no output %q, which says where answers are", name)
		}
	}
	if opts.MaxTokens < 0 || opts.Stride < 0 || opts.Top < 0 {
		return nil, fmt.Errorf("text: answers of %d tokens, a stride of %d and %d answers, expected 0 or more", opts.MaxTokens, opts.Stride, opts.Top)
	}
	if opts.MaxTokens == 0 {
		a.opts.MaxTokens = 15
	}
	if opts.Top == 0 {
		a.opts.Top = 1
	}
	return a, nil
}

// Answer returns the likeliest answers to a question in a text, the likeliest first. A
// text that is longer than the model takes is read in pieces that overlap.
func (a *Answerer) Answer(ctx context.Context, question, text string) ([]Answer, error) {
	pieces, err := a.pieces(question, text)
	if err != nil {
		return nil, err
	}
	var found []Answer
	err = a.m.each(ctx, pieces, func(b *batch) error {
		start, shape, err := b.floats(a.start, 2)
		if err != nil {
			return err
		}
		end, _, err := b.floats(a.end, 2)
		if err != nil {
			return err
		}
		if shape[1] != b.width || len(end) != len(start) {
			return fmt.Errorf("text: outputs %q and %q have %d and %d scores, expected %d tokens a text", a.start, a.end, len(start), len(end), b.width)
		}
		for r, at := range b.rows {
			e := &pieces[at]
			row := func(v []float32) []float64 { return widen(v[r*b.width : r*b.width+e.Len()]) }
			found = append(found, a.best(text, e, row(start), row(end))...)
		}
		return nil
	})
	slices.SortStableFunc(found, func(x, y Answer) int {
		return cmp.Or(fallingScores(x.Score, y.Score), x.Start-y.Start)
	})
	found = slices.CompactFunc(found, func(x, y Answer) bool { return x.Start == y.Start && x.End == y.End })
	return found[:min(len(found), a.opts.Top)], err
}

// pieces encodes the question with each piece of the text.
func (a *Answerer) pieces(question, text string) ([]tokenizer.Encoding, error) {
	var opts []tokenizer.Option
	if a.m.MaxTokens > 0 {
		stride := a.opts.Stride
		if stride == 0 {
			stride = min(a.m.MaxTokens/2, 128)
			alone, err := a.m.Tokenizer.Encode(question)
			if err != nil {
				return nil, err
			}
			stride = min(stride, max((a.m.MaxTokens-alone.Len()-2)/2, 0))
		}
		opts = append(opts, tokenizer.WithTruncation(tokenizer.Truncation{MaxLength: a.m.MaxTokens, Stride: stride, Strategy: tokenizer.OnlySecond}))
	}
	e, err := a.m.Tokenizer.EncodePair(question, text, opts...)
	if err != nil {
		return nil, err
	}
	return append([]tokenizer.Encoding{e}, e.Overflowing...), nil
}

// best returns the likeliest answers in a piece.
func (a *Answerer) best(text string, e *tokenizer.Encoding, start, end []float64) []Answer {
	for i := range start {
		if e.Sequences[i] != 1 { // the question, and what stands around both
			start[i], end[i] = math.Inf(-1), math.Inf(-1)
		}
	}
	if !slices.Contains(e.Sequences, 1) {
		return nil
	}
	softmax(start)
	softmax(end)
	var found []Answer
	for i := range start {
		for j := i; j < min(i+a.opts.MaxTokens, len(end)); j++ {
			score := start[i] * end[j]
			if score == 0 || len(found) == a.opts.Top && score <= found[len(found)-1].Score {
				continue
			}
			s, t := e.Offsets[i].Start, e.Offsets[j].End
			if s >= t {
				continue
			}
			found = append(found, Answer{Text: strings.TrimSpace(text[s:t]), Score: score, Start: s, End: t})
			slices.SortStableFunc(found, func(x, y Answer) int { return fallingScores(x.Score, y.Score) })
			found = found[:min(len(found), a.opts.Top)]
		}
	}
	return found
}
