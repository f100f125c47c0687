// Package qgemm multiplies matrices of 8-bit integers, with zero points, into
// int32: C[i,j] = Σ (A[i,k] - zeroA[i])·(B[k,j] - zeroB[j]), which wraps around.
//
// The right side is packed with its zero points taken off, so that
//
//	C[i,j] = Σ A[i,k]·B'[k,j] - zeroA[i]·Σ B'[k,j]
//
// and the last sum is known when B is packed.
//
// Plain Go has no vector instructions, but a 64-bit multiplication holds two of
// these products: where x = b0 + b1·2³², the low half of Σ a·x is Σ a·b0, and
// what is above it, less the sign of that half, is Σ a·b1, as long as Σ a·b0
// fits in 32 bits: so sums are cut after KC terms. A panel holds such pairs of
// columns.
//
// Where kernel/gemm has vector instructions, float32 is faster still, and exact:
// sums of 256 products stay below 2²⁴. Both ways give the same integers.
package qgemm

import (
	"github.com/seed6700ada1/infer/runtime/kernel/gemm"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// The blocking of the product.
const (
	// NR is the number of columns of a packed panel: four pairs.
	NR = 8
	// KC is the largest number of terms of a sum: KC·255·255 < 2³¹.
	KC = 1 << 15

	pairs = NR / 2
	// chunkWork is the number of multiply-adds that threads take at a time.
	chunkWork = 1 << 18
)

// Int8 lists the element types of the operands.
type Int8 interface{ int8 | uint8 }

// PackedB is a right-hand matrix laid out for the product: for each panel of NR
// columns, the rows of the panel one after the other, two columns in a word.
type PackedB struct {
	K, N   int
	data   []int64
	floats []*gemm.PackedB[float32] // instead of data: see float.go
	sums   []int32                  // of each column
}

// Pack lays out b, [k,n], whose rows are down and whose columns are right apart.
// zeros holds a zero point for each column, one for all, or none.
func Pack[T Int8](k, n int, b []T, down, right int, zeros []T) *PackedB {
	return pack(k, n, b, down, right, zeros, gemm.Vectorized())
}

func pack[T Int8](k, n int, b []T, down, right int, zeros []T, float bool) *PackedB {
	p := &PackedB{K: k, N: n, sums: make([]int32, n)}
	switch {
	case k == 0:
		return p
	case float:
		packFloats(p, b, down, right, zeros)
		return p
	}
	p.data = make([]int64, (n+NR-1)/NR*k*pairs)
	for j := range n {
		zero := int64(zeroOf(zeros, j))
		words := p.panel(j / NR)[j%NR/2:]
		shift := j % 2 * 32
		sum := int64(0)
		for r := range k {
			v := int64(b[r*down+j*right]) - zero
			words[r*pairs] += v << shift
			sum += v
		}
		p.sums[j] = int32(sum)
	}
	return p
}

// zeroOf is zero point i of none, one for all, or one each.
func zeroOf[T Int8](zeros []T, i int) int32 {
	switch len(zeros) {
	case 0:
		return 0
	case 1:
		return int32(zeros[0])
	default:
		return int32(zeros[i])
	}
}

func (p *PackedB) panel(i int) []int64 { return p.data[i*p.K*pairs:][:p.K*pairs] }

// Mul computes c = a·b: a is m rows of b.K values, lda apart, with a zero point
// for each row, one for all, or none; c is m rows of b.N values, ldc apart.
func Mul[T Int8](p *pool.Pool, m int, a []T, lda int, zeros []T, b *PackedB, c []int32, ldc int) {
	if b.floats != nil {
		mulFloats(p, m, a, lda, zeros, b, c, ldc)
		return
	}
	panels := (b.N + NR - 1) / NR
	grain := max(1, chunkWork/max(1, b.K*NR*min(m, rowBlock)))
	blocks := (m + rowBlock - 1) / rowBlock
	p.For(blocks*panels, grain, func(lo, hi int) {
		for t := lo; t < hi; t++ {
			i0, panel := t/panels*rowBlock, t%panels
			for i := i0; i < min(i0+rowBlock, m); i++ {
				zero := zeroOf(zeros, i)
				sums := dot(a[i*lda:][:b.K], b.panel(panel))
				j0 := panel * NR
				for j, s := range sums[:min(NR, b.N-j0)] {
					c[i*ldc+j0+j] = s - zero*b.sums[j0+j]
				}
			}
		}
	})
}

// rowBlock is how many rows of A go through a panel before the next one.
const rowBlock = 32

// dot multiplies a row with the columns of a panel.
func dot[T Int8](a []T, panel []int64) (sums [NR]int32) {
	for len(a) > KC {
		for j, s := range dotShort(a[:KC], panel) {
			sums[j] += s
		}
		a, panel = a[KC:], panel[KC*pairs:]
	}
	for j, s := range dotShort(a, panel) {
		sums[j] += s
	}
	return sums
}

// dotShort is dot for at most KC terms.
func dotShort[T Int8](a []T, panel []int64) [NR]int32 {
	var s0, s1, s2, s3 int64
	for k, x := range a {
		w := (*[pairs]int64)(panel[k*pairs:])
		v := int64(x)
		s0 += v * w[0]
		s1 += v * w[1]
		s2 += v * w[2]
		s3 += v * w[3]
	}
	return [NR]int32{low(s0), high(s0), low(s1), high(s1), low(s2), high(s2), low(s3), high(s3)}
}

func low(s int64) int32  { return int32(s) }
func high(s int64) int32 { return int32((s - int64(int32(s))) >> 32) }

// Scale turns sums, rows of n, into floats: each times scale and the one of its
// column, of which there are n or one for all.
func Scale(out []float32, sums []int32, n int, scale float32, columns []float32) {
	for i, v := range sums {
		out[i] = float32(v) * (scale * columns[i%n%len(columns)])
	}
}
