package language

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/cmd/infer/internal/command"
	"github.com/seed6700ada1/infer/cmd/infer/internal/lines"
	"github.com/seed6700ada1/infer/models/text"
)

// labelled is what the command prints for a text.
type labelled struct {
	Text      string             `json:"text"`
	Label     string             `json:"label"`
	Score     float64            `json:"score"`
	Scores    map[string]float64 `json:"scores"`
	Truncated bool               `json:"truncated,omitempty"`
}

func newLabelled(content string, labels []text.Label, truncated bool) labelled {
	l := labelled{Text: content, Scores: map[string]float64{}, Truncated: truncated}
	for i, x := range labels {
		if l.Scores[x.Name] = x.Score; i == 0 || x.Score > l.Score {
			l.Label, l.Score = x.Name, x.Score
		}
	}
	return l
}

func newClassify(a *app) *cobra.Command {
	var (
		flags      languageFlags
		opts       text.ClassifyOptions
		zero       text.ZeroShotOptions
		labels     []string
		activation string
		strict     bool
	)
	cmd := &cobra.Command{
		Use:   "classify [TEXT...] --model M",
		Short: "Label texts",
		Long: `Gives each text the label that fits best. The labels are those of the model's config.json
or, with --labels, those that are named: the model must then be one of natural-language
inference. A text that is longer than the model takes is cut, which is said on standard
error and as "truncated" in the record; --strict makes it an error.`,
		Example: `  infer classify "What a film!" --model sst2 --json
  infer classify --model nli "The goalkeeper slipped." --labels sport,politics
  infer classify --model sst2 --jsonl <reviews.jsonl --out labels.jsonl --resume`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.check(args); err != nil {
				return err
			}
			m, s, err := a.openText(cmd.Context(), &flags)
			if err != nil {
				return err
			}
			defer s.Close()
			opts.Activation, opts.Truncate, zero.Truncate = text.Activation(activation), !strict, !strict
			label, err := labeller(m, opts, zero, labels)
			if err != nil {
				return err
			}
			return a.overTexts(cmd.Context(), &flags, "text", chunkTexts, func(texts []string, sink *lines.Sink) error {
				found, err := label(cmd.Context(), texts)
				if err != nil {
					return err
				}
				return a.writeLabels(found, m.MaxTokens, flags.asJSON, sink)
			})
		},
	}
	flags.modelFlags(a, cmd)
	flags.textFlags(cmd)
	f := cmd.Flags()
	f.StringVar(&activation, "activation", "", "softmax, sigmoid or none; the default is the model's own")
	f.StringSliceVar(&labels, "labels", nil, "labels to choose from, for a model of natural-language inference")
	f.StringVar(&zero.Template, "template", "", `sentence with a label in place of {}; the default is "This example is {}."`)
	f.BoolVar(&zero.MultiLabel, "multi", false, "with --labels: several may be right")
	f.BoolVar(&strict, "strict", false, "fail on a text that is longer than the model takes, rather than cut it and say so")
	command.CompleteWords(cmd, "activation", []string{"softmax", "sigmoid", "none"})
	return cmd
}

func (a *app) writeLabels(found []labelled, most int, asJSON bool, sink *lines.Sink) error {
	for _, l := range found {
		if l.Truncated {
			a.printf("infer: %q… was cut to %d tokens\n", shorten(l.Text), most)
		}
		if !asJSON {
			a.printf("%s\t%.4f\t%s\n", l.Label, l.Score, shorten(l.Text))
			continue
		}
		if err := sink.Write(l); err != nil {
			return err
		}
	}
	return nil
}

// labeller makes the function that labels texts.
func labeller(m *text.Model, opts text.ClassifyOptions, zero text.ZeroShotOptions, labels []string) (func(context.Context, []string) ([]labelled, error), error) {
	if len(labels) > 0 {
		z, err := text.NewZeroShot(m, zero)
		return func(ctx context.Context, texts []string) ([]labelled, error) {
			found := make([]labelled, len(texts))
			for i, t := range texts {
				ranked, err := z.Classify(ctx, t, labels)
				if err != nil {
					return nil, err
				}
				found[i] = newLabelled(t, ranked, false)
			}
			return found, nil
		}, err
	}
	switch task := m.Config.Task(); task {
	case text.TaskTokens, text.TaskAnswers, text.TaskGeneration:
		return nil, fmt.Errorf("the model is for %s, and cannot label texts: its architecture is %v", task, m.Config.Architectures)
	default: // nothing for the others
	}
	c, err := text.NewClassifier(m, opts)
	return func(ctx context.Context, texts []string) ([]labelled, error) {
		results, err := c.Classify(ctx, texts)
		if err != nil {
			return nil, err
		}
		found := make([]labelled, len(texts))
		for i, r := range results {
			found[i] = newLabelled(texts[i], r.Scores, r.Truncated)
		}
		return found, nil
	}, err
}

