package cli

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/cmd/infer/internal/lines"
	"github.com/seed6700ada1/infer/models/quantize"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

func newQuantize(a *app) *cobra.Command {
	var (
		opts     quantize.Options
		out      string
		format   string
		external int
		asJSON   bool
	)
	cmd := &cobra.Command{
		Use:   "quantize MODEL --out FILE",
		Short: "Make a model smaller, with weights of 8 or 4 bits",
		Long: `Writes a model whose products with constant matrices have weights of 8 bits (dynamic int8:
activations are quantised as they come) or 4 bits (blocks of rows share a scale). The result
is standard ONNX: it needs no tool of ours to run.`,
		Example: `  infer quantize model.onnx --out model_int8.onnx
  infer quantize stories260K --bits 4 --block 32 --out model_int4.onnx
  infer quantize model.onnx --bits 4 --format qdq --out model_int4_qdq.onnx`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if out == "" {
				return usagef("--out is missing: the file to write")
			}
			opts.Format = quantize.Format(format)
			m, err := openModel(args[0])
			if err != nil {
				return err
			}
			defer m.Close()
			small, report, err := quantize.Model(m, opts)
			if err != nil {
				return err
			}
			if err := onnx.Save(out, small, onnx.SaveOptions{ExternalAbove: external}); err != nil {
				return err
			}
			return a.printQuantized(out, report, asJSON)
		},
	}
	f := cmd.Flags()
	f.StringVar(&out, "out", "", "file to write")
	f.IntVar(&opts.Bits, "bits", 8, "bits of a weight: 8 or 4")
	f.IntVar(&opts.Block, "block", 32, "with 4 bits: rows that share a scale")
	f.BoolVar(&opts.Symmetric, "symmetric", false, "with 4 bits: no zero points")
	f.StringVar(&format, "format", "nbits", "with 4 bits: nbits (MatMulNBits) or qdq (DequantizeLinear, opset 21)")
	f.BoolVar(&opts.Tables, "tables", false, "quantise embedding tables to 8 bits, too")
	f.BoolVar(&opts.ReduceRange, "reduce-range", false, "with 8 bits: use 7 of a weight's bits, for engines whose sums overflow")
	f.StringSliceVar(&opts.Exclude, "exclude", nil, "names of nodes that stay as they are")
	f.IntVar(&opts.Least, "least", 0, "elements from which a weight is quantised; 0 for 1024")
	f.IntVar(&external, "external", 0, "bytes from which a constant goes to a file beside the model; 0 for none")
	f.BoolVar(&asJSON, "json", false, "print one JSON object")
	completeWords(cmd, "format", []string{"nbits", "qdq"})
	return cmd
}

func (a *app) printQuantized(file string, report quantize.Report, asJSON bool) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	if !asJSON {
		a.printf("%s: %d products and %d tables, constants of %s became %s\n", file, report.Products, report.Tables, megabytes(report.Before), megabytes(report.After))
		return nil
	}
	return lines.Print(a.Out, struct {
		File     string `json:"file"`
		Bytes    int64  `json:"bytes"`
		Products int    `json:"products"`
		Tables   int    `json:"tables"`
		Before   int64  `json:"constants_before"`
		After    int64  `json:"constants_after"`
	}{file, info.Size(), report.Products, report.Tables, report.Before, report.After})
}
