package lm

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed6700ada1/infer/models/text/tokenizer"
)

// Score returns the logarithm of the probability of each token but the first, given
// those before it.
func (m *Model) Score(ctx context.Context, ids []int64) ([]float64, error) {
	if c := m.Config.Context; c > 0 && len(ids) > c {
		return nil, &ContextError{Tokens: len(ids), Context: c}
	}
	if len(ids) < 2 {
		return nil, nil
	}
	l, err := m.run(ctx, [][]int64{ids[:len(ids)-1]}, newCache(m.layout, 1))
	if err != nil {
		return nil, err
	}
	if l.columns != len(ids)-1 {
		return nil, fmt.Errorf("lm: the model scores %d places, expected %d: it gives the last only", l.columns, len(ids)-1)
	}
	logs := make([]float64, len(ids)-1)
	for i, id := range ids[1:] {
		if id < 0 || id >= int64(l.vocab) {
			return nil, fmt.Errorf("lm: token %d is not among the %d that the model scores", id, l.vocab)
		}
		logs[i] = logProbability(l.at(0, i), int(id))
	}
	return logs, nil
}

// logProbability is the logarithm of one token's probability.
func logProbability(logits []float32, id int) float64 {
	top := float64(slices.Max(logits))
	sum := 0.0
	for _, l := range logits {
		sum += math.Exp(float64(l) - top)
	}
	return float64(logits[id]) - top - math.Log(sum)
}

// Windows say how a long text is cut to be judged.
type Windows struct {
	// Size is how many tokens of the text are run together; 0 is what the context has
	// room for.
	Size int
	// Stride is how many of a window's tokens are judged, the last ones: those before
	// them are there to be read. 0 is all, which cuts the text into windows that do
	// not overlap.
	Stride int
	// Tokens bounds how many tokens are judged; 0 is all.
	Tokens int
}

// Perplexity is how surprising a text is.
type Perplexity struct {
	Tokens     int
	NLL        float64 // mean of -log of the tokens' probabilities
	Perplexity float64 // exp(NLL)
	LogProbs   []float64
}

// Perplexity judges a text: its tokens, without special ones, in windows, before each of
// which stands the token that begins a text. progress, if not nil, is told how many
// tokens are judged.
func (m *Model) Perplexity(ctx context.Context, text string, w Windows, progress func(done, all int)) (*Perplexity, error) {
	e, err := m.Tokenizer.Encode(text, tokenizer.WithoutSpecialTokens(), tokenizer.IDsOnly())
	if err != nil {
		return nil, err
	}
	ids := e.IDs
	if w.Tokens > 0 {
		ids = ids[:min(w.Tokens, len(ids))]
	}
	if err := m.checkWindows(&w); err != nil {
		return nil, err
	}
	p := &Perplexity{}
	for done := 0; done < len(ids); {
		end := min(done+w.Stride, len(ids))
		if done == 0 {
			end = min(w.Size, len(ids)) // nothing stands before the first
		}
		window := ids[max(end-w.Size, 0):end]
		if w.Stride == w.Size {
			window = ids[done:end]
		}
		logs, err := m.scoreWindow(ctx, window)
		if err != nil {
			return nil, err
		}
		if fresh := end - done; len(logs) > fresh {
			logs = logs[len(logs)-fresh:]
		}
		p.LogProbs = append(p.LogProbs, logs...)
		done = end
		if progress != nil {
			progress(done, len(ids))
		}
	}
	sum := 0.0
	for _, l := range p.LogProbs {
		sum -= l
	}
	p.Tokens = len(p.LogProbs)
	if p.Tokens == 0 {
		return nil, fmt.Errorf("lm: the text has no token to judge")
	}
	p.NLL = sum / float64(p.Tokens)
	p.Perplexity = math.Exp(p.NLL)
	return p, nil
}

// scoreWindow scores tokens behind the one that begins a text, if the model has such a
// token, and else all but the first.
func (m *Model) scoreWindow(ctx context.Context, window []int64) ([]float64, error) {
	if m.Config.BOS >= 0 {
		return m.Score(ctx, slices.Concat([]int64{m.Config.BOS}, window))
	}
	return m.Score(ctx, window)
}

func (m *Model) checkWindows(w *Windows) error {
	most := m.Config.Context
	if m.Config.BOS >= 0 && most > 0 {
		most--
	}
	if w.Size == 0 {
		if w.Size = most; most == 0 {
			return fmt.Errorf("lm: the model's context is not known: say how large windows shall be")
		}
	}
	if w.Stride == 0 {
		w.Stride = w.Size
	}
	if w.Size < 1 || most > 0 && w.Size > most {
		return fmt.Errorf("lm: windows of %d tokens, expected 1 to %d: the model's context, less one where a token begins each", w.Size, most)
	}
	if w.Stride < 1 || w.Stride > w.Size {
		return fmt.Errorf("lm: windows of %d tokens with a stride of %d, expected 1 to %d", w.Size, w.Stride, w.Size)
	}
	if w.Tokens < 0 {
		return fmt.Errorf("lm: %d tokens to judge, expected 0 or more", w.Tokens)
	}
	return nil
}
