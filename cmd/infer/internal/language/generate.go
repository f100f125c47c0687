package language

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/cmd/infer/internal/command"
	"github.com/seed6700ada1/infer/cmd/infer/internal/lines"
	"github.com/seed6700ada1/infer/models/lm"
	"github.com/seed6700ada1/infer/models/lm/constrain"
	"github.com/seed6700ada1/infer/runtime"
)

// openLM opens a decoder with what stands beside it.
func (a *app) openLM(ctx context.Context, l *languageFlags) (*lm.Model, runtime.Session, error) {
	var err error
	if l.model, err = a.Local(l.model); err != nil {
		return nil, nil, err
	}
	s, err := a.Open(ctx, l.model, l.engine, runtime.Options{Threads: l.threads})
	if err != nil {
		return nil, nil, err
	}
	m, err := lm.Open(s, l.model)
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return m, s, nil
}

// answerFlags add the flags that say how an answer is written.
func answerFlags(cmd *cobra.Command, o *lm.Options) {
	f := cmd.Flags()
	f.IntVar(&o.MaxTokens, "max-tokens", 0, "most tokens of the answer; 0 for what the context has room for")
	f.Float64Var(&o.Temperature, "temperature", 0, "how far from the likeliest token to go; 0 takes it")
	f.IntVar(&o.TopK, "top-k", 0, "choose among this many of the likeliest tokens")
	f.Float64Var(&o.TopP, "top-p", 0, "choose among the likeliest tokens of this probability together")
	f.Float64Var(&o.MinP, "min-p", 0, "choose among tokens with this part of the likeliest one's probability")
	f.Float64Var(&o.Typical, "typical", 0, "choose among the most typical tokens of this probability together")
	f.Float64Var(&o.Repetition, "repetition-penalty", 0, "divide the scores of tokens seen before by this")
	f.Float64Var(&o.Presence, "presence-penalty", 0, "take this from the scores of tokens in the answer")
	f.Float64Var(&o.Frequency, "frequency-penalty", 0, "take this from them for each time they are there")
	f.Uint64Var(&o.Seed, "seed", 0, "seed of random choices")
	f.StringArrayVar(&o.Stop, "stop", nil, "end the answer before this text; may be given several times")
	f.BoolVar(&o.IgnoreEOS, "ignore-eos", false, "go on where the model would end the answer")
	f.BoolVar(&o.Truncate, "truncate", false, "drop the beginning of a prompt that is too long, rather than fail")
}

// generated is what the command prints for a prompt.
type generated struct {
	Prompt   string        `json:"prompt"`
	Text     string        `json:"text"`
	IDs      []int64       `json:"ids"`
	Finish   lm.Finish     `json:"finish"`
	LogProbs []tokenChance `json:"logprobs,omitempty"`
}

// tokenChance is how likely a token was.
type tokenChance struct {
	ID      int64         `json:"id"`
	LogProb float64       `json:"logprob"`
	Top     []tokenChance `json:"top,omitempty"`
}

func newGenerated(prompt string, r *lm.Result) generated {
	g := generated{Prompt: prompt, Text: r.Text, IDs: r.IDs, Finish: r.Finish}
	if g.IDs == nil {
		g.IDs = []int64{}
	}
	for _, t := range r.Tokens {
		if len(t.Top) == 0 {
			continue
		}
		c := tokenChance{ID: t.ID, LogProb: t.LogProb}
		for _, alt := range t.Top {
			c.Top = append(c.Top, tokenChance{ID: alt.ID, LogProb: alt.LogProb})
		}
		g.LogProbs = append(g.LogProbs, c)
	}
	return g
}

func newGenerate(a *app) *cobra.Command {
	var (
		flags         languageFlags
		opts          lm.Options
		prompts       []string
		regex, schema string
	)
	cmd := &cobra.Command{
		Use:   "generate --model M --prompt P",
		Short: "Write the text that follows a prompt",
		Long: `Writes what follows each prompt, and streams it to the terminal. Prompts may come from
--file, a line each, or --jsonl, objects {"prompt": ...}. A prompt that is longer than the
model's context is an error, unless --truncate drops its beginning.`,
		Example: `  infer generate --model stories260K --prompt "Once upon a time" --max-tokens 64
  infer generate --model stories260K --prompt Lily --temperature 0.8 --top-p 0.95 --seed 7 --json
  infer generate --model stories260K --jsonl <prompts.jsonl --out answers.jsonl --resume`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(prompts) == 0 && !flags.source.JSONL && flags.source.File == "" {
				return command.Usagef("--prompt is missing: the text to go on with")
			}
			if err := flags.check(prompts); err != nil {
				return err
			}
			m, s, err := a.openLM(cmd.Context(), &flags)
			if err != nil {
				return err
			}
			defer s.Close()
			if opts.Constraint, err = constraint(m, regex, schema); err != nil {
				return err
			}
			return a.overTexts(cmd.Context(), &flags, "prompt", 1, func(prompts []string, sink *lines.Sink) error {
				if !flags.asJSON {
					return a.streamAnswer(cmd.Context(), m, prompts[0], opts)
				}
				r, err := m.Generate(cmd.Context(), prompts[0], opts)
				if err != nil {
					return err
				}
				return sink.Write(newGenerated(prompts[0], r))
			})
		},
	}
	flags.modelFlags(a, cmd)
	flags.textFlags(cmd)
	answerFlags(cmd, &opts)
	cmd.Flags().StringArrayVar(&prompts, "prompt", nil, "text to go on with; may be given several times")
	cmd.Flags().StringVar(&regex, "regex", "", "write only what matches this regular expression")
	cmd.Flags().StringVar(&schema, "schema", "", "write only JSON that follows the JSON schema in this file")
	cmd.Flags().IntVar(&opts.LogProbs, "logprobs", 0, "under --json, how likely each token was, and that many others")
	return cmd
}

