package qgemm

import (
	"github.com/seed6700ada1/infer/runtime/kernel/gemm"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

const (
	// floatK is the number of terms that float32 adds up exactly, in any order:
	// floatK·255·255 < 2²⁴.
	floatK = 256
	// floatRows is how many rows are turned into float32 at a time.
	floatRows = 128
)

// packFloats lays out a matrix of at least one row as float32, in blocks of
// floatK rows.
func packFloats[T Int8](p *PackedB, b []T, down, right int, zeros []T) {
	block := make([]float32, min(floatK, p.K)*p.N)
	sums := make([]int64, p.N)
	for k := 0; k < p.K; k += floatK {
		kc := min(floatK, p.K-k)
		for r := range kc {
			row := block[r*p.N:][:p.N]
			for j := range row {
				v := int32(b[(k+r)*down+j*right]) - zeroOf(zeros, j)
				row[j] = float32(v)
				sums[j] += int64(v)
			}
		}
		p.floats = append(p.floats, gemm.Pack(kc, p.N, block, p.N, false))
	}
	for j, s := range sums {
		p.sums[j] = int32(s)
	}
}

// mulFloats is Mul through float32.
func mulFloats[T Int8](p *pool.Pool, m int, a []T, lda int, zeros []T, b *PackedB, c []int32, ldc int) {
	if m <= 0 || b.N == 0 {
		return
	}
	rows := make([]float32, min(floatRows, m)*b.K)
	sums := make([]float32, min(floatRows, m)*b.N)
	for i := 0; i < m; i += floatRows {
		n := min(floatRows, m-i)
		p.For(n, max(1, chunkWork/(16*b.K)), func(lo, hi int) {
			for r := lo; r < hi; r++ {
				row := rows[r*b.K:][:b.K]
				for k, v := range a[(i+r)*lda:][:b.K] {
					row[k] = float32(v)
				}
			}
		})
		for t, block := range b.floats {
			gemm.Mul(p, gemm.Args[float32]{
				M: n, N: b.N, K: block.K, Alpha: 1, A: rows[t*floatK:], LDA: b.K, Packed: block, C: sums, LDC: b.N,
			})
			p.For(n, max(1, chunkWork/(16*b.N)), func(lo, hi int) {
				for r := lo; r < hi; r++ {
					add(c[(i+r)*ldc:][:b.N], sums[r*b.N:][:b.N], b.sums, zeroOf(zeros, i+r), t == 0)
				}
			})
		}
	}
}

// add adds the sums of a block to a row; the first block begins with the zero
// point of the row.
func add(c []int32, sums []float32, columns []int32, zero int32, first bool) {
	sums, columns = sums[:len(c)], columns[:len(c)]
	if first {
		for j, s := range columns {
			c[j] = -zero * s
		}
	}
	for j, s := range sums {
		c[j] += int32(s)
	}
}
