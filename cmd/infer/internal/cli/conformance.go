package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/internal/atomicfile"
	"github.com/seed6700ada1/infer/internal/conformance"
	"github.com/seed6700ada1/infer/runtime"
)

func newConformance(a *app) *cobra.Command {
	var (
		engine, html string
		opts         conformance.Options
		asJSON       bool
	)
	cmd := &cobra.Command{
		Use:   "conformance DIR",
		Short: "Run the backend tests of the ONNX standard on an engine",
		Long: `Runs the test cases below DIR, which is laid out like onnx/backend/test/data: folders
node, simple and light, or one of them, or the folder of one case.

A case has passed, failed, or is unsupported: the engine said when it opened the
model that it lacks an operator. Cases that fail do not change the exit code.`,
		Example: `  infer conformance onnx/backend/test/data --json
  infer conformance onnx/backend/test/data/node --op Softmax
  infer conformance onnx/backend/test/data --engine ort --html ort.html`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := a.engine(engine)
			if err != nil {
				return err
			}
			if err := checkThreads(opts.Threads); err != nil {
				return err
			}
			report, err := a.conformance(cmd.Context(), e, args[0], opts)
			if err != nil {
				return err
			}
			if html != "" {
				if err := atomicfile.Write(html, report.WriteHTML); err != nil {
					return err
				}
			}
			if asJSON {
				return report.WriteJSON(a.Out)
			}
			return report.WriteText(a.Err)
		},
	}
	engineFlag(cmd, &engine)
	threadsFlag(cmd, &opts.Threads)
	cmd.Flags().StringVar(&opts.Op, "op", "", "only the cases of this operator")
	cmd.Flags().StringVar(&html, "html", "", "write a page with the results to this file")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the results as one JSON object")
	cmd.Flags().DurationVar(&opts.Timeout, "timeout", conformance.DefaultTimeout, "what one case may take")
	return cmd
}

// conformance finds the cases and runs them.
func (a *app) conformance(ctx context.Context, e runtime.Engine, dir string, opts conformance.Options) (*conformance.Report, error) {
	cases, err := conformance.Find(dir)
	if err != nil {
		return nil, err
	}
	bar := a.newProgress(len(cases), e.Name())
	defer bar.done()
	opts.Progress = func(done, _ int) { bar.set(done) }
	report, err := conformance.Run(ctx, e, cases, opts)
	if err != nil {
		return nil, err
	}
	if report.Total == 0 {
		return nil, fmt.Errorf("conformance: no case in %s is about operator %q", dir, opts.Op)
	}
	return report, nil
}
