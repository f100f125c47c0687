package cli

import (
	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/cmd/infer/internal/lines"
	"github.com/seed6700ada1/infer/models/text"
)

// embedFlags say how texts become vectors.
type embedFlags struct {
	languageFlags
	opts    text.EmbedOptions
	pooling string
	raw     bool
	strict  bool
}

func (e *embedFlags) add(cmd *cobra.Command) {
	e.modelFlags(cmd)
	f := cmd.Flags()
	f.StringVar(&e.pooling, "pooling", "", "mean, cls, last or max; the default is the model's own")
	f.BoolVar(&e.raw, "raw", false, "leave vectors as long as they are")
	f.StringVar(&e.opts.Prefix, "prefix", "", `put this before each text, as "query: "`)
	f.StringVar(&e.opts.Prompt, "prompt-name", "", "put the model's prompt of this name before each text")
	f.BoolVar(&e.strict, "strict", false, "fail on a text that is longer than the model takes, rather than cut it and say so")
	completeWords(cmd, "pooling", []string{"mean", "cls", "last", "max"})
}

func (e *embedFlags) options() text.EmbedOptions {
	o := e.opts
	o.Pooling, o.Truncate = text.Pooling(e.pooling), !e.strict
	if e.raw {
		o.Normalise = text.No
	}
	return o
}

// embedded is what the command prints for a text.
type embedded struct {
	Text      string    `json:"text"`
	Embedding []float32 `json:"embedding"`
	Truncated bool      `json:"truncated,omitempty"`
}

func newEmbed(a *app) *cobra.Command {
	var flags embedFlags
	cmd := &cobra.Command{
		Use:   "embed [TEXT...] --model M",
		Short: "Turn texts into vectors",
		Long: `Turns each text into a vector whose direction is its meaning. How the vectors of tokens
are pooled, and whether the result has length one, is told from the files beside the
model. A text that is longer than the model takes is cut, which is said on standard error
and as "truncated" in the record; --strict makes it an error.`,
		Example: `  infer embed "A cat sat on the mat." --model all-MiniLM-L6-v2 --json
  infer embed --model all-MiniLM-L6-v2 --file texts.txt --out vectors.jsonl --resume`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.check(args); err != nil {
				return err
			}
			m, s, err := a.openText(cmd.Context(), &flags.languageFlags)
			if err != nil {
				return err
			}
			defer s.Close()
			e, err := text.NewEmbedder(m, flags.options())
			if err != nil {
				return err
			}
			return a.overTexts(cmd.Context(), &flags.languageFlags, "text", chunkTexts, func(texts []string, sink *lines.Sink) error {
				vectors, err := e.Embed(cmd.Context(), texts)
				if err != nil {
					return err
				}
				return a.writeVectors(texts, vectors, m.MaxTokens, flags.asJSON, sink)
			})
		},
	}
	flags.add(cmd)
	flags.textFlags(cmd)
	return cmd
}

func (a *app) writeVectors(texts []string, vectors []text.Embedding, most int, asJSON bool, sink *lines.Sink) error {
	const shown = 6 // numbers of a vector that people see
	for i, v := range vectors {
		if v.Truncated {
			a.printf("infer: %q… was cut to %d tokens\n", shorten(texts[i]), most)
		}
		if !asJSON {
			a.printf("%s\t%d tokens\t%d numbers: %.4f…\n", shorten(texts[i]), v.Tokens, len(v.Vector), v.Vector[:min(shown, len(v.Vector))])
			continue
		}
		if err := sink.Write(embedded{texts[i], v.Vector, v.Truncated}); err != nil {
			return err
		}
	}
	return nil
}

// shorten keeps the beginning of a text, for messages.
func shorten(s string) string {
	const most = 40
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i]
		}
	}
	return s
}
