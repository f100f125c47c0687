// Package pool shares the work of one kernel among threads.
//
// A [Pool] belongs to a process or to a session and is safe for concurrent use.
// Work is cut into chunks whose size depends on the work alone, never on the
// number of threads, so that results are the same bits for any pool; threads
// take the next chunk when they are done with one. A nil *Pool runs everything
// on the calling goroutine.
//
// Kernels follow each other within microseconds, and waking a thread takes
// several. A worker that is done therefore looks for the next job for a while
// before it sleeps: for long while a model runs (see [Pool.Enter]), and else
// briefly. Meanwhile it lets other goroutines have its processor. Nothing spins
// while the pool is idle, or where there are more threads than processors.
//
// A pool has no more threads at work than it is of: of several callers at once,
// each gets fewer helpers, and none where there are as many as threads.
package pool

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// briefSpin is how long a worker without a job looks for one while no model
	// runs.
	briefSpin = 50 * time.Microsecond
	// longSpin is how long it does while one runs: as long as kernels that one
	// thread does alone take.
	longSpin = time.Millisecond
	// callerSpin is how long a caller looks for its last chunks to be done.
	callerSpin = 500 * time.Microsecond
	// looks is how often a spinning goroutine looks before it lets others have
	// the processor: a few microseconds.
	looks = 8192
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
	quit    atomic.Bool
	spins   bool
	jobs    sync.Pool
	_       [64]byte
	inside  atomic.Int32 // callers between Enter and Leave
	_       [60]byte
}

// worker is one goroutine that helps callers.
type worker struct {
	job atomic.Pointer[job] // what it is asked to help with; nil where there is nothing
	_   [56]byte            // nobody writes to the line that a worker looks at but to give it a job
	bed bed
}

// job is one call of For in progress.
type job struct {
	n, grain int
	f        func(lo, hi int)
	done     chan struct{} // gets a value from the last helper where the caller sleeps
	panicked atomic.Pointer[Panic]
	_        [64]byte
	next     atomic.Int64 // the first element that nobody has taken
	_        [56]byte
	helpers  atomic.Int32 // workers that have the job, and sleeping
	_        [60]byte
}

// sleeping is added to a job's helpers by the caller who sleeps until they are
// done.
const sleeping = 1 << 30

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
	c := &crew{workers: make([]worker, threads-1), spins: threads <= processors}
	c.jobs.New = func() any { return &job{done: make(chan struct{}, 1)} }
	p := &Pool{threads: threads, crew: c}
	for i := range c.workers {
		c.workers[i].bed.init()
		go c.serve(&c.workers[i])
	}
	runtime.AddCleanup(p, (*crew).end, c)
	return p
}

// end lets the workers end, once they are idle.
func (c *crew) end() {
	c.quit.Store(true)
	for i := range c.workers {
		c.workers[i].bed.wake()
	}
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

// Enter says that the caller is about to call For many times, until it calls
// Leave: workers wait longer for work, and several such callers share them out.
func (p *Pool) Enter() {
	if p != nil {
		p.crew.inside.Add(1)
	}
}

// Leave takes back Enter.
func (p *Pool) Leave() {
	if p != nil {
		p.crew.inside.Add(-1)
	}
}

// For calls f for consecutive ranges [lo, hi) that cover 0 to n, each of grain
// elements but the last, from several threads at once, and returns when all are
// done. A grain of 0 or less counts as 1.
func (p *Pool) For(n, grain int, f func(lo, hi int)) {
	grain = max(grain, 1)
	helpers := 0
	if p != nil && n > grain {
		chunks := (n + grain - 1) / grain
		helpers = min(chunks-1, p.threads-max(1, int(p.crew.inside.Load())))
	}
	if helpers <= 0 {
		for lo := 0; lo < n; lo += grain {
			f(lo, min(lo+grain, n))
		}
		return
	}
	p.crew.share(n, grain, helpers, f)
}

// share is For with so many helpers.
func (c *crew) share(n, grain, helpers int, f func(lo, hi int)) {
	j := c.jobs.Get().(*job)
	j.n, j.grain, j.f = n, grain, f
	j.next.Store(0)
	c.offer(j, helpers)
	j.run()
	c.withdraw(j)
	c.await(j)
	v := j.panicked.Swap(nil)
	j.f = nil
	c.jobs.Put(j)
	if v != nil {
		panic(v) // of a chunk: it goes on where it would have gone without threads
	}
}

// offer asks up to that many free workers to join in. Where there are none, the
// caller works alone: nobody waits for a worker to come, only for chunks to be
// done, so that a chunk may call For itself.
func (c *crew) offer(j *job, helpers int) {
	for i := range c.workers {
		if helpers == 0 {
			return
		}
		w := &c.workers[i]
		if w.job.Load() != nil {
			continue
		}
		j.helpers.Add(1)
		if !w.job.CompareAndSwap(nil, j) {
			j.helpers.Add(-1)
			continue
		}
		helpers--
		w.bed.wake()
	}
}

// withdraw takes the job from workers that did not come yet: they are free for
// the next one.
func (c *crew) withdraw(j *job) {
	for i := range c.workers {
		if w := &c.workers[i]; w.job.Load() == j && w.job.CompareAndSwap(j, nil) {
			j.helpers.Add(-1)
		}
	}
}

// await waits for the workers that came, which are at the last chunks.
func (c *crew) await(j *job) {
	if c.spins && spin(callerSpin, func() bool { return j.helpers.Load() == 0 }) {
		return
	}
	if j.helpers.Add(sleeping) > sleeping {
		<-j.done
	}
	j.helpers.Store(0)
}

// busy stands in a worker's place for a job while it is at one.
var busy = new(job)

// serve is the life of a worker.
func (c *crew) serve(w *worker) {
	for !c.quit.Load() {
		if c.work(w) || c.spins && c.wait(w) {
			continue
		}
		w.bed.lie()
		if w.job.Load() != nil || c.quit.Load() {
			w.bed.rise() // what came before lie woke nobody
			continue
		}
		w.bed.sleep()
	}
}

// work does the worker's job, where it has one.
func (c *crew) work(w *worker) bool {
	j := w.job.Load()
	if j == nil || !w.job.CompareAndSwap(j, busy) {
		return false
	}
	j.run()
	w.job.Store(nil) // first: the caller who goes on finds the worker free
	if j.helpers.Add(-1) == sleeping {
		j.done <- struct{}{}
	}
	return true
}

// wait looks for a job for a while, and tells whether one came.
func (c *crew) wait(w *worker) bool {
	asked := func() bool { return w.job.Load() != nil }
	for left := longSpin; left > 0; left -= briefSpin {
		if spin(briefSpin, asked) {
			return true
		}
		if c.inside.Load() == 0 {
			return false
		}
	}
	return false
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
		runtime.Gosched()
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
	defer func() {
		if v := recover(); v != nil {
			j.panicked.CompareAndSwap(nil, &Panic{Value: v})
		}
	}()
	if j.panicked.Load() == nil {
		j.f(lo, min(lo+j.grain, j.n))
	}
}
