package language

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/cmd/infer/internal/command"
	"github.com/seed6700ada1/infer/cmd/infer/internal/lines"
	"github.com/seed6700ada1/infer/models/text"
	"github.com/seed6700ada1/infer/runtime"
)

// embedFlags say how texts become vectors.
type embedFlags struct {
	languageFlags
	opts    text.EmbedOptions
	pooling string
	raw     bool
	strict  bool
}

func (e *embedFlags) add(a *app, cmd *cobra.Command) {
	e.modelFlags(a, cmd)
	f := cmd.Flags()
	f.StringVar(&e.pooling, "pooling", "", "mean, cls, last or max; the default is the model's own")
	f.BoolVar(&e.raw, "raw", false, "leave vectors as long as they are")
	f.StringVar(&e.opts.Prefix, "prefix", "", `put this before each text, as "query: "`)
	f.StringVar(&e.opts.Prompt, "prompt-name", "", "put the model's prompt of this name before each text")
	f.BoolVar(&e.strict, "strict", false, "fail on a text that is longer than the model takes, rather than cut it and say so")
	command.CompleteWords(cmd, "pooling", []string{"mean", "cls", "last", "max"})
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
	flags.add(a, cmd)
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

func newSimilarity(a *app) *cobra.Command {
	var flags embedFlags
	cmd := &cobra.Command{
		Use:   "similarity TEXT TEXT... --model M",
		Short: "Compare the meanings of texts",
		Long: `Compares each two of the texts by the cosine of their vectors: 1 where they mean the same,
about 0 where they have nothing in common.`,
		Example: `  infer similarity "A cat sat down." "A kitten rests." --model all-MiniLM-L6-v2`,
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.check(args); err != nil {
				return err
			}
			e, s, err := a.openEmbedder(cmd.Context(), &flags)
			if err != nil {
				return err
			}
			defer s.Close()
			vectors, err := e.Embed(cmd.Context(), args)
			if err != nil {
				return err
			}
			for i := range args {
				for j := i + 1; j < len(args); j++ {
					cosine := text.Cosine(vectors[i].Vector, vectors[j].Vector)
					if !flags.asJSON {
						a.printf("%.4f\t%s\t%s\n", cosine, shorten(args[i]), shorten(args[j]))
						continue
					}
					if err := lines.Print(a.Out, struct {
						A          string  `json:"a"`
						B          string  `json:"b"`
						Similarity float64 `json:"similarity"`
					}{args[i], args[j], cosine}); err != nil {
						return err
					}
				}
			}
			return nil
		},
	}
	flags.add(a, cmd)
	return cmd
}

func (a *app) openEmbedder(ctx context.Context, flags *embedFlags) (*text.Embedder, runtime.Session, error) {
	m, s, err := a.openText(ctx, &flags.languageFlags)
	if err != nil {
		return nil, nil, err
	}
	e, err := text.NewEmbedder(m, flags.options())
	if err != nil {
		s.Close()
		return nil, nil, err
	}
	return e, s, nil
}

// searchFlags say what is looked for, and how.
type searchFlags struct {
	embedFlags
	top       int
	docPrefix string
	reranker  string
	candidate int
	queries   string
}

