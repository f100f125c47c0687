// Package run asks judges what a journal does not hold yet: many requests at a time,
// again where a failure may pass, within limits of rate and budget, until a context ends.
// What was answered is on disk before it counts, so that a run can be stopped at any
// moment, continued, cut in shards and put together again, and nothing is asked twice.
package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed6700ada1/infer/internal/journal"
	"github.com/seed6700ada1/infer/judge"
	"github.com/seed6700ada1/infer/judge/protocol"
)

// A Job is an item to be judged by one judge under one protocol.
type Job struct {
	Item     *judge.Item
	Protocol *protocol.Protocol
	Judge    judge.Judge
}

// A Result is a job that is done.
type Result struct {
	Job       Job
	Verdict   judge.Verdict
	Exchanges []Exchange
}

// An Exchange is a request and its answer.
type Exchange struct {
	Request judge.Request
	Answer  judge.Answer
	Replay  bool // from the journal: nobody was asked
}

// Options are the limits of a run. The zero value of a field is its default.
type Options struct {
	Workers  int           // requests at a time; 8
	Timeout  time.Duration // of one request; two minutes
	Retry    Retry
	Rate     float64 // requests a second to one judge; no limit
	Budget   Budget
	Offline  bool // ask nobody: what the journal lacks is not judged
	Failures int  // that follow one another until the run gives up; 20

	Log      *slog.Logger // of retries and failures; none
	Progress func(Status) // told after every job, from one goroutine at a time
}

// A Status is how far a run is.
type Status struct {
	Done     int         `json:"done"`     // jobs
	Asked    int         `json:"asked"`    // requests that were answered now
	Replayed int         `json:"replayed"` // requests that the journal had an answer for
	Failed   int         `json:"failed"`   // requests without an answer
	Retried  int         `json:"retried"`  // tries that failed and were repeated
	Usage    judge.Usage `json:"usage"`    // of what was asked now
}

// ErrBudget is the error of a run that stopped because the next request might pass its
// budget.
var ErrBudget = errors.New("the budget is spent")

// A Runner runs jobs. It is used for one run at a time.
type Runner struct {
	journal *journal.Journal
	opts    Options
	budget  budget
	judges  sync.Map // name → *access

	asked, replayed, failed, retried, inRow atomic.Int64
}

// New returns a runner that keeps answers in j.
func New(j *journal.Journal, o Options) *Runner {
	o.Workers, o.Failures = cmp.Or(o.Workers, 8), cmp.Or(o.Failures, 20)
	o.Timeout = cmp.Or(o.Timeout, 2*time.Minute)
	o.Retry = o.Retry.withDefaults()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	r := &Runner{journal: j, opts: o}
	r.budget.init(o.Budget)
	return r
}

// window is how many jobs may be done ahead of one that is not: results are given out in
// the order of the jobs.
const window = 512

// task is a job on its way.
type task struct {
	job  Job
	done chan outcome
}

type outcome struct {
	result Result
	err    error
}

// Run does the jobs and gives each result to emit, in the order of the jobs. It ends with
// the first error: of jobs, of emit, of the journal, or the end of the context; with
// [ErrBudget]; or where one request after the other fails. Single failures are no error:
// their verdicts are unscored.
func (r *Runner) Run(ctx context.Context, jobs iter.Seq2[Job, error], emit func(Result) error) (Status, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	more, noMore := context.WithCancelCause(ctx) // ends before ctx where the budget does: what is under way is finished
	defer noMore(nil)
	stop := func(err error) {
		if !errors.Is(err, ErrBudget) {
			cancel(err)
		}
		noMore(err)
	}
	feed, order := make(chan *task), make(chan *task, window)
	var workers sync.WaitGroup
	for range r.opts.Workers {
		workers.Go(func() {
			for t := range feed {
				result, err := r.one(ctx, t.job)
				if err != nil {
					stop(err)
				}
				t.done <- outcome{result, err}
			}
		})
	}
	go func() {
		defer close(order)
		defer close(feed)
		if err := hand(more, jobs, feed, order); err != nil {
			stop(err)
		}
	}()
	done := 0
	for t := range order {
		o := <-t.done
		if o.err != nil || ctx.Err() != nil {
			continue
		}
		done++
		if r.opts.Progress != nil {
			r.opts.Progress(r.status(done))
		}
		if err := emit(o.result); err != nil {
			stop(err)
		}
	}
	workers.Wait()
	return r.status(done), context.Cause(more)
}

