package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/cmd/infer/internal/command"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/gorgonia"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/ort"
)

// engineNames lists the engines, the default first.
var engineNames = []string{"native", "ort", "gorgonia"}

// engine makes the engine of that name. Where it was left out of the build, or
// its library is not there, opening a model says so.
func (a *app) engine(name string) (runtime.Engine, error) {
	switch name {
	case "native":
		return native.New()
	case "ort":
		return ort.New(ort.WithLibrary(a.library)), nil
	case "gorgonia":
		reference, err := native.New()
		if err != nil {
			return nil, err
		}
		return gorgonia.New(gorgonia.WithReference(reference)), nil
	}
	return nil, usagef("there is no engine %q: the engines are %s", name, strings.Join(engineNames, ", "))
}

// engines makes several, none twice.
func (a *app) engines(names []string) ([]runtime.Engine, error) {
	list := make([]runtime.Engine, len(names))
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return nil, usagef("engine %q is named twice", name)
		}
		e, err := a.engine(name)
		if err != nil {
			return nil, err
		}
		list[i] = e
	}
	return list, nil
}

// engineFlag adds --engine for a command that uses one engine.
func engineFlag(cmd *cobra.Command, name *string) {
	cmd.Flags().StringVar(name, "engine", engineNames[0], "engine: "+strings.Join(engineNames, ", "))
	completeWords(cmd, "engine", engineNames)
}

// threadsFlag adds --threads for a command that uses one engine.
func threadsFlag(cmd *cobra.Command, n *int) {
	cmd.Flags().IntVar(n, "threads", 0, "threads that a run may use; 0 for all")
}

// checkThreads refuses numbers that make no sense.
func checkThreads(threads ...int) error {
	const most = 1024
	for _, n := range threads {
		if n < 0 || n > most {
			return usagef("--threads %d: expected 0 to %d", n, most)
		}
	}
	return nil
}

// completeWords makes the shell complete a flag's value from a list.
func completeWords(cmd *cobra.Command, flag string, words []string) {
	command.CompleteWords(cmd, flag, words)
}