func newSearch(a *app) *cobra.Command {
	var flags searchFlags
	cmd := &cobra.Command{
		Use:   "search QUERY... --file TEXTS --model M",
		Short: "Find the texts of a file that fit a query",
		Long: `Finds the lines of a file whose meaning is nearest to each query: exactly, by looking at
all. With --reranker, a cross-encoder reads the query together with the nearest --candidates
and puts them in its own order.`,
		Example: `  infer search "how to boil an egg" --file recipes.txt --model all-MiniLM-L6-v2 --top 5
  infer search "late parcel" --file faq.txt --model e5 --prefix "query: " --doc-prefix "passage: " --json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			args, err := a.queries(&flags, args)
			if err != nil {
				return err
			}
			if flags.model == "" || flags.source.File == "" || flags.top < 1 || flags.candidate < 1 {
				return command.Usagef("--model and --file are needed, the texts to search, and --top and --candidates of 1 or more")
			}
			e, s, err := a.openEmbedder(cmd.Context(), &flags.embedFlags)
			if err != nil {
				return err
			}
			defer s.Close()
			queries, err := e.Embed(cmd.Context(), args)
			if err != nil {
				return err
			}
			texts, index, err := a.index(cmd.Context(), &flags, s)
			if err != nil {
				return err
			}
			found := make([][]text.Ranked, len(args))
			for i, q := range queries {
				k := flags.top
				if flags.reranker != "" {
					k = max(k, flags.candidate)
				}
				if found[i], err = index.Nearest(q.Vector, k); err != nil {
					return err
				}
			}
			if flags.reranker != "" {
				if err := a.rerank(cmd.Context(), &flags, args, texts, found); err != nil {
					return err
				}
			}
			return a.writeHits(args, texts, found, &flags)
		},
	}
	flags.add(a, cmd)
	f := cmd.Flags()
	f.StringVar(&flags.source.File, "file", "", "texts to search, one a line; - for standard input")
	f.BoolVar(&flags.source.JSONL, "jsonl", false, `lines of the file are JSON objects {"text": ...}`)
	f.IntVar(&flags.top, "top", 10, "how many texts to print")
	f.StringVar(&flags.docPrefix, "doc-prefix", "", `put this before each text of the file, as "passage: "`)
	f.StringVar(&flags.reranker, "reranker", "", "model file or folder of a cross-encoder")
	f.IntVar(&flags.candidate, "candidates", 50, "how many texts the reranker reads")
	f.StringVar(&flags.queries, "queries", "", "file of queries, one a line")
	return cmd
}

// queries are those that were given and those of the file.
func (a *app) queries(flags *searchFlags, args []string) ([]string, error) {
	if flags.queries != "" {
		source := lines.Source{File: flags.queries, In: a.In}
		for q, err := range source.Texts() {
			if err != nil {
				return nil, err
			}
			args = append(args, q)
		}
	}
	if len(args) == 0 {
		return nil, command.Usagef("no query: give one, or --queries, a file of them")
	}
	return args, nil
}

// index embeds the texts of the file.
func (a *app) index(ctx context.Context, flags *searchFlags, s runtime.Session) ([]string, *text.Index, error) {
	m, err := text.Open(s, flags.model)
	if err != nil {
		return nil, nil, err
	}
	opts := flags.options()
	opts.Prefix, opts.Prompt = flags.docPrefix, ""
	e, err := text.NewEmbedder(m, opts)
	if err != nil {
		return nil, nil, err
	}
	index, err := text.NewIndex(nil)
	if err != nil {
		return nil, nil, err
	}
	flags.source.In = a.In
	var texts []string
	for chunk, err := range lines.Chunks(flags.source.Texts(), chunkTexts) {
		if err != nil {
			return nil, nil, err
		}
		vectors, err := e.Embed(ctx, chunk)
		if err != nil {
			return nil, nil, err
		}
		for _, v := range vectors {
			if err := index.Add(v.Vector); err != nil {
				return nil, nil, err
			}
		}
		texts = append(texts, chunk...)
		if command.IsTerminal(a.Err) {
			a.printf("\r%d texts", len(texts))
		}
	}
	if command.IsTerminal(a.Err) {
		a.printf("\r")
	}
	return texts, index, nil
}

// rerank puts what was found in the order of a cross-encoder.
func (a *app) rerank(ctx context.Context, flags *searchFlags, queries, texts []string, found [][]text.Ranked) error {
	other := flags.languageFlags
	other.model = flags.reranker
	m, s, err := a.openText(ctx, &other)
	if err != nil {
		return err
	}
	defer s.Close()
	r, err := text.NewReranker(m, !flags.strict)
	if err != nil {
		return err
	}
	for i, hits := range found {
		candidates := make([]string, len(hits))
		for j, h := range hits {
			candidates[j] = texts[h.Index]
		}
		ranked, err := r.Rank(ctx, queries[i], candidates)
		if err != nil {
			return err
		}
		best := make([]text.Ranked, 0, flags.top)
		for _, x := range ranked[:min(flags.top, len(ranked))] {
			best = append(best, text.Ranked{Index: hits[x.Index].Index, Score: x.Score})
		}
		found[i] = best
	}
	return nil
}

func (a *app) writeHits(queries, texts []string, found [][]text.Ranked, flags *searchFlags) error {
	sink := lines.NewSink(a.Out)
	for i, hits := range found {
		for rank, h := range hits {
			if !flags.asJSON {
				a.printf("%.4f\t%d\t%s\n", h.Score, h.Index+1, texts[h.Index])
				continue
			}
			if err := sink.Write(struct {
				Query string  `json:"query"`
				Rank  int     `json:"rank"`
				Line  int     `json:"line"` // among the texts, from 1
				Score float64 `json:"score"`
				Text  string  `json:"text"`
			}{queries[i], rank + 1, h.Index + 1, h.Score, texts[h.Index]}); err != nil {
				return err
			}
		}
	}
	return sink.Close()
}
