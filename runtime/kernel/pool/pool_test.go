package pool_test

import (
	"errors"
	"runtime"
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

func TestNilPoolIsOneThread(t *testing.T) {
	var p *pool.Pool
	n := 0
	p.For(10, 3, func(lo, hi int) { n += hi - lo })
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
