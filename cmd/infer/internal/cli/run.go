package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/cmd/infer/internal/feed"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// inputFlags adds the flags that say what goes into a model.
func inputFlags(cmd *cobra.Command, r *feed.Request) {
	f := cmd.Flags()
	f.StringArrayVar(&r.Inputs, "input", nil, "an input: NAME=FILE (.npy, .npz, .pb, .json), NAME=random, or FILE.npz that names its arrays")
	f.StringArrayVar(&r.Shapes, "shape", nil, "shape of a random input, as NAME=1x3x240x320")
	f.Uint64Var(&r.Seed, "seed", 0, "seed of random inputs")
}

func newRun(a *app) *cobra.Command {
	var (
		request        feed.Request
		engine, output string
		format         string
		threads        int
		asJSON         bool
	)
	cmd := &cobra.Command{
		Use:   "run MODEL",
		Short: "Run any model on arrays",
		Long: `Runs a model once. Inputs come from files, or are random numbers. Outputs are written
to the folder --output, a file each that is called by the output's name, in which
everything but letters, digits and ._- becomes _; all of them or none.`,
		Example: `  infer run model.onnx --input x=x.npy --output out
  infer run model.onnx --input ids=ids.json --input mask=mask.pb --output out --format npz
  infer run model.onnx --input x=random --shape x=1x3x224x224 --engine ort`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(feed.Formats(), format) {
				return usagef("--format %q: the formats are %s", format, strings.Join(feed.Formats(), ", "))
			}
			s, err := a.openSession(cmd.Context(), args[0], engine, runtime.Options{Threads: threads})
			if err != nil {
				return err
			}
			defer s.Close()
			inputs, err := request.Values(s.Inputs())
			if err != nil {
				return err
			}
			outputs, err := s.Run(cmd.Context(), inputs)
			if err != nil {
				return err
			}
			names := make([]string, 0, len(outputs))
			for _, spec := range s.Outputs() {
				names = append(names, spec.Name)
			}
			return a.emit(names, outputs, output, format, asJSON)
		},
	}
	inputFlags(cmd, &request)
	engineFlag(cmd, &engine)
	threadsFlag(cmd, &threads)
	cmd.Flags().StringVar(&output, "output", "", "folder for the outputs, made where it is not there")
	cmd.Flags().StringVar(&format, "format", "npy", "format of the outputs: "+strings.Join(feed.Formats(), ", "))
	cmd.Flags().BoolVar(&asJSON, "json", false, "print an object for each output: its name, type and file")
	completeWords(cmd, "format", feed.Formats())
	return cmd
}

// emit writes the outputs into the folder dir, where one is named, and says
// what they are.
func (a *app) emit(names []string, outputs map[string]tensor.Value, dir, format string, asJSON bool) error {
	files := map[string]string{}
	if dir != "" {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		var err error
		if files, err = feed.Write(dir, format, names, outputs); err != nil {
			return err
		}
	}
	enc := json.NewEncoder(a.Out)
	for _, name := range names {
		kind := feed.Describe(outputs[name])
		if !asJSON {
			a.printf("%s: %s%s\n", name, kind, arrow(files[name]))
			continue
		}
		line := struct {
			Name string `json:"name"`
			Type string `json:"type"`
			File string `json:"file,omitempty"`
		}{name, kind, files[name]}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func arrow(file string) string {
	if file == "" {
		return ""
	}
	return " → " + file
}

func newDiff(a *app) *cobra.Command {
	var (
		request feed.Request
		names   []string
		threads int
		tol     = runtime.DefaultTolerance()
		asJSON  bool
	)
	cmd := &cobra.Command{
		Use:   "diff MODEL",
		Short: "Find the first node on which two engines differ",
		Long: `Runs a model on two engines with the same inputs and compares every value inside of it.
Inputs that are not named are random. The exit code is 1 where the engines differ.`,
		Example: `  infer diff model.onnx
  infer diff model.onnx --engine native,ort --input x=x.npy --rtol 1e-4`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(names) != 2 {
				return usagef("--engine names %d engines, expected two, as native,ort", len(names))
			}
			engines, err := a.engines(names)
			if err != nil {
				return err
			}
			m, err := openModel(args[0])
			if err != nil {
				return err
			}
			defer m.Close()
			request.Rest = true
			inputs, err := request.Values(runtime.InputSpecs(m.Graph))
			if err != nil {
				return err
			}
			c, err := runtime.Compare(cmd.Context(), m, engines[0], engines[1], inputs, runtime.Options{Threads: threads}, tol)
			if err != nil {
				return err
			}
			return a.printComparison(c, names, asJSON)
		},
	}
	inputFlags(cmd, &request)
	threadsFlag(cmd, &threads)
	cmd.Flags().StringSliceVar(&names, "engine", engineNames[:2], "the two engines; the second counts as right")
	cmd.Flags().Float64Var(&tol.Relative, "rtol", tol.Relative, "relative tolerance")
	cmd.Flags().Float64Var(&tol.Absolute, "atol", tol.Absolute, "absolute tolerance")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func (a *app) printComparison(c *runtime.Comparison, engines []string, asJSON bool) error {
	if asJSON {
		line := map[string]any{"engines": engines, "values": c.Values, "equal": c.First == nil}
		if d := c.First; d != nil {
			maps.Copy(line, map[string]any{"node": d.Node, "op": d.Op, "opset": d.Opset, "output": d.Output, "reason": d.Reason})
		}
		if err := json.NewEncoder(a.Out).Encode(line); err != nil {
			return err
		}
	}
	if c.First != nil {
		return fmt.Errorf("%s and %s differ at %v", engines[0], engines[1], c.First)
	}
	if !asJSON {
		a.printf("%s and %s agree on %d values\n", engines[0], engines[1], c.Values)
	}
	return nil
}
