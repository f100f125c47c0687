package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/cmd/infer/internal/inspect"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

func newInspect(a *app) *cobra.Command {
	var asJSON, passes bool
	cmd := &cobra.Command{
		Use:   "inspect MODEL",
		Short: "Show what a model takes, gives and is made of",
		Long: `Shows a model's inputs and outputs, its operators by count, parameters and FLOPs, and
which of its nodes the native engine cannot run. --passes shows what each of the
native engine's optimizations did to it.`,
		Example: `  infer inspect model.onnx
  infer inspect model.onnx --passes
  infer inspect model.onnx --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			e, err := native.New()
			if err != nil {
				return err
			}
			m, err := openModel(args[0])
			if err != nil {
				return err
			}
			defer m.Close()
			if err := onnx.Check(m); err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			report := inspect.Model(m, e.Registry())
			out := inspected{Report: report}
			if passes {
				if out.Passes, err = explain(e, m); err != nil {
					return err
				}
			}
			if asJSON {
				return json.NewEncoder(a.Out).Encode(out)
			}
			return out.print(a.Err)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	cmd.Flags().BoolVar(&passes, "passes", false, "show what each optimization did")
	return cmd
}

// inspected is what the command prints.
type inspected struct {
	*inspect.Report
	Passes []pass `json:"passes,omitempty"`
}

// pass is what one optimization did.
type pass struct {
	Name    string `json:"name"`
	Changed int    `json:"changed"`
	Before  int    `json:"nodes_before"`
	After   int    `json:"nodes_after"`
}

func explain(e *native.Engine, m *onnx.Model) ([]pass, error) {
	_, reports, err := e.Explain(m, runtime.Options{})
	if err != nil {
		return nil, err
	}
	list := make([]pass, len(reports))
	for i, r := range reports {
		list[i] = pass{r.Pass, r.Changed, r.Before, r.After}
	}
	return list, nil
}

func (r *inspected) print(w io.Writer) error {
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tab, "IR version\t%d\n", r.IRVersion)
	if r.Producer != "" {
		fmt.Fprintf(tab, "producer\t%s\n", r.Producer)
	}
	for _, o := range r.Opsets {
		domain := o.Domain
		if domain == "" {
			domain = "ai.onnx"
		}
		fmt.Fprintf(tab, "opset\t%s %d\n", domain, o.Version)
	}
	for _, v := range r.Inputs {
		note := ""
		if v.Optional {
			note = " (has a default)"
		}
		fmt.Fprintf(tab, "input\t%s\t%s%s\n", v.Name, v.Type, note)
	}
	for _, v := range r.Outputs {
		fmt.Fprintf(tab, "output\t%s\t%s\n", v.Name, v.Type)
	}
	fmt.Fprintf(tab, "parameters\t%d\n", r.Parameters)
	note := ""
	if r.Uncounted > 0 {
		note = fmt.Sprintf(" (without %d nodes of unknown size)", r.Uncounted)
	}
	fmt.Fprintf(tab, "FLOPs\t%d%s\n", r.Flops, note)
	fmt.Fprintf(tab, "nodes\t%d\n", r.Nodes)
	for _, o := range r.Operators {
		fmt.Fprintf(tab, "\t%d\t%s\n", o.Count, o.Op)
	}
	for _, f := range r.Functions {
		fmt.Fprintf(tab, "function\t%s\n", f)
	}
	for _, n := range r.Missing {
		fmt.Fprintf(tab, "unsupported\t%s\t%s\n", n.Op, n.Node)
	}
	for _, p := range r.Passes {
		fmt.Fprintf(tab, "pass\t%s\tchanged %d, nodes %d → %d\n", p.Name, p.Changed, p.Before, p.After)
	}
	return tab.Flush()
}
