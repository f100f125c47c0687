// Package judging is the command judge of the command line, with its sub-commands: it
// reads flags and files, wires suites, judges and journals together, and prints.
package judging

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/judge/replay"
	"github.com/seed6700ada1/infer/runtime"
)

// App is what the commands use of the program.
type App struct {
	In       io.Reader
	Out, Err io.Writer
	Terminal bool                                   // Err is one
	Usage    func(format string, args ...any) error // an error of wrong use
	// Open opens the model at a path on an engine.
	Open func(ctx context.Context, path, engine string) (runtime.Session, error)
	// Local is the path of a model that may be named by a repository, or come with the
	// program.
	Local func(name string) (string, error)
}

// printf writes for people.
func (a *App) printf(format string, args ...any) { fmt.Fprintf(a.Err, format, args...) }

// count returns a number of things in words.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// New returns the command.
func New(a *App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "judge",
		Short: "Evaluate what language models write",
		Long: `Evaluates what language models write: runs a suite of items past judges, and counts
their verdicts with intervals. An answer that cannot be read is unscored and
counted as such; it never becomes a number.`,
		Example: `  infer judge run suite.yaml --out runs/one
  infer judge replay recorded/llmbar`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newRun(a), newReport(a), newMerge(a), newCompare(a), newAgree(a), newRank(a), newReplay(a))
	return cmd
}

// replayLine is a recorded run as it is printed. Shares are in percent.
type replayLine struct {
	Subset      string   `json:"subset"`
	Judge       string   `json:"judge"`
	Prompt      string   `json:"prompt"`
	N           int      `json:"n"`
	Accuracy    float64  `json:"accuracy"`
	Agreement   float64  `json:"agreement"`
	Kappa       *float64 `json:"kappa,omitempty"` // of the two orders, where it is defined
	Unscored    int      `json:"unscored"`
	Completions int      `json:"completions"`
	Differences int      `json:"differences"`
}

func newReplay(a *App) *cobra.Command {
	var asJSON, show bool
	cmd := &cobra.Command{
		Use:   "replay DIR",
		Short: "Compute the figures of recorded runs",
		Long: `Computes accuracy and positional agreement, in percent, of runs that were recorded as
SUBSET/evaluators/JUDGE/PROMPT.json, and reads every recorded completion again: where
the answer reads otherwise than was recorded, that is a difference.`,
		Example: `  infer judge replay recorded/llmbar
  infer judge replay recorded/llmbar --json
  infer judge replay recorded/llmbar --differences`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			runs, err := replay.Find(args[0])
			if err != nil {
				return err
			}
			out := json.NewEncoder(a.Out)
			for _, run := range runs {
				f, err := replay.Score(cmd.Context(), run)
				if err != nil {
					return err
				}
				line := replayLine{
					run.Subset, run.Judge, run.Prompt, f.N, f.Accuracy(), f.Agreement(),
					nil, f.Unscored, f.Completions, len(f.Differences),
				}
				if kappa, ok := f.Kappa(); ok {
					line.Kappa = &kappa
				}
				if asJSON {
					if err := out.Encode(line); err != nil {
						return err
					}
				} else {
					a.printf("%-32s %-10s %-18s n %4d  accuracy %5.1f %%  agreement %5.1f %%  unscored %d, differences %d of %d\n",
						line.Subset, line.Judge, line.Prompt, line.N, line.Accuracy, line.Agreement,
						line.Unscored, line.Differences, line.Completions)
				}
				if show {
					a.printDifferences(f.Differences)
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print an object for each run")
	cmd.Flags().BoolVar(&show, "differences", false, "show the completions that read otherwise than recorded")
	return cmd
}

// printDifferences shows completions, shortened to their end, where judges conclude.
func (a *App) printDifferences(differences []replay.Difference) {
	const shown = 200 // runes
	for _, d := range differences {
		end := []rune(d.Text)
		end = end[max(0, len(end)-shown):]
		a.printf("  item %d, swapped %v: recorded %v, reads as %v: %q\n", d.Item, d.Swapped, d.Recorded, d.Read, string(end))
	}
}
