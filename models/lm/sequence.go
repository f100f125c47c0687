package lm

import (
	"math"
	"slices"

	"github.com/seed6700ada1/infer/models/lm/sample"
	"github.com/seed6700ada1/infer/models/text/tokenizer"
)

// sequence is an answer being written: everything of it but the model's cache.
type sequence struct {
	m       *Model
	opts    *Options
	prompt  []int64
	limit   int // tokens that the answer may have
	ids     []int64
	sampler *sample.Sampler
	seen    *sample.Seen
	decoder *tokenizer.DecodeStream
	stops   stops
	state   ConstraintState // nil without a constraint
	logs    []float64       // scratch
	finish  Finish
}

// newSequence begins an answer to a prompt.
func (m *Model) newSequence(prompt []int64, o *Options) (*sequence, error) {
	prompt, limit, err := m.fit(prompt, o)
	if err != nil {
		return nil, err
	}
	s := &sequence{m: m, opts: o, prompt: prompt, limit: limit, stops: stops{list: m.stopTexts(o)}}
	if s.sampler, err = sample.New(o.Options); err != nil {
		return nil, err
	}
	s.seen = sample.NewSeen(prompt)
	s.decoder = m.Tokenizer.NewDecodeStream(true)
	for _, id := range prompt { // so that the answer's text follows the prompt's
		if _, err := s.decoder.Step(id); err != nil {
			return nil, err
		}
	}
	if o.Constraint != nil {
		s.state = o.Constraint.Start()
	}
	return s, nil
}

// next chooses a token from the scores, which it changes.
func (s *sequence) next(scores []float32) (Token, error) {
	var t Token
	if s.opts.LogProbs > 0 {
		s.logs = slices.Grow(s.logs[:0], len(scores))[:len(scores)]
		sample.LogProbabilities(s.logs, scores)
		t.Top = alternatives(s.logs, s.opts.LogProbs)
	}
	if s.state != nil {
		s.state.Mask(scores, s.m.Config.EOS)
	}
	if s.opts.IgnoreEOS {
		for _, id := range s.m.Config.EOS {
			if id >= 0 && id < int64(len(scores)) {
				scores[id] = float32(math.Inf(-1))
			}
		}
	}
	id, err := s.sampler.Next(scores, s.seen)
	if err != nil {
		return t, err
	}
	t.ID = int64(id)
	if s.opts.LogProbs > 0 {
		t.LogProb = s.logs[id]
	}
	return s.accept(t)
}

// accept goes on with a token.
func (s *sequence) accept(t Token) (Token, error) {
	if s.ends(t.ID) {
		t.Finish = FinishStop
		return s.end(t)
	}
	s.ids = append(s.ids, t.ID)
	s.seen.Add(t.ID)
	piece, err := s.decoder.Step(t.ID)
	if err != nil {
		return t, err
	}
	var stopped bool
	t.Text, stopped = s.stops.push(piece)
	if stopped {
		t.Finish, s.finish = FinishStop, FinishStop
		return t, nil
	}
	if s.state != nil {
		if err := s.state.Accept(t.ID); err != nil {
			return t, err
		}
		if s.state.Done() {
			t.Finish = FinishStop
			return s.end(t)
		}
	}
	if len(s.ids) >= s.limit {
		t.Finish = FinishLength
		return s.end(t)
	}
	return t, nil
}

// ends says whether the model ends its answer with a token.
func (s *sequence) ends(id int64) bool { return slices.Contains(s.m.Config.EOS, id) }

// stopTexts are the texts that an answer ends before: the model's own, unless it shall go
// on, and those that are asked for.
func (m *Model) stopTexts(o *Options) []string {
	if o.IgnoreEOS {
		return o.Stop
	}
	return slices.Concat(m.Config.Stop, o.Stop)
}

// end adds to the last token the text that was held back.
func (s *sequence) end(t Token) (Token, error) {
	s.finish = t.Finish
	rest, err := s.decoder.Flush()
	if err != nil {
		return t, err
	}
	piece, stopped := s.stops.push(rest)
	if t.Text += piece; !stopped {
		t.Text += s.stops.held
		return t, nil
	}
	t.Finish, s.finish = FinishStop, FinishStop
	return t, nil
}

// alternatives are the n most likely tokens, the likeliest first, of equal ones the first.
func alternatives(logs []float64, n int) []Alternative {
	var top []Alternative
	for id, l := range logs {
		if len(top) == n && l <= top[n-1].LogProb {
			continue
		}
		at := len(top)
		for at > 0 && l > top[at-1].LogProb {
			at--
		}
		if top = slices.Insert(top, at, Alternative{int64(id), l}); len(top) > n {
			top = top[:n]
		}
	}
	return top
}
