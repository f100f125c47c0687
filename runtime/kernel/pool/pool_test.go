package pool_test

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

func TestForCoversEachIndexOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 8} {
		p := pool.New(threads)
		defer p.Close()
		for _, n := range []int{0, 1, 7, 64, 1000} {
			for _, grain := range []int{0, 1, 3, 64, 5000} {
				seen := make([]atomic.Int32, n)
				p.For(n, grain, func(lo, hi int) {
					for i := lo; i < hi; i++ {
						seen[i].Add(1)
					}
				})
				for i := range seen {
					if got := seen[i].Load(); got != 1 {
						t.Fatalf("threads %d, n %d, grain %d: index %d was visited %d times", threads, n, grain, i, got)
					}
				}
			}
		}
	}
}

func TestForNested(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	var sum atomic.Int64
	p.For(16, 1, func(lo, _ int) {
		p.For(16, 1, func(lo2, _ int) { sum.Add(int64(lo*16 + lo2)) })
	})
	if want := int64(255 * 256 / 2); sum.Load() != want {
		t.Fatalf("sum is %d, want %d", sum.Load(), want)
	}
}

func TestForPassesPanicOn(t *testing.T) {
	p := pool.New(4)
	defer p.Close()
	cause := errors.New("boom")
	defer func() {
		v, ok := recover().(*pool.Panic)
		if !ok || !errors.Is(v.Value.(error), cause) {
			t.Fatalf("recovered %v, want the panic of the chunk", v)
		}
	}()
	p.For(100, 1, func(lo, _ int) {
		if lo == 50 {
			panic(cause)
		}
	})
	t.Fatal("For returned after a panic")
}

// Each chunk waits until both have begun: a worker that was not woken would hold
// them up for ever.
func TestForWakesWorkers(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	for range 50 {
		time.Sleep(time.Millisecond) // long enough for the worker to sleep
		var begun sync.WaitGroup
		begun.Add(2)
		p.For(2, 1, func(int, int) {
			begun.Done()
			begun.Wait()
		})
	}
}

// Callers that are inside share the threads: none of these has a helper, so that
// no chunk runs beside another of the same caller.
func TestCallersShareThreads(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	var all, inside, both sync.WaitGroup
	inside.Add(2)
	both.Add(2)
	for range 2 {
		all.Go(func() {
			p.Enter()
			defer p.Leave()
			inside.Done()
			inside.Wait()
			defer both.Wait()
			defer both.Done()
			last := 0
			for range 100 {
				p.For(100, 1, func(lo, _ int) { last = lo }) // the race detector would see a helper
			}
			if last != 99 {
				t.Errorf("the last chunk begins at %d, expected 99", last)
			}
		})
	}
	all.Wait()
}

func TestForFromManyCallers(t *testing.T) {
	p := pool.New(4)
	defer p.Close()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if i%2 == 0 {
				p.Enter()
				defer p.Leave()
			}
			for n := range 300 {
				var sum atomic.Int64
				p.For(n, 7, func(lo, hi int) {
					for i := lo; i < hi; i++ {
						sum.Add(int64(i))
					}
				})
				if want := int64(n * (n - 1) / 2); sum.Load() != want {
					t.Errorf("sum to %d is %d, want %d", n, sum.Load(), want)
				}
			}
		})
	}
	all.Wait()
}

func TestNilPoolIsOneThread(t *testing.T) {
	var p *pool.Pool
	n := 0
	p.Enter()
	p.For(10, 3, func(lo, hi int) { n += hi - lo })
	p.Leave()
	if n != 10 || p.Threads() != 1 {
		t.Fatalf("n = %d, threads = %d", n, p.Threads())
	}
}

func TestUnreachablePoolEndsItsGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	pool.New(8).For(100, 1, func(int, int) {})
	for range 100 {
		runtime.GC()
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before the pool", runtime.NumGoroutine(), before)
}
