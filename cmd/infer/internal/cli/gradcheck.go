package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/finetune/grad/gradcheck"
)

func newGradcheck(a *app) *cobra.Command {
	var (
		engine         string
		tolerance      float64
		elements, open int
		seed           uint64
		asJSON         bool
	)
	cmd := &cobra.Command{
		Use:   "gradcheck MODEL",
		Short: "Compare a model's gradients with finite differences",
		Long: `Makes the graph of the gradients of a model, in float64, and compares them for some
elements of every weight with central differences. Operators without a gradient are named.
The exit code is 1 where a gradient is off by more than --tolerance, relative to the
larger of 1 and itself.`,
		Example: `  infer gradcheck MobileFaceNet.onnx
  infer gradcheck model.onnx --elements 20 --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := a.engine(engine)
			if err != nil {
				return err
			}
			m, err := openModel(args[0])
			if err != nil {
				return err
			}
			defer m.Close()
			results, err := gradcheck.Model(cmd.Context(), e, m, open, gradcheck.Options{Most: elements, Seed: seed})
			if err != nil {
				return err
			}
			return a.printGradients(results, tolerance, asJSON)
		},
	}
	engineFlag(cmd, &engine)
	cmd.Flags().Float64Var(&tolerance, "tolerance", 1e-5, "largest difference")
	cmd.Flags().IntVar(&elements, "elements", 3, "elements of each weight that are tried; 0 for all")
	cmd.Flags().IntVar(&open, "open", 4, "size of dimensions that the model leaves open, but for the first, which is 1")
	cmd.Flags().Uint64Var(&seed, "seed", 0, "of inputs and of the weights of the outputs")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a weight")
	return cmd
}

func (a *app) printGradients(results []gradcheck.Result, tolerance float64, asJSON bool) error {
	wrong, enc := 0, json.NewEncoder(a.Out)
	for _, r := range results {
		ok := r.Error <= tolerance
		if !ok {
			wrong++
		}
		if asJSON {
			err := enc.Encode(map[string]any{
				"weight": r.Name, "checked": r.Checked, "error": r.Error, "gradient": r.Analytic, "difference": r.Difference, "ok": ok,
			})
			if err != nil {
				return err
			}
			continue
		}
		if !ok {
			a.printf("%s: element %d: gradient %v, by differences %v\n", r.Name, r.Worst, r.Analytic, r.Difference)
		}
	}
	if wrong > 0 {
		return fmt.Errorf("the gradients of %d of %d weights are off by more than %v", wrong, len(results), tolerance)
	}
	if !asJSON {
		fmt.Fprintf(a.Out, "the gradients of %d weights agree with finite differences\n", len(results))
	}
	return nil
}
