// Package local lets language models of package lm judge in this process.
package local

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/seed6700ada1/infer/judge"
	"github.com/seed6700ada1/infer/models/lm"
	"github.com/seed6700ada1/infer/models/text/chat"
)

// Model is a language model as [judges.Local] asks it.
type Model struct {
	model    *lm.Model
	template *chat.Template // nil: the model has none
}

// New returns the model for judging. It writes talks in the model's chat template; where
// it has none, as the turns' texts with empty lines between them.
func New(m *lm.Model) *Model {
	out := &Model{model: m}
	if m.Folder == nil {
		return out
	}
	if t, err := chat.Load(m.Folder, ""); err == nil {
		out.template = t
	}
	return out
}

// prompt returns a talk as the model reads it, and the options to go on with it.
func (m *Model) prompt(messages []judge.Message) (string, lm.Options, error) {
	if m.template == nil {
		var parts []string
		for _, turn := range messages {
			parts = append(parts, turn.Content)
		}
		return strings.Join(parts, "\n\n") + "\n\n", lm.Options{PlainText: true}, nil
	}
	talk := make([]chat.Message, len(messages))
	for i, turn := range messages {
		talk[i] = chat.Message{Role: turn.Role, Content: turn.Content}
	}
	text, err := m.template.Render(talk, chat.Options{Continue: true})
	return text, lm.Options{Bare: true}, err
}

// Complete goes on with the talk.
func (m *Model) Complete(ctx context.Context, messages []judge.Message, params judge.Params) (judge.Answer, error) {
	text, o, err := m.prompt(messages)
	if err != nil {
		return judge.Answer{}, err
	}
	o.MaxTokens = params.MaxTokens
	if params.Temperature != nil {
		o.Temperature = *params.Temperature
	}
	if params.TopP != nil && *params.TopP < 1 {
		o.TopP = *params.TopP
	}
	if params.Seed != nil {
		o.Seed = uint64(*params.Seed)
	}
	r, err := m.model.Generate(ctx, text, o)
	if err != nil {
		return judge.Answer{}, err
	}
	return judge.Answer{
		Text: r.Text, Finish: string(r.Finish), Usage: judge.Usage{Prompt: r.Prompt, Completion: len(r.IDs)},
	}, nil
}

// alternatives is how many tokens are looked through for labels: as many as endpoints
// give, so that both judge alike.
const alternatives = 20

// LogProbs returns the probabilities of the labels as the next token, among the likeliest
// ones. Spellings that differ in space and case of one label add up.
func (m *Model) LogProbs(ctx context.Context, messages []judge.Message, labels []string) (map[string]float64, error) {
	text, o, err := m.prompt(messages)
	if err != nil {
		return nil, err
	}
	o.MaxTokens, o.LogProbs, o.IgnoreEOS = 1, alternatives, true
	r, err := m.model.Generate(ctx, text, o)
	if err != nil {
		return nil, err
	}
	if len(r.Tokens) == 0 {
		return nil, errors.New("local: the model wrote no token")
	}
	sums := map[string]float64{}
	for _, top := range r.Tokens[0].Top {
		token, err := m.model.Tokenizer.Decode([]int64{top.ID}, false)
		if err != nil {
			return nil, fmt.Errorf("local: token %d: %w", top.ID, err)
		}
		for _, label := range labels {
			if strings.EqualFold(strings.TrimSpace(token), label) {
				sums[label] += math.Exp(top.LogProb)
			}
		}
	}
	for label, sum := range sums {
		sums[label] = math.Log(sum)
	}
	return sums, nil
}
