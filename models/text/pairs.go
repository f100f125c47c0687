package text

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// ZeroShotOptions say how labels are turned into sentences.
type ZeroShotOptions struct {
	// Template has a {} where the label goes; "" is "This example is {}."
	Template string
	// MultiLabel judges each label alone: several may be right.
	MultiLabel bool
	Truncate   bool // cut texts that are too long, rather than fail
}

// ZeroShot labels texts with labels that no model was trained on: it asks a model of
// natural-language inference whether the text entails a sentence with the label.
type ZeroShot struct {
	c    *Classifier
	opts ZeroShotOptions
}

// NewZeroShot makes one of a model that has a label for entailment.
func NewZeroShot(m *Model, opts ZeroShotOptions) (*ZeroShot, error) {
	c, err := NewClassifier(m, ClassifyOptions{Activation: ActivateNone, Truncate: opts.Truncate})
	if err != nil {
		return nil, err
	}
	if opts.Template == "" {
		opts.Template = "This example is {}."
	}
	if !strings.Contains(opts.Template, "{}") {
		return nil, fmt.Errorf("text: the template %q has no {} for the label", opts.Template)
	}
	return &ZeroShot{c, opts}, nil
}

// Classify returns how well each label fits the text, the best first.
func (z *ZeroShot) Classify(ctx context.Context, text string, labels []string) ([]Label, error) {
	if len(labels) == 0 {
		return nil, fmt.Errorf("text: no labels to choose from")
	}
	pairs := make([][2]string, len(labels))
	for i, l := range labels {
		pairs[i] = [2]string{text, strings.ReplaceAll(z.opts.Template, "{}", l)}
	}
	found, err := z.c.ClassifyPairs(ctx, pairs)
	if err != nil {
		return nil, err
	}
	scores := make([]float64, len(labels))
	for i, f := range found {
		yes, no, err := entailment(f.Scores)
		if err != nil {
			return nil, err
		}
		if scores[i] = f.Scores[yes].Score; z.opts.MultiLabel {
			two := []float64{f.Scores[yes].Score, f.Scores[no].Score}
			softmax(two)
			scores[i] = two[0]
		}
	}
	if !z.opts.MultiLabel {
		softmax(scores)
	}
	result := make([]Label, len(labels))
	for i, l := range labels {
		result[i] = Label{l, scores[i]}
	}
	slices.SortStableFunc(result, func(a, b Label) int { return fallingScores(a.Score, b.Score) })
	return result, nil
}

// entailment finds the labels for yes and no.
func entailment(labels []Label) (yes, no int, err error) {
	find := func(prefix string) int {
		return slices.IndexFunc(labels, func(l Label) bool { return strings.HasPrefix(strings.ToLower(l.Name), prefix) })
	}
	yes, no = find("entail"), find("contra")
	if no < 0 {
		no = find("not_entail")
	}
	if yes < 0 || no < 0 {
		return 0, 0, fmt.Errorf("text: the model has the labels %v, expected entailment and contradiction", labels)
	}
	return yes, no, nil
}

// Ranked is a text with how well it fits a query.
type Ranked struct {
	Index int // of the text
	Score float64
}

// fallingScores orders scores, the largest first.
func fallingScores(a, b float64) int {
	switch {
	case a > b:
		return -1
	case a < b:
		return 1
	}
	return 0
}

// Reranker judges how well texts fit a query, reading both at once (a cross-encoder).
type Reranker struct{ c *Classifier }

// NewReranker makes a reranker of a model with one label, whose score it is, or with
// several, of which the last is that the text fits. Texts that are too long are cut if
// truncate says so.
func NewReranker(m *Model, truncate bool) (*Reranker, error) {
	c, err := NewClassifier(m, ClassifyOptions{Truncate: truncate})
	if err != nil {
		return nil, err
	}
	return &Reranker{c}, nil
}

// Rank returns the texts, the best first.
func (r *Reranker) Rank(ctx context.Context, query string, texts []string) ([]Ranked, error) {
	pairs := make([][2]string, len(texts))
	for i, t := range texts {
		pairs[i] = [2]string{query, t}
	}
	found, err := r.c.ClassifyPairs(ctx, pairs)
	if err != nil {
		return nil, err
	}
	ranked := make([]Ranked, len(texts))
	for i, f := range found {
		ranked[i] = Ranked{i, f.Scores[len(f.Scores)-1].Score}
	}
	slices.SortStableFunc(ranked, func(a, b Ranked) int { return fallingScores(a.Score, b.Score) })
	return ranked, nil
}
