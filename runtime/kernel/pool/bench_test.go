package pool_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// turn is arithmetic that takes some nanoseconds a count.
func turn(n int) (s uint64) {
	for i := range uint64(n) {
		s = s*6364136223846793005 + i
	}
	return s
}

// BenchmarkFor times loops of two chunks for two threads, each with work of its
// own before it that one thread does alone; x/alone is how much longer they take
// than both chunks on one thread.
func BenchmarkFor(b *testing.B) {
	var sink [2][16]uint64
	for _, chunk := range []int{0, 1000, 5000, 20000} {
		for _, gap := range []int{0, 5000, 100000} {
			b.Run(fmt.Sprintf("chunk %d, gap %d", chunk, gap), func(b *testing.B) {
				p := pool.New(2)
				defer p.Close()
				p.Enter()
				defer p.Leave()
				var inside, alone time.Duration
				for b.Loop() {
					sink[0][1] += turn(gap)
					start := time.Now()
					p.For(2, 1, func(lo, _ int) { sink[lo][0] += turn(chunk) })
					inside += time.Since(start)
					start = time.Now()
					sink[1][1] += turn(2 * chunk)
					alone += time.Since(start)
				}
				b.ReportMetric(float64(inside.Nanoseconds())/float64(b.N), "ns/for")
				b.ReportMetric(float64(inside)/float64(alone), "x/alone")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}
