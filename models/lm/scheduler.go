package lm

import (
	"context"
	"errors"
	"iter"
	"sync"
)

// ErrSchedulerClosed ends the answers of a scheduler that was closed.
var ErrSchedulerClosed = errors.New("lm: the scheduler is closed")

// Scheduler writes the answers of many callers together: each run of the model adds a
// token to every answer that is being written. New prompts join between two runs and
// answers leave when they end (continuous batching). It is safe for concurrent use.
type Scheduler struct {
	m    *Model
	most int
	in   chan *job
	stop context.CancelFunc
	done chan struct{}
}

// job is a request of a caller.
type job struct {
	ctx context.Context
	row *row
	out queue
}

// NewScheduler starts a scheduler that writes up to rows answers at a time; others wait.
// Close ends it.
func NewScheduler(m *Model, rows int) *Scheduler {
	ctx, stop := context.WithCancel(context.Background())
	s := &Scheduler{m: m, most: max(rows, 1), in: make(chan *job), stop: stop, done: make(chan struct{})}
	go s.loop(ctx)
	return s
}

// Close ends the answers that are being written, with [ErrSchedulerClosed], and waits
// for the run that is under way.
func (s *Scheduler) Close() {
	s.stop()
	<-s.done
}

// Stream is [Model.Stream] among the answers of others. Options.Memory is not used.
func (s *Scheduler) Stream(ctx context.Context, prompt string, o Options) iter.Seq2[Token, error] {
	return func(yield func(Token, error) bool) {
		ids, err := s.m.encodePrompt(prompt, &o)
		if err != nil {
			yield(Token{}, err)
			return
		}
		seq, err := s.m.newSequence(ids, &o)
		if err != nil {
			yield(Token{}, err)
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel() // a caller that breaks off frees its row
		j := &job{ctx: ctx, out: newQueue()}
		j.row = &row{seq: seq, take: func(t Token, err error) bool {
			j.out.put(t, err, err != nil || seq.finish != FinishNone)
			return ctx.Err() == nil
		}}
		select {
		case s.in <- j:
		case <-ctx.Done():
			yield(Token{}, ctx.Err())
			return
		case <-s.done:
			yield(Token{}, ErrSchedulerClosed)
			return
		}
		j.out.each(ctx, yield)
	}
}

// Generate is [Model.Generate] among the answers of others.
func (s *Scheduler) Generate(ctx context.Context, prompt string, o Options) (*Result, error) {
	r := &Result{}
	for t, err := range s.Stream(ctx, prompt, o) {
		if err != nil {
			return nil, err
		}
		isEnd := t.Finish == FinishStop && (&sequence{m: s.m}).ends(t.ID)
		r.add(t, isEnd)
	}
	return r, nil
}

// loop runs the model while there are answers to write.
func (s *Scheduler) loop(ctx context.Context) {
	defer close(s.done)
	g := &group{m: s.m}
	for {
		joined, ok := s.arrivals(ctx, len(g.rows))
		if !ok {
			g.fail(ErrSchedulerClosed)
			for _, j := range joined {
				j.row.take(Token{}, ErrSchedulerClosed)
			}
			return
		}
		if len(joined) > 0 {
			parts := g.parts()
			for _, j := range joined { // one by one: a prompt that fails, fails alone
				more, err := g.begin(j.ctx, []*row{j.row})
				if err != nil {
					j.row.take(Token{}, err)
				}
				parts = append(parts, more...)
			}
			if err := g.join(parts); err != nil {
				g.fail(err)
			}
		}
		if err := g.step(ctx); err != nil {
			if ctx.Err() != nil {
				err = ErrSchedulerClosed
			}
			g.fail(err)
		}
	}
}

// arrivals takes the requests that wait, up to the scheduler's limit; where nothing is
// being written it waits for one. It is not ok where the scheduler is closed.
func (s *Scheduler) arrivals(ctx context.Context, active int) (jobs []*job, ok bool) {
	for active+len(jobs) < s.most {
		if active+len(jobs) == 0 {
			select {
			case j := <-s.in:
				jobs = append(jobs, j)
				continue
			case <-ctx.Done():
				return jobs, false
			}
		}
		select {
		case j := <-s.in:
			jobs = append(jobs, j)
		default:
			return jobs, ctx.Err() == nil
		}
	}
	return jobs, ctx.Err() == nil
}

// queue hands tokens to a caller who may be slower than the model.
type queue struct {
	mu    *sync.Mutex
	list  *[]item
	ready chan struct{} // holds a signal where the list may have something
}

type item struct {
	token Token
	err   error
	last  bool
}

func newQueue() queue { return queue{new(sync.Mutex), new([]item), make(chan struct{}, 1)} }

func (q queue) put(t Token, err error, last bool) {
	q.mu.Lock()
	*q.list = append(*q.list, item{t, err, last})
	q.mu.Unlock()
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// each yields what comes until the last.
func (q queue) each(ctx context.Context, yield func(Token, error) bool) {
	for {
		select {
		case <-q.ready:
		case <-ctx.Done():
			yield(Token{}, ctx.Err())
			return
		}
		q.mu.Lock()
		list := *q.list
		*q.list = nil
		q.mu.Unlock()
		for _, x := range list {
			if !yield(x.token, x.err) || x.last {
				return
			}
		}
	}
}