// hand gives jobs to the workers until they or the context end.
func hand(ctx context.Context, jobs iter.Seq2[Job, error], feed, order chan<- *task) error {
	for job, err := range jobs {
		if err != nil {
			return err
		}
		t := &task{job, make(chan outcome, 1)}
		select {
		case feed <- t:
			order <- t // a place is free, or becomes free as results are taken
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

func (r *Runner) status(done int) Status {
	return Status{
		Done: done, Asked: int(r.asked.Load()), Replayed: int(r.replayed.Load()),
		Failed: int(r.failed.Load()), Retried: int(r.retried.Load()), Usage: r.budget.used(),
	}
}

// one does a job.
func (r *Runner) one(ctx context.Context, job Job) (Result, error) {
	answers := protocol.Answers{}
	result := Result{Job: job}
	for missing := false; !missing; {
		requests, err := job.Protocol.Next(job.Item, answers)
		if err != nil {
			return Result{}, err
		}
		if len(requests) == 0 {
			break
		}
		for _, request := range requests {
			e, ok, err := r.exchange(ctx, job.Judge, request)
			if err != nil {
				return Result{}, err
			}
			if !ok {
				missing = true
				continue
			}
			answers[protocol.Slot{Step: request.Step, Sample: request.Sample}] = e.Answer
			result.Exchanges = append(result.Exchanges, e)
		}
	}
	result.Verdict = job.Protocol.Verdict(job.Item, answers)
	result.Verdict.Judge = job.Judge.Name()
	return result, nil
}

// Key returns the name of a request's answer in a journal: a hash of the judge's identity
// and of the request.
func Key(j judge.Judge, request *judge.Request) (journal.Key, error) {
	return journal.KeyOf(j.Name(), j.Identity(), request)
}

// entry is what the journal holds for a request.
type entry struct {
	Item   string       `json:"item"`
	Step   string       `json:"step"`
	Sample int          `json:"sample,omitempty"`
	Judge  string       `json:"judge"`
	Answer judge.Answer `json:"answer"`
	Tries  int          `json:"tries,omitempty"`
}

// exchange returns the answer to a request, from the journal or else from the judge. It
// returns false where nobody may be asked.
func (r *Runner) exchange(ctx context.Context, j judge.Judge, request judge.Request) (Exchange, bool, error) {
	e := Exchange{Request: request}
	key, err := Key(j, &request)
	if err != nil {
		return Exchange{}, false, err
	}
	var kept entry
	if ok, err := r.journal.Get(key, &kept); err != nil {
		return Exchange{}, false, err
	} else if ok {
		r.replayed.Add(1)
		e.Answer, e.Replay = kept.Answer, true
		return e, true, nil
	}
	if r.opts.Offline {
		return Exchange{}, false, nil
	}
	answer, tries, err := r.ask(ctx, j, &request)
	if err != nil {
		return Exchange{}, false, err
	}
	e.Answer = answer
	if answer.Error != "" {
		return e, true, r.fail(j, &request, answer.Error)
	}
	r.inRow.Store(0)
	r.asked.Add(1)
	return e, true, r.journal.Append(key, entry{request.Item, request.Step, request.Sample, j.Name(), answer, tries})
}

// fail counts a failure, and ends the run where too many follow one another.
func (r *Runner) fail(j judge.Judge, request *judge.Request, message string) error {
	r.failed.Add(1)
	r.opts.Log.Warn("no answer", "judge", j.Name(), "item", request.Item, "step", request.Step, "error", message)
	if n := r.inRow.Add(1); n >= int64(r.opts.Failures) {
		return fmt.Errorf("run: %d requests in a row failed, the last one: %s", n, message)
	}
	return nil
}

// A Shard is a part of the items, for several processes or machines to share a run: the
// I-th of N, from 1. The zero Shard is all of them.
type Shard struct{ I, N int }

// Has says whether the shard holds an item.
func (s Shard) Has(item string) bool {
	if s.N <= 1 {
		return true
	}
	h := fnv.New64a()
	h.Write([]byte(item))
	return h.Sum64()%uint64(s.N) == uint64(s.I-1)
}
