package run

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/seed6700ada1/infer/judge"
)

// Retry says how often a request is made again, and when: after a random time between
// nothing and Base doubled with every try, Most at most, or as long as the judge asked
// for.
type Retry struct {
	Tries int           // of a request, the first included; 8
	Base  time.Duration // half a second
	Most  time.Duration // a minute
}

func (r Retry) withDefaults() Retry {
	if r.Tries == 0 {
		r.Tries = 8
	}
	if r.Base == 0 {
		r.Base = time.Second / 2
	}
	if r.Most == 0 {
		r.Most = time.Minute
	}
	return r
}

// after returns how long to wait after the n-th try failed, from 1.
func (r Retry) after(n int, asked time.Duration) time.Duration {
	most := r.Most
	if n < 30 {
		most = min(most, r.Base<<(n-1))
	}
	wait := rand.N(most + 1)
	if asked > 0 {
		return asked + wait/4 // not all at the same moment
	}
	return wait
}

// access is how the workers reach one judge.
type access struct {
	limit *rate.Limiter

	mu    sync.Mutex
	until time.Time // the judge asked to be left alone so long
}

func (r *Runner) access(name string) *access {
	limit := rate.Inf
	if r.opts.Rate > 0 {
		limit = rate.Limit(r.opts.Rate)
	}
	a, _ := r.judges.LoadOrStore(name, &access{limit: rate.NewLimiter(limit, 1)})
	return a.(*access)
}

// wait returns when the judge may be asked.
func (a *access) wait(ctx context.Context) error {
	for {
		a.mu.Lock()
		pause := time.Until(a.until)
		a.mu.Unlock()
		if pause <= 0 {
			return a.limit.Wait(ctx)
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// pause keeps all workers from the judge for a time.
func (a *access) pause(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if until := time.Now().Add(d); until.After(a.until) {
		a.until = until
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// ask asks the judge until it answers, or a failure is final: that is an answer with an
// Error. An error ends the run.
func (r *Runner) ask(ctx context.Context, j judge.Judge, request *judge.Request) (judge.Answer, int, error) {
	access := r.access(j.Name())
	for try := 1; ; try++ {
		if err := access.wait(ctx); err != nil {
			return judge.Answer{}, 0, ended(ctx, err)
		}
		answer, err := r.try(ctx, j, request)
		if err == nil {
			return answer, try, nil
		}
		if ctx.Err() != nil || errors.Is(err, ErrBudget) || errors.Is(err, errNoLimit) {
			return judge.Answer{}, 0, ended(ctx, err)
		}
		temporary, ok := judge.Temporary(err)
		if !ok || try >= r.opts.Retry.Tries {
			return judge.Answer{Error: err.Error()}, try, nil
		}
		wait := r.opts.Retry.after(try, temporary.After)
		if temporary.After > 0 {
			access.pause(temporary.After)
		}
		r.retried.Add(1)
		r.opts.Log.Info("asking again", "judge", j.Name(), "item", request.Item, "step", request.Step,
			"try", try, "wait", wait, "error", err.Error())
		if err := sleep(ctx, wait); err != nil {
			return judge.Answer{}, 0, err
		}
	}
}

// ended returns why a run is over: its context's cause where that has ended.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// try asks the judge once, within the budget and the time.
func (r *Runner) try(ctx context.Context, j judge.Judge, request *judge.Request) (judge.Answer, error) {
	estimate, err := r.budget.reserve(ctx, j, request)
	if err != nil {
		return judge.Answer{}, err
	}
	limited, cancel := context.WithTimeout(ctx, r.opts.Timeout)
	defer cancel()
	answer, err := j.Ask(limited, request)
	if err != nil {
		r.budget.settle(j, estimate, judge.Usage{}, false)
		if limited.Err() != nil && ctx.Err() == nil {
			err = &judge.TemporaryError{Err: errors.New("no answer within " + r.opts.Timeout.String())}
		}
		return judge.Answer{}, err
	}
	answer.Usage = r.budget.settle(j, estimate, answer.Usage, true)
	return answer, nil
}
