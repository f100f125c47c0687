package judges

import (
	"context"
	"math"

	"github.com/seed6700ada1/infer/judge"
)

// A LanguageModel is a language model in this process.
type LanguageModel interface {
	// Complete goes on with the talk.
	Complete(ctx context.Context, messages []judge.Message, params judge.Params) (judge.Answer, error)

	// LogProbs returns the natural logarithms of the probabilities with which the talk
	// goes on with each label; a label that it hardly would go on with may be left out.
	LogProbs(ctx context.Context, messages []judge.Message, labels []string) (map[string]float64, error)
}

// Local is a language model in this process as a judge. For a request with labels it
// scores them, and does not generate.
type Local struct {
	ID      string
	Version string // the model and what else decides its answers
	Model   LanguageModel
}

// Name returns the name.
func (l Local) Name() string { return l.ID }

// Identity returns the version.
func (l Local) Identity() string { return "local " + l.Version }

// Ask scores labels, or completes.
func (l Local) Ask(ctx context.Context, req *judge.Request) (judge.Answer, error) {
	if len(req.Labels) == 0 {
		return l.Model.Complete(ctx, req.Messages, req.Params)
	}
	scores, err := l.Model.LogProbs(ctx, req.Messages, req.Labels)
	if err != nil {
		return judge.Answer{}, err
	}
	best, most := "", math.Inf(-1) // a label that the model would not write has no score
	for _, label := range req.Labels {
		if lp, ok := scores[label]; ok && lp > most {
			best, most = label, lp
		}
	}
	return judge.Answer{Text: best, Finish: "stop", LogProbs: scores}, nil
}
