// Package pool shares the work of one kernel among threads.
//
// A [Pool] belongs to a process or to a session and is safe for concurrent use.
// Work is cut into chunks whose size depends on the work alone, never on the
// number of threads, so that results are the same bits for any pool; threads
// take the next chunk when they are done with one. A nil *Pool runs everything
// on the calling goroutine.
//
// Kernels follow each other within microseconds, and waking a parked goroutine
// takes several. A worker that is done therefore looks for the next job for a
// short while before it parks, and so does a caller for the last chunk. Nothing
// spins while the pool is idle, or where there are more threads than processors.
package pool

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// workerSpin is how long a worker without a job looks for one.
	workerSpin = 50 * time.Microsecond
	// callerSpin is how long a caller looks for its last chunks to be done.
	callerSpin = 30 * time.Microsecond
	// looks is how often a spinning goroutine looks between two readings of the
	// clock.
	looks = 64
)

// Pool is a fixed number of threads, the calling one included.
type Pool struct {
	threads int
	crew    *crew
}

// crew is the workers of a pool. It is apart from the pool so that waiting
// workers do not keep an unused pool alive.
type crew struct {
	workers []worker
	quit    chan struct{}
	close   sync.Once
	spins   bool
}

func (c *crew) end() { c.close.Do(func() { close(c.quit) }) }

// worker is one goroutine that helps callers.
type worker struct {
	job    atomic.Pointer[job] // what it is asked to help with; nil where it is free
	parked atomic.Bool
	wake   chan struct{}
	_      [40]byte // workers do not share a cache line
}

// job is one call of For in progress.
type job struct {
	n, grain int
	f        func(lo, hi int)
	next     atomic.Int64
	left     atomic.Int64   // chunks not done yet
	done     sync.WaitGroup // for the last chunk
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
	processors := runtime.GOMAXPROCS(0)
	if threads <= 0 {
		threads = processors
	}
	c := &crew{workers: make([]worker, threads-1), quit: make(chan struct{}), spins: threads <= processors}
	p := &Pool{threads: threads, crew: c}
	for i := range c.workers {
		c.workers[i].wake = make(chan struct{}, 1)
		go c.serve(&c.workers[i])
	}
	runtime.AddCleanup(p, (*crew).end, c)
	return p
}

// Close ends the pool's goroutines once they are idle. The pool must not be
// used after it.
func (p *Pool) Close() {
	if p != nil {
		p.crew.end()
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
	chunks := (n + grain - 1) / grain
	j := &job{n: n, grain: grain, f: f}
	j.done.Add(1)
	j.left.Store(int64(chunks))
	p.crew.offer(j, min(p.threads, chunks)-1)
	j.run()
	p.crew.await(j)
	if c := j.panicked.Load(); c != nil {
		panic(c)
	}
}

// offer asks up to helpers free workers to join in. Where there are none, the
// caller works alone: nobody waits for a worker to come, only for chunks to be
// done, so that a chunk may call For itself.
func (c *crew) offer(j *job, helpers int) {
	for i := range c.workers {
		w := &c.workers[i]
		if helpers == 0 {
			return
		}
		if w.job.Load() != nil || !w.job.CompareAndSwap(nil, j) {
			continue
		}
		helpers--
		if w.parked.Load() {
			select {
			case w.wake <- struct{}{}:
			default: // it was woken already
			}
		}
	}
}

// await waits for the last chunks, which others are at.
func (c *crew) await(j *job) {
	if c.spins && spin(callerSpin, func() bool { return j.left.Load() == 0 }) {
		return
	}
	j.done.Wait()
}

// serve is the life of a worker.
func (c *crew) serve(w *worker) {
	for {
		if j := w.job.Load(); j != nil {
			j.run()
			w.job.Store(nil)
			continue
		}
		if c.spins && spin(workerSpin, func() bool { return w.job.Load() != nil }) {
			continue
		}
		w.parked.Store(true)
		if w.job.Load() == nil { // what came before parked was set woke nobody
			select {
			case <-w.wake:
			case <-c.quit:
				return
			}
		}
		w.parked.Store(false)
	}
}

// spin looks for a condition for a while, and tells whether it came.
func spin(d time.Duration, ok func() bool) bool {
	for start := time.Now(); ; {
		for range looks {
			if ok() {
				return true
			}
		}
		if time.Since(start) > d {
			return false
		}
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
		if j.left.Add(-1) == 0 {
			j.done.Done()
		}
	}
}

// chunk does one chunk; after a panic, the rest are only counted.
func (j *job) chunk(lo int) {
	defer func() {
		if v := recover(); v != nil {
			j.panicked.CompareAndSwap(nil, &Panic{Value: v})
		}
	}()
	if j.panicked.Load() == nil {
		j.f(lo, min(lo+j.grain, j.n))
	}
}
