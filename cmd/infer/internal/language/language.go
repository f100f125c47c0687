// Package language holds the commands for language models: vectors, labels, answers, text.
package language

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/runtime"
)

// Env is what the commands are given: where they read and write, and how a model is
// found and opened.
type Env struct {
	In       io.Reader
	Out, Err io.Writer
	// Open opens the model at a path on an engine.
	Open func(ctx context.Context, path, engine string, opts runtime.Options) (runtime.Session, error)
	// Local is the path of a model that may be named by a repository.
	Local func(name string) (string, error)
	// Default is the model that a command uses where none is named; "" is none.
	Default func(command string) string
	// Flags adds those that choose an engine and its threads.
	Flags func(cmd *cobra.Command, engine *string, threads *int)
}

// app is the commands' environment.
type app struct{ *Env }

// Commands makes the commands.
func Commands(env *Env) []*cobra.Command {
	a := &app{env}
	return []*cobra.Command{
		newEmbed(a), newSimilarity(a), newSearch(a), newClassify(a), newTag(a), newAnswer(a),
		newGenerate(a), newTune(a), newChat(a), newPerplexity(a),
	}
}

// printf writes for people.
func (a *app) printf(format string, args ...any) { fmt.Fprintf(a.Err, format, args...) }
