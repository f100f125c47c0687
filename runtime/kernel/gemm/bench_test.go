package gemm_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/gemm"
)

// BenchmarkMul reports GFLOP/s of products with a packed right side, on one
// thread.
func BenchmarkMul(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range [][3]int{{128, 384, 384}, {128, 1536, 384}, {128, 384, 1536}, {512, 512, 512}, {1024, 1024, 1024}, {1, 768, 768}} {
		m, n, k := size[0], size[1], size[2]
		b.Run(fmt.Sprintf("%dx%dx%d", m, n, k), func(b *testing.B) {
			g := gemm.Args[float32]{
				M: m, N: n, K: k, A: random(r, m*k), LDA: k, C: random(r, m*n), LDC: n, Alpha: 1,
				Packed: gemm.Pack(k, n, random(r, k*n), n, false),
			}
			for b.Loop() {
				gemm.Mul(nil, g)
			}
			b.ReportMetric(2*float64(m)*float64(n)*float64(k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

// BenchmarkFewRows reports the GB/s at which products of one to four rows read a
// packed right side, on one thread. Large ones come from memory.
func BenchmarkFewRows(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range [][3]int{{1, 768, 768}, {2, 768, 768}, {4, 768, 768}, {1, 2048, 768}, {1, 768, 2048}, {1, 4096, 4096}, {2, 4096, 4096}, {4, 4096, 4096}, {1, 32000, 768}} {
		m, n, k := size[0], size[1], size[2]
		b.Run(fmt.Sprintf("%dx%dx%d", m, n, k), func(b *testing.B) {
			g := gemm.Args[float32]{
				M: m, N: n, K: k, A: random(r, m*k), LDA: k, C: random(r, m*n), LDC: n, Alpha: 1,
				Packed: gemm.Pack(k, n, random(r, k*n), n, false),
			}
			for b.Loop() {
				gemm.Mul(nil, g)
			}
			b.ReportMetric(4*float64(n)*float64(k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GB/s")
		})
	}
}
