package text

import (
	"context"
	"fmt"
	"strings"
)

// Aggregation joins the labels of tokens to those of spans.
type Aggregation string

// The ways of joining, those of the pipelines of Hugging Face transformers.
const (
	AggregateNone    Aggregation = "none"    // a span a token, but for label O
	AggregateSimple  Aggregation = "simple"  // neighbours of one entity are joined
	AggregateFirst   Aggregation = "first"   // a word has the label of its first token
	AggregateAverage Aggregation = "average" // a word has the label of its tokens' mean
	AggregateMax     Aggregation = "max"     // a word has the label of its surest token
)

// TokenOptions say how the tokens of texts are labelled.
type TokenOptions struct {
	Aggregation Aggregation // "" is AggregateSimple
	Truncate    bool        // cut texts that are too long, rather than fail
}

// Span is a part of a text with a label.
type Span struct {
	Label      string // without B- and I- where spans are joined
	Score      float64
	Text       string
	Start, End int // bytes of the text, [Start, End)
}

// TokenClassifier labels parts of texts. It is safe for concurrent use.
type TokenClassifier struct {
	m        *Model
	output   string
	how      Aggregation
	truncate bool
}

// NewTokenClassifier makes a token classifier of a model whose output has a score for
// each token and label.
func NewTokenClassifier(m *Model, opts TokenOptions) (*TokenClassifier, error) {
	out, err := m.output(3, "logits")
	if err != nil {
		return nil, err
	}
	t := &TokenClassifier{m: m, output: out.Name, how: opts.Aggregation, truncate: opts.Truncate}
	switch t.how {
	case "":
		t.how = AggregateSimple
	case AggregateNone, AggregateSimple, AggregateFirst, AggregateAverage, AggregateMax:
	default:
		return nil, fmt.Errorf("text: aggregation %q, expected none, simple, first, average or max", t.how)
	}
	return t, nil
}

// tag is what a token or word was found to be.
type tag struct {
	scores     []float64 // probability of each label
	label      string
	score      float64
	start, end int
	word       int
}

// Classify returns the spans of each text, in the order of the text.
func (t *TokenClassifier) Classify(ctx context.Context, texts []string) ([][]Span, error) {
	encodings, _, err := t.m.encode(texts, t.m.MaxTokens, t.truncate)
	if err != nil {
		return nil, err
	}
	result := make([][]Span, len(texts))
	err = t.m.each(ctx, encodings, func(b *batch) error {
		data, shape, err := b.floats(t.output, 3)
		if err != nil {
			return err
		}
		n := shape[2]
		if shape[1] != b.width || n == 0 {
			return fmt.Errorf("text: output %q has shape %v, expected a score for each of %d tokens and each label", t.output, shape, b.width)
		}
		labels, err := t.m.Config.Labels(n)
		if err != nil {
			return err
		}
		for r, at := range b.rows {
			e := &encodings[at]
			var tags []tag
			for i, special := range e.SpecialTokensMask {
				if special {
					continue
				}
				place := (r*b.width + i) * n
				scores := widen(data[place : place+n])
				softmax(scores)
				tags = append(tags, tag{scores: scores, start: e.Offsets[i].Start, end: e.Offsets[i].End, word: e.Words[i]})
			}
			result[at] = t.spans(texts[at], tags, labels)
		}
		return nil
	})
	return result, err
}

// spans joins the tags of a text.
func (t *TokenClassifier) spans(text string, tags []tag, labels []string) []Span {
	if t.how != AggregateNone && t.how != AggregateSimple {
		tags = words(tags, t.how)
	}
	var spans []Span
	previous := tag{}
	for _, g := range tags {
		best := argmax(g.scores)
		g.label, g.score = labels[best], g.scores[best]
		if t.how == AggregateNone {
			if g.label != "O" {
				spans = append(spans, Span{Label: g.label, Score: g.score, Text: text[g.start:g.end], Start: g.start, End: g.end})
			}
			continue
		}
		prefix, entity := splitLabel(g.label)
		_, before := splitLabel(previous.label)
		switch {
		case entity == "O":
		case entity == before && prefix != "B" && len(spans) > 0:
			s := &spans[len(spans)-1]
			s.End, s.Text = g.end, text[s.Start:g.end]
			previous.scores = append(previous.scores, g.score)
			s.Score = mean(previous.scores)
			previous.label = g.label
			continue
		default:
			spans = append(spans, Span{Label: entity, Score: g.score, Text: text[g.start:g.end], Start: g.start, End: g.end})
		}
		previous = tag{label: g.label, scores: []float64{g.score}}
	}
	return spans
}

// splitLabel splits B-PER into B and PER; a label without prefix is inside.
func splitLabel(label string) (prefix, entity string) {
	if p, e, ok := strings.Cut(label, "-"); ok && (p == "B" || p == "I") {
		return p, e
	}
	return "I", label
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// words joins the tags of each word into one.
func words(tags []tag, how Aggregation) []tag {
	var joined []tag
	for i := 0; i < len(tags); {
		end := i + 1
		for end < len(tags) && tags[end].word == tags[i].word {
			end++
		}
		w := tag{scores: tags[i].scores, start: tags[i].start, end: tags[end-1].end, word: tags[i].word}
		switch how {
		case AggregateAverage:
			w.scores = make([]float64, len(tags[i].scores))
			for _, g := range tags[i:end] {
				for j, s := range g.scores {
					w.scores[j] += s / float64(end-i)
				}
			}
		case AggregateMax:
			for _, g := range tags[i:end] {
				if g.scores[argmax(g.scores)] > w.scores[argmax(w.scores)] {
					w.scores = g.scores
				}
			}
		default: // nothing for the others
		}
		joined = append(joined, w)
		i = end
	}
	return joined
}
