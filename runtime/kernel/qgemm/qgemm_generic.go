package qgemm

import "github.com/seed6700ada1/infer/runtime/kernel/pool"

// The plain product. Plain Go has no vector instructions, but a 64-bit
// multiplication holds two products of ours: where x = b0 + b1·2³², the low half
// of Σ a·x is Σ a·b0, and what is above it, less the sign of that half, is
// Σ a·b1, as long as Σ a·b0 fits in 32 bits: so sums are cut after wordTerms. A
// panel of words holds such pairs of columns, its zero points taken off.

const (
	// wordTerms is the largest number of terms of a sum: wordTerms·255·255 < 2³¹.
	wordTerms = 1 << 15
	// wordCols is the number of columns of a panel of words.
	wordCols = 8
	pairs    = wordCols / 2

	// chunkPlain is the number of multiply-adds that threads take at a time.
	chunkPlain = 1 << 18
	// rowBlock is how many rows of A go through a panel before the next one.
	rowBlock = 32
)

// packWords lays out b for the plain product.
func packWords[T Int8](p *PackedB, b []T, down, right int, zeros []T) {
	p.words = make([]int64, (p.N+wordCols-1)/wordCols*p.K*pairs)
	for j := range p.N {
		zero := int64(zeroOf(zeros, j))
		words := p.panelWords(j / wordCols)[j%wordCols/2:]
		shift := j % 2 * 32
		sum := int64(0)
		for r := range p.K {
			v := int64(b[r*down+j*right]) - zero
			words[r*pairs] += v << shift
			sum += v
		}
		p.sums[j] = int32(sum)
	}
}

func (p *PackedB) panelWords(i int) []int64 { return p.words[i*p.K*pairs:][:p.K*pairs] }

// mulPlain is [Mul] for words.
func mulPlain[T Int8](p *pool.Pool, m int, a []T, lda int, zeros []T, b *PackedB, c []int32, ldc int) {
	panels := (b.N + wordCols - 1) / wordCols
	grain := max(1, chunkPlain/max(1, b.K*wordCols*min(m, rowBlock)))
	blocks := (m + rowBlock - 1) / rowBlock
	p.For(blocks*panels, grain, func(lo, hi int) {
		for t := lo; t < hi; t++ {
			i0, panel := t/panels*rowBlock, t%panels
			for i := i0; i < min(i0+rowBlock, m); i++ {
				zero := zeroOf(zeros, i)
				sums := dot(a[i*lda:][:b.K], b.panelWords(panel))
				j0 := panel * wordCols
				for j, s := range sums[:min(wordCols, b.N-j0)] {
					c[i*ldc+j0+j] = s - zero*b.sums[j0+j]
				}
			}
		}
	})
}

// dot multiplies a row with the columns of a panel.
func dot[T Int8](a []T, panel []int64) (sums [wordCols]int32) {
	for len(a) > wordTerms {
		for j, s := range dotShort(a[:wordTerms], panel) {
			sums[j] += s
		}
		a, panel = a[wordTerms:], panel[wordTerms*pairs:]
	}
	for j, s := range dotShort(a, panel) {
		sums[j] += s
	}
	return sums
}

// dotShort is dot for at most wordTerms terms.
func dotShort[T Int8](a []T, panel []int64) [wordCols]int32 {
	var s0, s1, s2, s3 int64
	for k, x := range a {
		w := (*[pairs]int64)(panel[k*pairs:])
		v := int64(x)
		s0 += v * w[0]
		s1 += v * w[1]
		s2 += v * w[2]
		s3 += v * w[3]
	}
	return [wordCols]int32{low(s0), high(s0), low(s1), high(s1), low(s2), high(s2), low(s3), high(s3)}
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