// constraint makes what restricts an answer; nil where nothing does.
func constraint(m *lm.Model, regex, schema string) (lm.Constraint, error) {
	if regex == "" && schema == "" {
		return nil, nil
	}
	if regex != "" && schema != "" {
		return nil, command.Usagef("--regex and --schema are given: only one can be")
	}
	v, err := constrain.NewVocabulary(m.Tokenizer)
	if err != nil {
		return nil, err
	}
	if regex != "" {
		return constrain.Regexp(v, regex)
	}
	data, err := os.ReadFile(schema)
	if err != nil {
		return nil, err
	}
	return constrain.Schema(v, data)
}

// streamAnswer prints an answer as it comes, behind its prompt.
func (a *app) streamAnswer(ctx context.Context, m *lm.Model, prompt string, opts lm.Options) error {
	before := prompt // printed with the first token: where there is none, nothing is
	for t, err := range m.Stream(ctx, prompt, opts) {
		if err != nil {
			return err
		}
		if _, err := fmt.Fprint(a.Out, before+t.Text); err != nil {
			return err
		}
		before = ""
	}
	_, err := fmt.Fprintln(a.Out)
	return err
}

func newPerplexity(a *app) *cobra.Command {
	var (
		flags   languageFlags
		windows lm.Windows
	)
	cmd := &cobra.Command{
		Use:   "perplexity FILE --model M",
		Short: "Judge how surprising a text is to a model",
		Long: `Prints how likely a text is: the mean of -log of its tokens' probabilities (nll), and the
perplexity, exp(nll). The text is cut into windows of --window tokens, before each of which
stands the token that begins a text. With --stride windows overlap, and only the last tokens
of each are judged. FILE may be - for standard input.`,
		Example: `  infer perplexity story.txt --model stories260K --window 255 --tokens 2000 --json`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if flags.model == "" {
				return command.Usagef("--model is missing: name a model file or folder")
			}
			content, err := a.readText(args[0])
			if err != nil {
				return err
			}
			m, s, err := a.openLM(cmd.Context(), &flags)
			if err != nil {
				return err
			}
			defer s.Close()
			p, err := m.Perplexity(cmd.Context(), content, windows, a.tokenProgress())
			if err != nil {
				return err
			}
			if !flags.asJSON {
				a.printf("%d tokens, nll %.4f, perplexity %.4f\n", p.Tokens, p.NLL, p.Perplexity)
				return nil
			}
			return lines.Print(a.Out, struct {
				Tokens     int     `json:"tokens"`
				NLL        float64 `json:"nll"`
				Perplexity float64 `json:"perplexity"`
			}{p.Tokens, p.NLL, p.Perplexity})
		},
	}
	flags.modelFlags(a, cmd)
	f := cmd.Flags()
	f.IntVar(&windows.Size, "window", 0, "tokens of the text that are run together; 0 for what the context has room for")
	f.IntVar(&windows.Stride, "stride", 0, "tokens of each window that are judged; 0 for all")
	f.IntVar(&windows.Tokens, "tokens", 0, "judge this many tokens; 0 for all")
	return cmd
}

// tokenProgress shows on a terminal how many tokens are done.
func (a *app) tokenProgress() func(done, all int) {
	if !command.IsTerminal(a.Err) {
		return nil
	}
	return func(done, all int) {
		a.printf("\r%d of %d tokens", done, all)
		if done == all {
			a.printf("\r%s\r", strings.Repeat(" ", 40))
		}
	}
}

// readText reads a file, or standard input where it is called -.
func (a *app) readText(name string) (string, error) {
	if name == command.Stdin {
		return lines.All(a.In)
	}
	data, err := os.ReadFile(name)
	return string(data), err
}
