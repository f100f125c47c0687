package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/models/text/tokenizer"
)

func newTokenize(a *app) *cobra.Command {
	var (
		model         string
		jsonl, asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "tokenize [TEXT...] --model M",
		Short: "Show the tokens that a language model sees",
		Long: `Cuts each TEXT into tokens as the model's tokenizer does, with the special tokens it
adds and without truncation or padding. The tokenizer is looked for at --model: a
tokenizer.json, vocab.txt, vocab.json or .tiktoken file, or beside a model file or in
a folder, or one folder up.

--jsonl reads lines {"text": ...} from standard input, and prints for each a line
{"ids", "offsets"}; offsets count code points of the text.`,
		Example: `  infer tokenize "Hello, world" --model all-MiniLM-L6-v2
  infer tokenize --model cl100k_base.tiktoken --jsonl <texts.jsonl >tokens.jsonl`,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case model == "":
				return usagef("--model is missing: the file or folder of a tokenizer")
			case jsonl && len(args) > 0:
				return usagef("--jsonl reads texts from standard input, and %q is given too", args[0])
			case !jsonl && len(args) == 0:
				return usagef("no text: give one, or --jsonl to read them from standard input")
			}
			path, err := localModel(model)
			if err != nil {
				return err
			}
			tok, err := tokenizer.Load(path)
			if err != nil {
				return err
			}
			if jsonl {
				return a.tokenizeLines(cmd.Context(), tok)
			}
			return a.tokenizeTexts(tok, args, asJSON)
		},
	}
	cmd.Flags().StringVar(&model, "model", "", "file or folder of the tokenizer")
	cmd.Flags().BoolVar(&jsonl, "jsonl", false, "read texts from standard input, a JSON object a line")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a text")
	return cmd
}

// tokenized is what the command prints for a text.
type tokenized struct {
	IDs     []int64  `json:"ids"`
	Offsets [][2]int `json:"offsets"`
}

func newTokenized(e tokenizer.Encoding) tokenized {
	out := tokenized{e.IDs, make([][2]int, len(e.Offsets))}
	for i, o := range e.Offsets {
		out.Offsets[i] = [2]int{o.Start, o.End}
	}
	return out
}

// tokenizeTexts prints the tokens of texts.
func (a *app) tokenizeTexts(tok *tokenizer.Tokenizer, texts []string, asJSON bool) error {
	out := json.NewEncoder(a.Out)
	for _, text := range texts {
		e, err := tok.Encode(text, tokenizer.WithRuneOffsets())
		if err != nil {
			return err
		}
		if asJSON {
			if err := out.Encode(newTokenized(e)); err != nil {
				return err
			}
			continue
		}
		for i, token := range e.Tokens {
			a.printf("%d\t%q\t%d-%d\n", e.IDs[i], token, e.Offsets[i].Start, e.Offsets[i].End)
		}
	}
	return nil
}

// tokenizeLines prints the tokens of the texts on standard input. What is printed is
// written whenever the input has to be waited for.
func (a *app) tokenizeLines(ctx context.Context, tok *tokenizer.Tokenizer) error {
	in, out := bufio.NewReaderSize(a.In, 1<<16), bufio.NewWriter(a.Out)
	enc := json.NewEncoder(out)
	for number := 1; ; number++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		line, err := in.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("standard input: %w", err)
		}
		end := err != nil
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if err := tokenizeLine(enc, tok, line); err != nil {
				return errors.Join(fmt.Errorf("standard input, line %d: %w", number, err), out.Flush())
			}
		}
		if end {
			return out.Flush()
		}
		if in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
}

func tokenizeLine(out *json.Encoder, tok *tokenizer.Tokenizer, line []byte) error {
	var in struct {
		Text *string `json:"text"`
	}
	if err := json.Unmarshal(line, &in); err != nil {
		return fmt.Errorf(`want an object {"text": ...}: %w`, err)
	}
	if in.Text == nil {
		return errors.New(`want an object {"text": ...}: it has no text`)
	}
	e, err := tok.Encode(*in.Text, tokenizer.WithRuneOffsets())
	if err != nil {
		return err
	}
	return out.Encode(newTokenized(e))
}
