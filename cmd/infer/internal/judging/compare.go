package judging

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/internal/journal"
	"github.com/seed6700ada1/infer/judge/report"
)

func newCompare(a *App) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "compare OLD NEW",
		Short: "Compare two runs item by item",
		Long: `Compares the verdicts of two runs' folders on the items that both have scored: the mean
difference with a paired bootstrap interval, the sign test, McNemar's test where items
have labels, and how many items would show such a difference.`,
		Example: `  infer judge compare runs/one runs/two`,
		Args:    cobra.ExactArgs(2),
		RunE:    func(_ *cobra.Command, args []string) error { return compareRuns(a, args[0], args[1], asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print an object for each judge and protocol")
	return cmd
}

func compareRuns(a *App, old, now string, asJSON bool) error {
	list, err := report.Compare(report.ReadLines(filepath.Join(old, verdictsFile)), report.ReadLines(filepath.Join(now, verdictsFile)))
	if err != nil {
		return err
	}
	out := json.NewEncoder(a.Out)
	for _, c := range list {
		if asJSON {
			if err := out.Encode(c); err != nil {
				return err
			}
			continue
		}
		a.printf("%s, %s: %.4f was %.4f, difference %v on %d items, sign test p %.3g", c.Judge, c.Protocol, c.New, c.Old, c.Difference, c.Pairs, c.Sign.P)
		if c.McNemar != nil {
			a.printf(", McNemar p %.3g", c.McNemar.P)
		}
		if c.Needed > 0 {
			a.printf("; about %d items show a difference of this size", c.Needed)
		}
		a.printf("\n")
	}
	return nil
}

func newAgree(a *App) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "agree DIR",
		Short:   "Measure how far the judges of a run agree",
		Long:    `Measures agreement between the judges of a run, and with the labels of people: share, Cohen's κ or correlations for each two, Krippendorff's α for all.`,
		Example: `  infer judge agree runs/one`,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			list, err := report.Agree(report.ReadLines(filepath.Join(args[0], verdictsFile)))
			if err != nil {
				return err
			}
			out := json.NewEncoder(a.Out)
			for _, g := range list {
				if asJSON {
					if err := out.Encode(g); err != nil {
						return err
					}
					continue
				}
				a.printf("%s: %s, %s, α %s\n", g.Protocol, count(len(g.Judges), "judge"), count(g.Items, "item"), number(g.Alpha))
				for _, p := range g.Pairs {
					a.printf("  %s and %s: same %.3f of %d, κ %s, Pearson %s, Spearman %s, Kendall %s\n",
						p.A, p.B, p.Same, p.N, number(p.Kappa), number(p.Pearson), number(p.Spearman), number(p.Kendall))
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print an object for each protocol")
	return cmd
}

// number prints a figure that may not be defined.
func number(v *float64) string {
	if v == nil {
		return "–"
	}
	return fmt.Sprintf("%.3f", *v)
}

func newRank(a *App) *cobra.Command {
	var asJSON bool
	var judge string
	cmd := &cobra.Command{
		Use:   "rank DIR",
		Short: "Rank the systems that a run compared",
		Long: `Ranks the systems whose candidates a run compared: Bradley–Terry strengths on the scale
of Elo's ratings, with 95 % intervals. Candidates must have names.`,
		Example: `  infer judge rank runs/one`,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			list, err := report.Rank(report.ReadLines(filepath.Join(args[0], verdictsFile)), judge)
			if err != nil {
				return err
			}
			out := json.NewEncoder(a.Out)
			for i, s := range list {
				if asJSON {
					if err := out.Encode(s); err != nil {
						return err
					}
					continue
				}
				a.printf("%2d. %-24s %6.0f [%.0f, %.0f]  Elo %.0f, %d games, score %.3f\n",
					i+1, s.Name, s.Rating.Value, s.Rating.Lower, s.Rating.Upper, s.Elo, s.Games, s.Score)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&judge, "judge", "", "count the verdicts of this judge only")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print an object for each system")
	return cmd
}

func newMerge(a *App) *cobra.Command {
	j := judging{app: a}
	cmd := &cobra.Command{
		Use:   "merge OUT PART…",
		Short: "Put the parts of a run together",
		Long: `Puts the journals of runs of one suite, made with --shard, together into the folder OUT,
and reports on all of it. The parts stay as they are.`,
		Example: `  infer judge merge runs/all runs/part1 runs/part2`,
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			j.dir = args[0]
			j.options.Offline = true
			if err := mergeRuns(args[0], args[1:]); err != nil {
				return err
			}
			return j.again(cmd.Context())
		},
	}
	j.reportFlags(cmd)
	return cmd
}

// mergeRuns makes the folder dir of a run of the parts' answers, with the first one's
// suite.
func mergeRuns(dir string, parts []string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var journals []string
	for _, part := range parts {
		journals = append(journals, filepath.Join(part, journalFile))
	}
	for _, name := range []string{suiteFile, runFile} {
		data, err := os.ReadFile(filepath.Join(parts[0], name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return err
		}
	}
	all, err := journal.Open(filepath.Join(dir, journalFile))
	if err != nil {
		return err
	}
	if _, err := all.Merge(journals...); err != nil {
		_ = all.Close() // the first failure counts
		return err
	}
	return all.Close()
}
