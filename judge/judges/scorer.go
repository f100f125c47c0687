package judges

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/seed6700ada1/infer/judge"
)

// A Scorer is a judge made of a function that gives a text a score from 0 to 1: a
// classifier (of style, of toxicity), the similarity of embeddings, a metric of strings.
// It answers questions of every kind: a score on the question's scale, the candidate with
// the higher score, the order of scores. It reads no prompt, and so cannot be talked into
// anything.
type Scorer struct {
	ID      string
	Version string  // of what computes the score: the model and its settings
	Margin  float64 // scores that are nearer than this are a tie, where there are ties
	Score   func(ctx context.Context, item *judge.Item, candidate int, criterion string) (float64, error)
}

// Name returns the name.
func (s Scorer) Name() string { return s.ID }

// Identity returns the version and the margin.
func (s Scorer) Identity() string { return fmt.Sprintf("scorer %s, margin %g", s.Version, s.Margin) }

// Ask answers as JSON. A step that only prepares a question gets a text that says nothing.
func (s Scorer) Ask(ctx context.Context, req *judge.Request) (judge.Answer, error) {
	q := req.Question
	if q == nil {
		return judge.Answer{Text: "-"}, nil
	}
	scores := make([]map[string]float64, len(q.Order))
	for i, c := range q.Order {
		scores[i] = map[string]float64{}
		for _, name := range criteria(q) {
			v, err := s.Score(ctx, q.Item, c, name)
			if err != nil {
				return judge.Answer{}, err
			}
			if !(v >= 0 && v <= 1) {
				return judge.Answer{}, fmt.Errorf("judge %s: score %g of item %q: want one from 0 to 1", s.ID, v, q.Item.ID)
			}
			scores[i][name] = v
		}
	}
	text, err := json.Marshal(s.answer(q, scores))
	return judge.Answer{Text: string(text), Finish: "stop"}, err
}

// criteria returns what to score: a comparison has no criteria, and one score.
func criteria(q *judge.Question) []string {
	if len(q.Criteria) == 0 {
		return []string{""}
	}
	return q.Criteria
}

// answer returns the object that the question asks for. scores are in the order shown.
func (s Scorer) answer(q *judge.Question, scores []map[string]float64) map[string]any {
	switch q.Kind {
	case judge.Pairwise:
		d := scores[0][""] - scores[1][""]
		switch {
		case q.Ties && math.Abs(d) <= s.Margin:
			return map[string]any{"winner": "tie"}
		case d == 0:
			return map[string]any{"winner": nil} // it cannot choose
		case d > 0:
			return map[string]any{"winner": "A"}
		}
		return map[string]any{"winner": "B"}
	case judge.Listwise:
		order := make([]int, len(scores))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b][""], scores[a][""]) })
		for i := range order {
			order[i]++
		}
		return map[string]any{"ranking": order}
	default: // scores
	}
	out := map[string]any{}
	for name, v := range scores[0] {
		out[cmp.Or(name, "score")] = q.Scale[0] + v*(q.Scale[1]-q.Scale[0])
	}
	return out
}

// An Embedder gives texts vectors: a model of sentence embeddings.
type Embedder interface {
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// Similarity is a scorer by the cosine of the embeddings of a candidate and the item's
// reference, or its input where it has none; opposite and unrelated texts score 0.
func Similarity(id, version string, model Embedder) Scorer {
	return Scorer{ID: id, Version: version, Score: func(ctx context.Context, it *judge.Item, candidate int, _ string) (float64, error) {
		vectors, err := model.Embed(ctx, []string{cmp.Or(it.Reference, it.Input), it.Candidates[candidate].Text})
		if err != nil {
			return 0, err
		}
		if len(vectors) != 2 || len(vectors[0]) != len(vectors[1]) {
			return 0, errors.New("judges: want two embeddings of one size")
		}
		return min(1, max(0, cosine(vectors[0], vectors[1]))), nil
	}}
}

func cosine(x, y []float32) float64 {
	var xy, xx, yy float64
	for i := range x {
		xy += float64(x[i]) * float64(y[i])
		xx += float64(x[i]) * float64(x[i])
		yy += float64(y[i]) * float64(y[i])
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return xy / math.Sqrt(xx*yy)
}

// A Classifier gives a text the probabilities of labels.
type Classifier interface {
	Classify(ctx context.Context, text string) (map[string]float64, error)
}

// Classified is a scorer by the probability that a classifier gives to one label, or to
// all but it where good is false.
func Classified(id, version string, model Classifier, label string, good bool) Scorer {
	return Scorer{
		ID: id, Version: fmt.Sprintf("%s, label %q, good %v", version, label, good),
		Score: func(ctx context.Context, it *judge.Item, candidate int, _ string) (float64, error) {
			probabilities, err := model.Classify(ctx, it.Candidates[candidate].Text)
			if err != nil {
				return 0, err
			}
			p, ok := probabilities[label]
			if !ok {
				return 0, fmt.Errorf("judges: the classifier has no label %q", label)
			}
			if !good {
				p = 1 - p
			}
			return min(1, max(0, p)), nil
		},
	}
}