func newTag(a *app) *cobra.Command {
	var (
		flags languageFlags
		how   string
	)
	cmd := &cobra.Command{
		Use:   "tag [TEXT...] --model M",
		Short: "Find names, places and other spans in texts",
		Long: `Labels parts of each text with a model of token classification. Offsets are in bytes of the
text.`,
		Example: `  infer tag "Ada Lovelace was born in London." --model bert-ner --json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.check(args); err != nil {
				return err
			}
			m, s, err := a.openText(cmd.Context(), &flags)
			if err != nil {
				return err
			}
			defer s.Close()
			c, err := text.NewTokenClassifier(m, text.TokenOptions{Aggregation: text.Aggregation(how)})
			if err != nil {
				return err
			}
			return a.overTexts(cmd.Context(), &flags, "text", chunkTexts, func(texts []string, sink *lines.Sink) error {
				found, err := c.Classify(cmd.Context(), texts)
				if err != nil {
					return err
				}
				return a.writeSpans(texts, found, flags.asJSON, sink)
			})
		},
	}
	flags.modelFlags(a, cmd)
	flags.textFlags(cmd)
	cmd.Flags().StringVar(&how, "aggregation", "simple", "how tokens become spans: none, simple, first, average, max")
	command.CompleteWords(cmd, "aggregation", []string{"none", "simple", "first", "average", "max"})
	return cmd
}

// spanLine is a span as it is printed.
type spanLine struct {
	Label string  `json:"label"`
	Score float64 `json:"score"`
	Text  string  `json:"text"`
	Start int     `json:"start"`
	End   int     `json:"end"`
}

func (a *app) writeSpans(texts []string, found [][]text.Span, asJSON bool, sink *lines.Sink) error {
	for i, spans := range found {
		line := struct {
			Text  string     `json:"text"`
			Spans []spanLine `json:"spans"`
		}{texts[i], []spanLine{}}
		for _, s := range spans {
			line.Spans = append(line.Spans, spanLine{s.Label, s.Score, s.Text, s.Start, s.End})
			if !asJSON {
				a.printf("%s\t%.4f\t%d-%d\t%s\n", s.Label, s.Score, s.Start, s.End, s.Text)
			}
		}
		if !asJSON {
			continue
		}
		if err := sink.Write(line); err != nil {
			return err
		}
	}
	return nil
}

func newAnswer(a *app) *cobra.Command {
	var (
		flags             languageFlags
		opts              text.AnswerOptions
		question, context string
	)
	cmd := &cobra.Command{
		Use:   "answer --question Q --context FILE --model M",
		Short: "Find the part of a text that answers a question",
		Long: `Finds the part of a text that answers a question, with a model of extractive question
answering. A long text is read in pieces that overlap. Offsets are in bytes of the text.`,
		Example: `  infer answer --question "Who wrote it?" --context page.txt --model squad --json`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if flags.model == "" || question == "" || context == "" {
				return command.Usagef("--model, --question and --context are needed, the last a file or - for standard input")
			}
			content, err := a.readText(context)
			if err != nil {
				return err
			}
			m, s, err := a.openText(cmd.Context(), &flags)
			if err != nil {
				return err
			}
			defer s.Close()
			answerer, err := text.NewAnswerer(m, opts)
			if err != nil {
				return err
			}
			found, err := answerer.Answer(cmd.Context(), question, content)
			if err != nil {
				return err
			}
			for _, x := range found {
				if !flags.asJSON {
					a.printf("%.4f\t%d-%d\t%s\n", x.Score, x.Start, x.End, x.Text)
					continue
				}
				if err := lines.Print(a.Out, struct {
					Question string  `json:"question"`
					Answer   string  `json:"answer"`
					Score    float64 `json:"score"`
					Start    int     `json:"start"`
					End      int     `json:"end"`
				}{question, x.Text, x.Score, x.Start, x.End}); err != nil {
					return err
				}
			}
			return nil
		},
	}
	flags.modelFlags(a, cmd)
	f := cmd.Flags()
	f.StringVar(&question, "question", "", "what to ask")
	f.StringVar(&context, "context", "", "file that holds the text; - for standard input")
	f.IntVar(&opts.Top, "top", 1, "how many answers to print")
	f.IntVar(&opts.MaxTokens, "max-tokens", 0, "most tokens of an answer; 0 for 15")
	return cmd
}
