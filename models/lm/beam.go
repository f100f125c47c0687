package lm

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/models/lm/sample"
)

// BeamOptions say how the likeliest answers are looked for.
type BeamOptions struct {
	Width     int // answers that are followed at a time
	MaxTokens int // of an answer; 0 is what the context has room for
	// LengthPenalty is the power of an answer's length by which its log-probability is
	// divided: above 0 long answers gain. 0 is none.
	LengthPenalty float64
	Truncate      bool // as of Options
}

// Beam is an answer with its score.
type Beam struct {
	Text   string
	IDs    []int64
	Score  float64 // log-probability, divided as BeamOptions.LengthPenalty says
	Finish Finish
}

// beam is an answer that is being followed.
type beam struct {
	row int // of the cache
	ids []int64
	log float64
}

// Beams returns the answers to a prompt that beam search finds, the best first. The
// search ends when none of the answers that are followed can be better than those found.
func (m *Model) Beams(ctx context.Context, prompt string, o BeamOptions) ([]Beam, error) {
	if o.Width < 1 || o.Width > 1024 {
		return nil, fmt.Errorf("lm: a beam search of width %d, expected 1 to 1024", o.Width)
	}
	opts := Options{MaxTokens: o.MaxTokens, Truncate: o.Truncate}
	ids, err := m.encodePrompt(prompt, &opts)
	if err != nil {
		return nil, err
	}
	ids, limit, err := m.fit(ids, &opts)
	if err != nil {
		return nil, err
	}
	c := newCache(m.layout, 1)
	l, err := m.run(ctx, [][]int64{ids}, c)
	if err != nil {
		return nil, err
	}
	score := func(b beam) float64 { return b.log / math.Pow(float64(max(len(b.ids), 1)), o.LengthPenalty) }
	var found []Beam
	live := []beam{{}}
	for {
		next, ended := m.extend(l, live, o.Width)
		for _, b := range ended {
			found = append(found, Beam{IDs: b.ids, Score: score(b), Finish: FinishStop})
		}
		if len(next) > 0 && len(next[0].ids) >= limit {
			for _, b := range next {
				found = append(found, Beam{IDs: b.ids, Score: score(b), Finish: FinishLength})
			}
			next = nil
		}
		slices.SortStableFunc(found, func(a, b Beam) int { return cmp.Compare(b.Score, a.Score) })
		found = found[:min(len(found), o.Width)]
		if len(next) == 0 || len(found) == o.Width && found[o.Width-1].Score >= bestPossible(next[0], limit, o.LengthPenalty) {
			break
		}
		live = next
		if c, l, err = m.follow(ctx, c, live); err != nil {
			return nil, err
		}
	}
	for i := range found {
		if found[i].Text, err = m.answerText(ids, found[i].IDs); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// bestPossible is the best score that a beam may still reach: its log-probability only
// falls, and the length that divides it is at most limit.
func bestPossible(b beam, limit int, penalty float64) float64 {
	n := len(b.ids)
	if penalty > 0 {
		n = limit
	}
	return b.log / math.Pow(float64(max(n, 1)), penalty)
}

// extend returns the width likeliest beams that are one token longer and go on, and those
// among the likeliest that end.
func (m *Model) extend(l *logits, live []beam, width int) (next, ended []beam) {
	type step struct {
		from int
		Alternative
	}
	var steps []step
	logs := make([]float64, l.vocab)
	for i, b := range live {
		sample.LogProbabilities(logs, l.lastOf(i))
		for _, a := range alternatives(logs, width+len(m.Config.EOS)) {
			a.LogProb += b.log
			steps = append(steps, step{i, a})
		}
	}
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Compare(b.LogProb, a.LogProb) })
	for rank, s := range steps {
		if len(next) == width {
			break
		}
		b := beam{row: s.from, ids: live[s.from].ids, log: s.LogProb}
		if slices.Contains(m.Config.EOS, s.ID) {
			if rank < width {
				ended = append(ended, b)
			}
			continue
		}
		b.ids = append(slices.Clip(b.ids), s.ID)
		next = append(next, b)
	}
	return next, ended
}

// follow runs the last tokens of beams, each on a copy of the cache that it came from.
func (m *Model) follow(ctx context.Context, c *cache, live []beam) (*cache, *logits, error) {
	parts := make([]part, len(live))
	tokens := make([][]int64, len(live))
	for i, b := range live {
		parts[i] = part{c, b.row, c.rows[b.row]}
		tokens[i] = b.ids[len(b.ids)-1:]
	}
	joined, err := joinCaches(m.layout, parts)
	if err != nil {
		return nil, nil, err
	}
	l, err := m.run(ctx, tokens, joined)
	return joined, l, err
}

// answerText is the text of an answer behind its prompt.
func (m *Model) answerText(prompt, answer []int64) (string, error) {
	d := m.Tokenizer.NewDecodeStream(true)
	var text strings.Builder
	for i, id := range slices.Concat(prompt, answer) {
		piece, err := d.Step(id)
		if err != nil {
			return "", err
		}
		if i >= len(prompt) {
			text.WriteString(piece)
		}
	}
	rest, err := d.Flush()
	return text.String() + rest, err
}
