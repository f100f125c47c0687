package lm

import (
	"context"
	"iter"
)

// Generate writes the answer to a prompt.
func (m *Model) Generate(ctx context.Context, prompt string, o Options) (*Result, error) {
	ids, err := m.encodePrompt(prompt, &o)
	if err != nil {
		return nil, err
	}
	return m.GenerateIDs(ctx, ids, o)
}

// GenerateIDs is Generate for a prompt that is tokens already.
func (m *Model) GenerateIDs(ctx context.Context, prompt []int64, o Options) (*Result, error) {
	s, err := m.newSequence(prompt, &o)
	if err != nil {
		return nil, err
	}
	r := &Result{Prompt: len(s.prompt)}
	for t, err := range m.stream(ctx, s) {
		if err != nil {
			return nil, err
		}
		r.add(t, s.ends(t.ID))
	}
	return r, nil
}

// Stream writes the answer to a prompt token by token. It stops after the first error:
// that of the context, too, which ends it within one run of the model.
func (m *Model) Stream(ctx context.Context, prompt string, o Options) iter.Seq2[Token, error] {
	return func(yield func(Token, error) bool) {
		ids, err := m.encodePrompt(prompt, &o)
		if err != nil {
			yield(Token{}, err)
			return
		}
		m.StreamIDs(ctx, ids, o)(yield)
	}
}

// StreamIDs is Stream for a prompt that is tokens already.
func (m *Model) StreamIDs(ctx context.Context, prompt []int64, o Options) iter.Seq2[Token, error] {
	return func(yield func(Token, error) bool) {
		s, err := m.newSequence(prompt, &o)
		if err != nil {
			yield(Token{}, err)
			return
		}
		m.stream(ctx, s)(yield)
	}
}

// stream runs the model token by token.
func (m *Model) stream(ctx context.Context, s *sequence) iter.Seq2[Token, error] {
	return func(yield func(Token, error) bool) {
		c, known, err := s.opts.Memory.recall(m, s.prompt)
		if err != nil {
			yield(Token{}, err)
			return
		}
		defer func() { s.opts.Memory.keep(m, s, c) }()
		tokens := s.prompt[known:]
		for s.finish == FinishNone {
			if err := ctx.Err(); err != nil {
				yield(Token{}, err)
				return
			}
			l, err := m.run(ctx, [][]int64{tokens}, c)
			if err != nil {
				yield(Token{}, err)
				return
			}
			t, err := s.next(l.lastOf(0))
			if !yield(t, err) || err != nil {
				return
			}
			tokens = []int64{t.ID}
		}
	}
}
