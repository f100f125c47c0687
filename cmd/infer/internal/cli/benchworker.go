package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/cmd/infer/internal/feed"
	"github.com/seed6700ada1/infer/runtime"
)

// workerName is the command that a bench runs itself as.
const workerName = "bench-worker"

// workerReport is a line that a worker writes: the first after loading the
// model, then one for each turn it is given.
type workerReport struct {
	Load  time.Duration   `json:"load,omitempty"`
	Times []time.Duration `json:"times,omitempty"`
	Peak  int64           `json:"peak,omitempty"` // bytes, so far
	// Shapes are those that were chosen for inputs whose shape the model leaves
	// open, as NAME=1x3x240x320.
	Shapes []string `json:"shapes,omitempty"`
}

// newBenchWorker is the other end of a bench: it loads the model, and for each
// line that it reads runs a turn and writes what it measured.
func newBenchWorker(a *app) *cobra.Command {
	var (
		request       feed.Request
		model, engine string
		threads       int
		turn          time.Duration
	)
	cmd := &cobra.Command{
		Use:    workerName,
		Hidden: true,
		Short:  "Measure one engine, a turn for each line of input",
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			start := time.Now()
			s, err := a.openSession(cmd.Context(), model, engine, runtime.Options{Threads: threads})
			if err != nil {
				return err
			}
			defer s.Close()
			load := time.Since(start)
			request.Rest, request.Guess = true, true
			inputs, err := request.Values(s.Inputs())
			if err != nil {
				return err
			}
			measure := func() ([]time.Duration, error) {
				var times []time.Duration
				for begin := time.Now(); len(times) == 0 || time.Since(begin) < turn; {
					start := time.Now()
					if _, err := s.Run(cmd.Context(), inputs); err != nil {
						return nil, err
					}
					times = append(times, time.Since(start))
				}
				return times, nil
			}
			return a.serveTurns(load, request.Guessed, measure)
		},
	}
	inputFlags(cmd, &request)
	engineFlag(cmd, &engine)
	threadsFlag(cmd, &threads)
	cmd.Flags().StringVar(&model, "model", "", "model file or folder")
	cmd.Flags().DurationVar(&turn, "turn", 0, "time of a turn")
	return cmd
}

func (a *app) serveTurns(load time.Duration, shapes []string, measure func() ([]time.Duration, error)) error {
	enc := json.NewEncoder(a.Out)
	if err := enc.Encode(workerReport{Load: load, Peak: peakMemory(), Shapes: shapes}); err != nil {
		return err
	}
	lines := bufio.NewScanner(a.In)
	for lines.Scan() {
		times, err := measure()
		if err != nil {
			return err
		}
		if err := enc.Encode(workerReport{Times: times, Peak: peakMemory()}); err != nil {
			return err
		}
	}
	return lines.Err()
}

// worker is a process that measures one combination.
type worker struct {
	engine  string
	threads int
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *json.Decoder
	stderr  bytes.Buffer
	load    time.Duration
	shapes  []string // that were chosen
	peak    int64
	times   []time.Duration
}

// bench starts a worker for each combination and gives them turns.
func (a *app) bench(ctx context.Context, plan *benchPlan) ([]benchRow, error) {
	var workers []*worker
	defer func() {
		for _, w := range workers {
			_ = w.stop() // what counts was measured, or has failed
		}
	}()
	for _, engine := range plan.engines {
		for _, threads := range plan.threads {
			w, err := startWorker(ctx, engine, threads, plan.arguments(engine, threads, a.library))
			if err != nil {
				return nil, err
			}
			workers = append(workers, w)
		}
	}
	for _, shape := range workers[0].shapes {
		fmt.Fprintf(a.Err, "the model leaves a shape open: taken is --shape %s\n", shape)
	}
	bar := a.newProgress(plan.warmup+plan.turns, "turns")
	defer bar.done()
	for turn := range plan.warmup + plan.turns {
		for _, w := range workers {
			if err := w.turn(turn >= plan.warmup); err != nil {
				return nil, err
			}
		}
		bar.set(turn + 1)
	}
	rows := make([]benchRow, len(workers))
	for i, w := range workers {
		rows[i] = row(w.engine, w.threads, w.times, w.load, w.peak)
	}
	return rows, nil
}

// startWorker runs this program as a worker and waits for the model to be
// loaded: one after the other, so that none slows another down.
func startWorker(ctx context.Context, engine string, threads int, args []string) (*worker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("bench: this program cannot find itself: %w", err)
	}
	w := &worker{engine: engine, threads: threads, cmd: exec.CommandContext(ctx, self, args...)}
	w.cmd.Stderr = &w.stderr
	if w.in, err = w.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.out = json.NewDecoder(out)
	if err := w.cmd.Start(); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	var ready workerReport
	if err := w.out.Decode(&ready); err != nil {
		return nil, w.failed(err)
	}
	w.load, w.peak, w.shapes = ready.Load, ready.Peak, ready.Shapes
	return w, nil
}

// turn lets the worker run, and keeps what it measured where that counts.
func (w *worker) turn(counts bool) error {
	if _, err := io.WriteString(w.in, "turn\n"); err != nil {
		return w.failed(err)
	}
	var r workerReport
	if err := w.out.Decode(&r); err != nil {
		return w.failed(err)
	}
	w.peak = max(w.peak, r.Peak)
	if counts {
		w.times = append(w.times, r.Times...)
	}
	return nil
}

// failed is what went wrong: what the worker says before it ends, if anything.
func (w *worker) failed(cause error) error {
	err := w.stop()
	message, said := strings.CutPrefix(strings.TrimSpace(w.stderr.String()), "infer: ")
	if exit := new(exec.ExitError); said && errors.As(err, &exit) {
		if exit.ExitCode() == exitUsage {
			return usagef("%s", message)
		}
		return errors.New(message)
	}
	return fmt.Errorf("bench: the process that measures %s ended: %w", w.engine, errors.Join(cause, err))
}

// stop ends the process. It may be called again.
func (w *worker) stop() error {
	_ = w.in.Close() // it was the sign to end
	if w.cmd.ProcessState != nil {
		return nil
	}
	return w.cmd.Wait()
}
