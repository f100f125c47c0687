package cli

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/internal/latency"
)

// benchRow is a line of the result.
type benchRow struct {
	Engine  string  `json:"engine"`
	Threads int     `json:"threads"`
	P50     float64 `json:"p50_ms"`
	P90     float64 `json:"p90_ms"`
	P99     float64 `json:"p99_ms"`
	Load    float64 `json:"load_ms"`
	Peak    float64 `json:"peak_mb"`
}

// benchPlan is what the command was asked to measure.
type benchPlan struct {
	model   string
	engines []string
	threads []int
	inputs  []string
	shapes  []string
	seed    uint64
	turns   int           // that each engine gets at each number of threads
	turn    time.Duration // how long a turn may take
	warmup  int           // turns that are not counted
}

func newBench(a *app) *cobra.Command {
	var (
		plan   benchPlan
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure latency, load time and memory of engines",
		Long: `Runs a model again and again on engines × threads. Each combination is a process of its
own, whose peak memory is its own, and they take turns, so that what else the
machine does meets all alike. Inputs that are not named are random. Dimensions that
the model leaves open and --shape does not say are one example, pictures of 320x320,
sequences of 128; which, is said on standard error.`,
		Example: `  infer bench --model model.onnx
  infer bench --model model.onnx --engine native,ort --threads 1,2 --shape input=1x3x240x320 --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if plan.model == "" {
				return usagef("--model is missing: name a model file or folder")
			}
			if _, err := a.engines(plan.engines); err != nil {
				return err
			}
			if err := checkThreads(plan.threads...); err != nil {
				return err
			}
			if plan.turns < 1 || plan.warmup < 0 {
				return usagef("--turns %d, --warmup %d: expected at least 1 and 0", plan.turns, plan.warmup)
			}
			rows, err := a.bench(cmd.Context(), &plan)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(a.Out).Encode(rows)
			}
			return a.printBench(rows)
		},
	}
	f := cmd.Flags()
	f.StringVar(&plan.model, "model", "", "model file or folder")
	f.StringSliceVar(&plan.engines, "engine", engineNames[:1], "engines, separated by commas: "+strings.Join(engineNames, ", "))
	f.IntSliceVar(&plan.threads, "threads", []int{1}, "numbers of threads, separated by commas; 0 for all")
	f.StringArrayVar(&plan.inputs, "input", nil, "an input, as for infer run")
	f.StringArrayVar(&plan.shapes, "shape", nil, "shape of an input, as NAME=1x3x240x320")
	f.Uint64Var(&plan.seed, "seed", 0, "seed of random inputs")
	f.IntVar(&plan.turns, "turns", 20, "turns of each engine at each number of threads")
	f.IntVar(&plan.warmup, "warmup", 2, "turns before those, which do not count")
	f.DurationVar(&plan.turn, "turn", 100*time.Millisecond, "time of a turn; one run at least")
	f.BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
}

func (a *app) printBench(rows []benchRow) error {
	tab := tabwriter.NewWriter(a.Err, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tab, "engine\tthreads\tp50 ms\tp90 ms\tp99 ms\tload ms\tpeak MB\t")
	for _, r := range rows {
		fmt.Fprintf(tab, "%s\t%d\t%.3f\t%.3f\t%.3f\t%.1f\t%.1f\t\n", r.Engine, r.Threads, r.P50, r.P90, r.P99, r.Load, r.Peak)
	}
	return tab.Flush()
}

// row sums up what a worker measured.
func row(engine string, threads int, times []time.Duration, load time.Duration, peak int64) benchRow {
	const megabyte = 1 << 20
	return benchRow{
		Engine: engine, Threads: threads,
		P50:  latency.Milliseconds(latency.Percentile(times, 50)),
		P90:  latency.Milliseconds(latency.Percentile(times, 90)),
		P99:  latency.Milliseconds(latency.Percentile(times, 99)),
		Load: latency.Milliseconds(load),
		Peak: float64(peak) / megabyte,
	}
}

// arguments are the flags of the worker that measures one combination.
func (p *benchPlan) arguments(engine string, threads int, library string) []string {
	args := []string{
		workerName, "--model", p.model, "--engine", engine, "--threads", strconv.Itoa(threads),
		"--turn", p.turn.String(), "--seed", strconv.FormatUint(p.seed, 10), "--ort-lib", library,
	}
	for _, in := range p.inputs {
		args = append(args, "--input", in)
	}
	for _, s := range p.shapes {
		args = append(args, "--shape", s)
	}
	return args
}
