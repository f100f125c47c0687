package language

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/cmd/infer/internal/command"
	"github.com/seed6700ada1/infer/cmd/infer/internal/lines"
	"github.com/seed6700ada1/infer/models/text"
	"github.com/seed6700ada1/infer/runtime"
)

// languageFlags are what the commands for language models share: the model, where the
// texts come from, and where the results go.
type languageFlags struct {
	model, engine string
	threads       int
	source        lines.Source
	out           string
	resume        bool
	asJSON        bool
}

// modelFlags adds the flags that name the model.
func (l *languageFlags) modelFlags(a *app, cmd *cobra.Command) {
	cmd.Flags().StringVar(&l.model, "model", a.Default(cmd.Name()), "model file or folder, or the name of one that comes with the program")
	a.Flags(cmd, &l.engine, &l.threads)
	cmd.Flags().BoolVar(&l.asJSON, "json", false, "print one JSON object a line")
}

// textFlags adds the flags that say where texts come from and where results go.
func (l *languageFlags) textFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&l.source.File, "file", "", "read texts from this file, one a line; - for standard input")
	f.BoolVar(&l.source.JSONL, "jsonl", false, `lines are JSON objects {"text": ...}, from --file or standard input`)
	f.StringVar(&l.out, "out", "", "write JSON lines to this file")
	f.BoolVar(&l.resume, "resume", false, "go on with the file --out: leave out the texts that are in it")
}

// check refuses flags that make no sense together.
func (l *languageFlags) check(args []string) error {
	switch {
	case l.model == "":
		return command.Usagef("--model is missing: name a model file or folder")
	case len(args) > 0 && (l.source.JSONL || l.source.File != ""):
		return command.Usagef("--jsonl and --file read texts, and %q is given too", args[0])
	case len(args) == 0 && !l.source.JSONL && l.source.File == "":
		return command.Usagef("no text: give one, or --file or --jsonl to read them")
	case l.resume && l.out == "":
		return command.Usagef("--resume needs --out, the file to go on with")
	}
	l.source.Args = args
	return nil
}

// openText opens an encoder model with what stands beside it.
func (a *app) openText(ctx context.Context, l *languageFlags) (*text.Model, runtime.Session, error) {
	var err error
	if l.model, err = a.Local(l.model); err != nil {
		return nil, nil, err
	}
	s, err := a.Open(ctx, l.model, l.engine, runtime.Options{Threads: l.threads})
	if err != nil {
		return nil, nil, err
	}
	m, err := text.Open(s, l.model)
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return m, s, nil
}

// chunkTexts is how many texts are handled at a time: enough to sort by length, few
// enough to hold and to lose.
const chunkTexts = 256

// overTexts goes over the texts in chunks and gives each to handle, which writes records
// of them. Texts that have a record already are left out.
func (a *app) overTexts(ctx context.Context, l *languageFlags, field string, chunk int, handle func(texts []string, sink *lines.Sink) error) (err error) {
	sink := lines.NewSink(a.Out)
	if l.out != "" {
		if sink, err = lines.OpenSink(l.out, l.resume, field); err != nil {
			return err
		}
		l.asJSON = true
	}
	defer func() { err = errors.Join(err, sink.Close()) }()
	l.source.In, l.source.Field = a.In, field
	texts := sink.Rest(l.source.Texts())
	done := sink.Done()
	for chunk, err := range lines.Chunks(texts, chunk) {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := handle(chunk, sink); err != nil {
			return err
		}
		if err := sink.Flush(); err != nil {
			return err
		}
		if done += len(chunk); l.out != "" && command.IsTerminal(a.Err) {
			a.printf("\r%d texts", done)
		}
	}
	if l.out != "" && command.IsTerminal(a.Err) {
		a.printf("\n")
	}
	return nil
}
