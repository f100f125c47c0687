package language

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/cmd/infer/internal/command"
	"github.com/seed6700ada1/infer/cmd/infer/internal/lines"
	"github.com/seed6700ada1/infer/models/lm"
	"github.com/seed6700ada1/infer/models/text/chat"
)

// conversation is a chat under way.
type conversation struct {
	app      *app
	model    *lm.Model
	template *chat.Template
	opts     lm.Options
	messages []chat.Message
	asJSON   bool
}

func newChat(a *app) *cobra.Command {
	var (
		flags                  languageFlags
		opts                   lm.Options
		system, name, template string
		turns                  []string
	)
	cmd := &cobra.Command{
		Use:   "chat --model M",
		Short: "Talk with a chat model",
		Long: `Reads what you say from standard input, a line a turn, and streams the model's answers.
With --message the turns are those, and nothing is read. The conversation is written in the
model's own template: chat_template of tokenizer_config.json, or chat_template.jinja.
What the model remembers of the conversation is kept from turn to turn.`,
		Example: `  infer chat --model smollm2 --system "Be brief."
  infer chat --model smollm2 --message "Name a colour." --temperature 0.7 --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if flags.model == "" {
				return command.Usagef("--model is missing: name a model file or folder")
			}
			m, s, err := a.openLM(cmd.Context(), &flags)
			if err != nil {
				return err
			}
			defer s.Close()
			opts.Bare, opts.Memory = true, lm.NewMemory(1)
			c := &conversation{app: a, model: m, opts: opts, asJSON: flags.asJSON}
			if c.template, err = loadTemplate(m, template, name); err != nil {
				return err
			}
			if system != "" {
				c.messages = []chat.Message{{Role: "system", Content: system}}
			}
			if len(turns) == 0 {
				return c.read(cmd.Context())
			}
			for _, text := range turns {
				if err := c.turn(cmd.Context(), text); err != nil {
					return err
				}
			}
			return nil
		},
	}
	flags.modelFlags(a, cmd)
	answerFlags(cmd, &opts)
	f := cmd.Flags()
	f.StringVar(&system, "system", "", "what the model is told before the conversation")
	f.StringArrayVar(&turns, "message", nil, "what you say; may be given several times")
	f.StringVar(&template, "template", "", "Jinja file to use in place of the model's template")
	f.StringVar(&name, "template-name", "", "which of the model's templates to use, where it has several")
	return cmd
}

// loadTemplate reads the template in a file, or else the model's.
func loadTemplate(m *lm.Model, file, name string) (*chat.Template, error) {
	if file == "" {
		return chat.Load(m.Folder, name)
	}
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	vars := map[string]any{}
	if token, ok := m.Tokenizer.IDToToken(m.Config.BOS); ok {
		vars["bos_token"] = token
	}
	if len(m.Config.EOS) > 0 {
		vars["eos_token"], _ = m.Tokenizer.IDToToken(m.Config.EOS[0])
	}
	return chat.New(string(source), vars)
}

// read takes turns from standard input until it ends.
func (c *conversation) read(ctx context.Context) error {
	const most = 16 << 20 // bytes of a line
	in := bufio.NewScanner(c.app.In)
	in.Buffer(nil, most)
	for {
		if command.IsTerminal(c.app.Err) {
			c.app.printf("> ")
		}
		if !in.Scan() {
			return in.Err()
		}
		if text := strings.TrimSpace(in.Text()); text != "" {
			if err := c.turn(ctx, text); err != nil {
				return err
			}
		}
	}
}

// turn says something and prints the answer.
func (c *conversation) turn(ctx context.Context, text string) error {
	c.messages = append(c.messages, chat.Message{Role: "user", Content: text})
	prompt, err := c.template.Render(c.messages, chat.Options{Continue: true})
	if err != nil {
		return err
	}
	var answer strings.Builder
	finish := lm.FinishNone
	for t, err := range c.model.Stream(ctx, prompt, c.opts) {
		if err != nil {
			return err
		}
		answer.WriteString(t.Text)
		finish = t.Finish
		if c.asJSON {
			continue
		}
		if _, err := fmt.Fprint(c.app.Out, t.Text); err != nil {
			return err
		}
	}
	c.messages = append(c.messages, chat.Message{Role: "assistant", Content: answer.String()})
	if !c.asJSON {
		_, err := fmt.Fprintln(c.app.Out)
		return err
	}
	return lines.Print(c.app.Out, struct {
		Role    string    `json:"role"`
		Content string    `json:"content"`
		Finish  lm.Finish `json:"finish"`
	}{"assistant", answer.String(), finish})
}
