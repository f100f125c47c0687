// Package command is what the packages of commands share: the error of a wrong use,
// completion, and whether a person is looking.
package command

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// Stdin is the argument that stands for standard input.
const Stdin = "-"

// UsageError is a wrong use of a command.
type UsageError struct{ message string }

// Error is one line.
func (e *UsageError) Error() string { return e.message }

// Usagef makes the error of a wrong use.
func Usagef(format string, args ...any) error {
	return &UsageError{fmt.Sprintf(format, args...)}
}

// CompleteWords makes the shell complete a flag's value from a list.
func CompleteWords(cmd *cobra.Command, flag string, words []string) {
	// fails only for a flag that the command does not have
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// IsTerminal says whether what is written to w is shown as it comes.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
