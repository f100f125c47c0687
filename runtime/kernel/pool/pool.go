// Package pool shares the work of one kernel among threads.
//
// A [Pool] belongs to a process or to a session and is safe for concurrent use.
// Work is cut into chunks whose size depends on the work alone, never on the
// number of threads, so that results are the same bits for any pool; threads
// take the next chunk when they are done with one. A nil *Pool runs everything
// on the calling goroutine.
package pool

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// Pool is a fixed number of threads, the calling one included.
type Pool struct {
	threads int
	queue   *queue
}

// queue is what the workers of a pool wait on. It is apart from the pool so
// that waiting workers do not keep an unused pool alive.
type queue struct {
	work  chan *job
	close sync.Once
}

func (q *queue) end() { q.close.Do(func() { close(q.work) }) }

// job is one call of For in progress.
type job struct {
	n, grain int
	f        func(lo, hi int)
	next     atomic.Int64
	left     sync.WaitGroup // chunks not done yet
	panicked atomic.Pointer[Panic]
}

// Panic carries a panic of a chunk to the goroutine that called For.
type Panic struct {
	Value any
}

// Error makes a *Panic an error.
func (p *Panic) Error() string { return fmt.Sprintf("panic in a worker: %v", p.Value) }

// New makes a pool of that many threads; 0 or less takes GOMAXPROCS. Its
// goroutines end when it is closed or no longer reachable.
func New(threads int) *Pool {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	p := &Pool{threads: threads, queue: &queue{work: make(chan *job, threads)}}
	for range threads - 1 {
		go p.queue.worker()
	}
	runtime.AddCleanup(p, (*queue).end, p.queue)
	return p
}

// Close ends the pool's goroutines once they are idle. The pool must not be
// used after it.
func (p *Pool) Close() {
	if p != nil {
		p.queue.end()
	}
}

// Threads is the number of threads that can work at once; 1 for a nil pool.
func (p *Pool) Threads() int {
	if p == nil {
		return 1
	}
	return p.threads
}

// For calls f for consecutive ranges [lo, hi) that cover 0 to n, each of grain
// elements but the last, from several threads at once, and returns when all are
// done. A grain of 0 or less counts as 1.
func (p *Pool) For(n, grain int, f func(lo, hi int)) {
	grain = max(grain, 1)
	if p.Threads() == 1 || n <= grain {
		for lo := 0; lo < n; lo += grain {
			f(lo, min(lo+grain, n))
		}
		return
	}
	j := &job{n: n, grain: grain, f: f}
	chunks := (n + grain - 1) / grain
	j.left.Add(chunks)
	p.offer(j, min(p.threads, chunks)-1)
	j.run()
	j.left.Wait()
	if c := j.panicked.Load(); c != nil {
		panic(c)
	}
}

// offer asks up to helpers idle workers to join in; where the queue is full,
// everybody is busy and the caller works alone. Nobody waits for a worker to
// come: only for chunks to be done, so that a chunk may call For itself.
func (p *Pool) offer(j *job, helpers int) {
	for range helpers {
		select {
		case p.queue.work <- j:
		default:
			return
		}
	}
}

func (q *queue) worker() {
	for j := range q.work {
		j.run()
	}
}

// run takes chunks until none is left.
func (j *job) run() {
	for {
		lo := int(j.next.Add(int64(j.grain))) - j.grain
		if lo >= j.n {
			return
		}
		j.chunk(lo)
	}
}

// chunk does one chunk; after a panic, the rest are only counted.
func (j *job) chunk(lo int) {
	defer j.left.Done()
	defer func() {
		if v := recover(); v != nil {
			j.panicked.CompareAndSwap(nil, &Panic{Value: v})
		}
	}()
	if j.panicked.Load() == nil {
		j.f(lo, min(lo+j.grain, j.n))
	}
}
