package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	goruntime "runtime"
	"time"

	"github.com/seed6700ada1/infer/internal/latency"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

// schedule is how long is measured, and in which pieces.
type schedule struct {
	warmup int // rounds that do not count
	rounds int // rounds that do: a turn of each contender
	turn   time.Duration
	pause  time.Duration // between turns, until no thread spins any more
}

// result is what a row took on a number of threads: medians in milliseconds.
type result struct {
	row         *row
	threads     int
	native, ort float64
}

// ratio is the native engine's time in that of ONNX Runtime.
func (r result) ratio() float64 { return r.native / r.ort }

// measure opens a row's model on both runtimes and lets them take turns.
func measure(ctx context.Context, r *row, threads int, s schedule) (res result, err error) {
	m, err := onnx.Open(r.path)
	if err != nil {
		return result{}, err
	}
	n, err := openNative(ctx, r, m, threads)
	if err != nil {
		return result{}, fmt.Errorf("native: %w", err)
	}
	defer func() { err = errors.Join(err, n.close()) }()
	o, err := openORT(r, m, threads)
	if err != nil {
		return result{}, fmt.Errorf("ONNX Runtime: %w", err)
	}
	defer func() { err = errors.Join(err, o.close()) }()
	times, err := s.interleave(ctx, r.runs(), [2]contender{n, o})
	if err != nil {
		return result{}, err
	}
	median := func(t []time.Duration) float64 { return latency.Milliseconds(latency.Percentile(t, 50)) }
	return result{r, threads, median(times[0]), median(times[1])}, nil
}

// interleave gives each contender its turns, and keeps the times of those that
// count.
func (s schedule) interleave(ctx context.Context, runs int, contenders [2]contender) (times [2][]time.Duration, err error) {
	for round := range s.warmup + s.rounds {
		for i := range contenders {
			i = (i + round) % len(contenders)
			took, err := s.take(ctx, runs, contenders[i])
			if err != nil {
				return times, err
			}
			if round >= s.warmup {
				times[i] = append(times[i], took...)
			}
			time.Sleep(s.pause)
		}
	}
	return times, nil
}

// take is one turn: of at most that many runs, where runs is not 0.
func (s schedule) take(ctx context.Context, runs int, c contender) ([]time.Duration, error) {
	if err := c.restart(); err != nil {
		return nil, err
	}
	goruntime.GC() // neither pays for the other's garbage
	var times []time.Duration
	for begin := time.Now(); len(times) == 0 || time.Since(begin) < s.turn && (runs == 0 || len(times) < runs); {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		took, err := c.run(ctx)
		if err != nil {
			return nil, err
		}
		times = append(times, took)
	}
	if len(times) > 1 {
		times = times[1:]
	}
	return times, nil
}

// geometricMean is that of the results' ratios, and worst the largest of them;
// both are NaN where there are none.
func geometricMean(results []result) (mean, worst float64) {
	sum, worst := 0.0, math.Inf(-1)
	for _, r := range results {
		sum += math.Log(r.ratio())
		worst = max(worst, r.ratio())
	}
	if len(results) == 0 {
		return math.NaN(), math.NaN()
	}
	return math.Exp(sum / float64(len(results))), worst
}
