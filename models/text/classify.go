package text

import (
	"context"
	"fmt"
	"strings"

	"github.com/seed6700ada1/infer/models/text/tokenizer"
)

// Activation turns the scores of a model into probabilities.
type Activation string

// The activations.
const (
	ActivateAuto    Activation = ""        // by the model's configuration and output
	ActivateSoftmax Activation = "softmax" // one label of several is right
	ActivateSigmoid Activation = "sigmoid" // each label is right or not
	ActivateNone    Activation = "none"    // the output is what is wanted
)

// ClassifyOptions say how texts are labelled.
type ClassifyOptions struct {
	Activation Activation
	Truncate   bool // cut texts that are too long, rather than fail
}

// Classifier labels texts. It is safe for concurrent use.
type Classifier struct {
	m          *Model
	output     string
	activation Activation
	truncate   bool
}

// Label is a label with its probability.
type Label struct {
	Name  string
	Score float64
}

// Classification is what a text was found to be.
type Classification struct {
	Label
	Scores    []Label // of all labels, in the model's order
	Truncated bool    // the text was longer than the model takes
}

// NewClassifier makes a classifier of a model whose output has a score for each label:
// called "probabilities" or "probs" they are taken as they are, else they become
// probabilities by softmax, or by sigmoid where config.json has the problem_type
// multi_label_classification or there is one label only.
func NewClassifier(m *Model, opts ClassifyOptions) (*Classifier, error) {
	out, err := m.output(2, "logits", "probabilities", "probs")
	if err != nil {
		return nil, err
	}
	c := &Classifier{m: m, output: out.Name, activation: opts.Activation, truncate: opts.Truncate}
	switch c.activation {
	case ActivateSoftmax, ActivateSigmoid, ActivateNone:
	case ActivateAuto:
		if strings.HasPrefix(out.Name, "prob") {
			c.activation = ActivateNone
		}
	default:
		return nil, fmt.Errorf("text: activation %q, expected softmax, sigmoid or none", c.activation)
	}
	return c, nil
}

// Classify labels each text.
func (c *Classifier) Classify(ctx context.Context, texts []string) ([]Classification, error) {
	encodings, truncated, err := c.m.encode(texts, c.m.MaxTokens, c.truncate)
	if err != nil {
		return nil, err
	}
	result, err := c.run(ctx, encodings)
	for i := range result {
		result[i].Truncated = truncated[i]
	}
	return result, err
}

// ClassifyPairs labels pairs of texts, such as premise and hypothesis.
func (c *Classifier) ClassifyPairs(ctx context.Context, pairs [][2]string) ([]Classification, error) {
	encodings, err := c.m.encodePairs(pairs, c.truncate)
	if err != nil {
		return nil, err
	}
	return c.run(ctx, encodings)
}

func (c *Classifier) run(ctx context.Context, encodings []tokenizer.Encoding) ([]Classification, error) {
	result := make([]Classification, len(encodings))
	err := c.m.each(ctx, encodings, func(b *batch) error {
		data, shape, err := b.floats(c.output, 2)
		if err != nil {
			return err
		}
		n := shape[1]
		labels, err := c.m.Config.Labels(n)
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("text: output %q has no scores", c.output)
		}
		for r, at := range b.rows {
			scores := widen(data[r*n : (r+1)*n])
			c.activate(scores)
			x := Classification{Scores: make([]Label, n)}
			for i, s := range scores {
				x.Scores[i] = Label{labels[i], s}
			}
			x.Label = x.Scores[argmax(scores)]
			result[at] = x
		}
		return nil
	})
	return result, err
}

func (c *Classifier) activate(scores []float64) {
	how := c.activation
	if how == ActivateAuto {
		switch {
		case c.m.Config.ProblemType == "regression":
			how = ActivateNone
		case c.m.Config.ProblemType == "multi_label_classification", len(scores) == 1:
			how = ActivateSigmoid
		default:
			how = ActivateSoftmax
		}
	}
	switch how {
	case ActivateSoftmax:
		softmax(scores)
	case ActivateSigmoid:
		for i, s := range scores {
			scores[i] = sigmoid(s)
		}
	default: // nothing for the others
	}
}
