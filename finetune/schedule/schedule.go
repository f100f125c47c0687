// Package schedule has the learning rates of a training, step by step.
package schedule

import (
	"fmt"
	"math"
)

// Schedule gives the factor by which the base rate is multiplied at a step, from
// 0, of a training of total steps.
type Schedule interface {
	Factor(step, total int) float64
}

// Func is a function as a Schedule.
type Func func(step, total int) float64

// Factor calls f.
func (f Func) Factor(step, total int) float64 { return f(step, total) }

// Constant stays at 1.
func Constant() Schedule { return Func(func(int, int) float64 { return 1 }) }

// Linear falls from 1 to end.
func Linear(end float64) Schedule {
	return Func(func(step, total int) float64 { return 1 + (end-1)*progress(step, total) })
}

// Cosine falls from 1 to end along half a wave.
func Cosine(end float64) Schedule {
	return Func(func(step, total int) float64 {
		return end + (1-end)*(1+math.Cos(math.Pi*progress(step, total)))/2
	})
}

// Steps multiplies by factor every so many steps.
func Steps(every int, factor float64) Schedule {
	return Func(func(step, _ int) float64 { return math.Pow(factor, float64(step/max(every, 1))) })
}

// Warmup rises linearly from 0 to 1 during the first steps, and then follows
// another schedule over those that remain.
func Warmup(steps int, then Schedule) Schedule {
	return Func(func(step, total int) float64 {
		if step < steps {
			return float64(step+1) / float64(steps)
		}
		return then.Factor(step-steps, total-steps)
	})
}

// OneCycle rises to 1 during a share of the steps and falls to almost nothing in
// the rest, both along half a wave, as Smith and Topin do.
func OneCycle(share float64) Schedule {
	const start, end = 1.0 / 25, 1.0 / 1e4
	return Func(func(step, total int) float64 {
		peak := share * float64(total)
		if at := float64(step); at < peak {
			return start + (1-start)*(1-math.Cos(math.Pi*at/peak))/2
		}
		p := (float64(step) - peak) / max(float64(total)-peak, 1)
		return end + (1-end)*(1+math.Cos(math.Pi*min(p, 1)))/2
	})
}

// progress is how far a training is, from 0 to 1.
func progress(step, total int) float64 {
	if total <= 1 {
		return 0
	}
	return min(float64(step)/float64(total), 1)
}

// Names lists the schedules that [Named] knows.
var Names = []string{"constant", "linear", "cosine", "step", "one-cycle"}

// Named makes a schedule by its name, after so many steps of warm-up.
func Named(name string, warmup int) (Schedule, error) {
	var s Schedule
	switch name {
	case "constant", "":
		s = Constant()
	case "linear":
		s = Linear(0)
	case "cosine":
		s = Cosine(0)
	case "step":
		const every, factor = 1000, 0.5
		s = Steps(every, factor)
	case "one-cycle":
		return OneCycle(0.3), nil
	default:
		return nil, fmt.Errorf("schedule: there is no schedule %q: there are %q", name, Names)
	}
	if warmup > 0 {
		s = Warmup(warmup, s)
	}
	return s, nil
}

// Plateau halves the rate where a metric has not improved for some epochs. It is
// told the metric after each.
type Plateau struct {
	Patience int
	Factor   float64

	best  float64
	bad   int
	scale float64
}

// Next takes the metric of an epoch, of which more is better, and returns the
// factor for the next.
func (p *Plateau) Next(metric float64) float64 {
	if p.scale == 0 {
		p.scale, p.best = 1, math.Inf(-1)
	}
	if metric > p.best {
		p.best, p.bad = metric, 0
	} else if p.bad++; p.bad > p.Patience {
		p.scale, p.bad = p.scale*p.Factor, 0
	}
	return p.scale
}
