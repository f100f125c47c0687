// Package cli is the command line: a file for each command, which reads flags
// and files, wires engines and models together, and prints.
//
// What is meant for programs goes to standard output: under --json one object a
// line, and nothing else. What is meant for people goes to standard error. The
// exit code is 0 where all went well, 1 where something failed, and 2 where the
// command was used wrongly; an error is one line that starts with "infer: ".
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/cmd/infer/internal/command"
	"github.com/seed6700ada1/infer/cmd/infer/internal/judging"
	"github.com/seed6700ada1/infer/cmd/infer/internal/language"
)

// The exit codes.
const (
	exitFine   = 0
	exitFailed = 1
	exitUsage  = 2
)

// Streams are what a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// app is what the commands share.
type app struct {
	Streams
	library string // of ONNX Runtime, from a flag
}

// Run runs the command line args, without the program's name, and returns the
// exit code.
func Run(ctx context.Context, args []string, streams Streams) int {
	root := newRoot(&app{Streams: streams})
	root.SetArgs(args)
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitFine
	}
	fmt.Fprintf(streams.Err, "infer: %s\n", strings.Join(strings.Fields(err.Error()), " "))
	if usage := new(command.UsageError); errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

func usagef(format string, args ...any) error {
	return command.Usagef(format, args...)
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "infer",
		Short: "Open pretrained ONNX models and run them",
		Long: `infer opens pretrained ONNX models and runs them, in pure Go, or on ONNX Runtime
where that is installed.

What programs read goes to standard output (--json: one object a line), what
people read to standard error. Exit codes: 0 fine, 1 failed, 2 wrong use.`,
		Example: `  infer detect --model yunet_n_320_320.onnx --draw out photos/*.jpg
  infer inspect model.onnx
  infer run model.onnx --input x=data.npy --output out`,
		SilenceErrors:              true,
		SilenceUsage:               true,
		SuggestionsMinimumDistance: 2,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return usagef("there is no command %q (see infer --help)%s", args[0], suggestion(cmd, args[0]))
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%v (see %s --help)", err, cmd.CommandPath())
	})
	root.PersistentFlags().StringVar(&a.library, "ort-lib", "", "ONNX Runtime library to load for the engine ort")
	root.AddCommand(
		newDetect(a), newCompare(a),
		newRun(a), newDiff(a), newInspect(a),
		newTokenize(a),
		newModels(a), newQuantize(a),
		newFinetune(a), newGradcheck(a),
		newBench(a), newBenchWorker(a), newConformance(a),
		judging.New(a.judgingApp()),
		newDemo(a), newVersion(a),
	)
	root.AddCommand(language.Commands(a.languageEnv())...)
	checkArguments(root)
	return root
}

// checkArguments makes every complaint about arguments a wrong use.
func checkArguments(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		if check := sub.Args; check != nil {
			sub.Args = func(cmd *cobra.Command, args []string) error {
				if err := check(cmd, args); err != nil {
					return usagef("%v (see %s --help)", err, cmd.CommandPath())
				}
				return nil
			}
		}
		checkArguments(sub)
	}
}

func suggestion(cmd *cobra.Command, word string) string {
	if near := cmd.SuggestionsFor(word); len(near) > 0 {
		return fmt.Sprintf("; did you mean %q?", near[0])
	}
	return ""
}

// printf writes for people.
func (a *app) printf(format string, args ...any) { fmt.Fprintf(a.Err, format, args...) }
