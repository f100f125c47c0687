// Package qgemm multiplies matrices of 8-bit integers, with zero points, into
// int32: C[i,j] = Σ (A[i,k] - zeroA[i])·(B[k,j] - zeroB[j]), which wraps around.
//
// Zero points come out of the sums:
//
//	C[i,j] = Σ A[i,k]·B[k,j] - zeroA[i]·sums[j] - zeroB[j]·Σ A[i,k]
//	sums[j] = Σ (B[k,j] - zeroB[j])
//
// where sums is known when B is packed, and the last term is rarely there:
// weights mostly have zero points of 0. Inside, A counts from 0 and B is signed:
// where an operand is of the other kind, its values and its zero points are
// moved by 128.
//
//	                 N                  B in panels of NR columns; in a panel four k of
//	        ┌────┬────┬────┐            a column lie together, as the instructions take
//	      K │ ▒▒ │    │    │            them
//	        └────┴────┴────┘
//	 ┌───┐  ┌────┬────┬────┐            a chunk of C (rows × columns) is the unit that
//	 │ ░ │  │ ▓▓ │    │    │            threads take; for two panels ▒▒ of B, for a tile
//	M├───┤  ├────┼────┼────┤            of rows ░ of A: ▓▓ = ░·▒▒ over the whole of K,
//	 │   │  │    │    │    │            sums in registers
//	 └───┘  └────┴────┴────┘
//	   A          C
//
// A tile multiplies by VPDPBUSD where the machine has it, four terms at once;
// elsewhere by VPMADDWD over terms widened to 16 bits, which unlike VPMADDUBSW
// never saturates. All of them, and plain Go, give the same integers.
package qgemm

import "github.com/seed6700ada1/infer/runtime/kernel/pool"

// NR is the number of columns of a packed panel.
const NR = 16

// Int8 lists the element types of the operands.
type Int8 interface{ int8 | uint8 }

// PackedB is a right-hand matrix laid out for the product.
type PackedB struct {
	K, N  int
	tiles tiles
	words []int64 // for the plain product: see qgemm_generic.go
	bytes []int8  // for tiles: see the package comment
	sums  []int32 // of each column, zero points taken off; padded to whole panels
	zeros []int32 // of each column of bytes; nil where all are 0
}

// tiles says by which instructions a product is computed.
type tiles uint8

const (
	plain tiles = iota
	tilesAVX2
	tilesAVX512
	tilesVNNI
)

// Pack lays out b, [k,n], whose rows are down and whose columns are right apart.
// zeros holds a zero point for each column, one for all, or none.
func Pack[T Int8](k, n int, b []T, down, right int, zeros []T) *PackedB {
	return pack(k, n, b, down, right, zeros, best())
}

func pack[T Int8](k, n int, b []T, down, right int, zeros []T, with tiles) *PackedB {
	p := &PackedB{K: k, N: n, tiles: with, sums: make([]int32, (n+NR-1)/NR*NR)}
	switch {
	case k == 0:
	case with == plain:
		packWords(p, b, down, right, zeros)
	default:
		packBytes(p, b, down, right, zeros)
	}
	return p
}

// packBytes lays out b in panels of signed bytes; rows past the last are zero.
func packBytes[T Int8](p *PackedB, b []T, down, right int, zeros []T) {
	shift := int32(0)
	if ^T(0) > 0 { // uint8
		shift = 128
	}
	p.bytes = make([]int8, len(p.sums)*p.groups()*group)
	if right == 1 {
		packRows(p, b, down, shift)
	} else {
		packElements(p, b, down, right, shift, 0)
	}
	for j := range p.N {
		zero := zeroOf(zeros, j) - shift
		if zero == 0 {
			continue
		}
		if p.zeros == nil {
			p.zeros = make([]int32, len(p.sums))
		}
		p.zeros[j] = zero
		p.sums[j] -= int32(p.K) * zero
	}
}

// packElements lays out rows from first on, one element after the other.
func packElements[T Int8](p *PackedB, b []T, down, right int, shift int32, first int) {
	panel := p.groups() * NR * group
	for r := first; r < p.K; r++ {
		at := r/group*NR*group + r%group
		for j := range p.N {
			v := int32(b[r*down+j*right]) - shift
			p.bytes[j/NR*panel+at+j%NR*group] = int8(v)
			p.sums[j] += v
		}
	}
}

// packRows lays out rows whose elements lie one after the other, a group of a
// panel at a time.
func packRows[T Int8](p *PackedB, b []T, down int, shift int32) {
	panel := p.groups() * NR * group
	r := 0
	for ; r+group <= p.K; r += group {
		for j := 0; j < p.N; j += NR {
			to := p.bytes[j/NR*panel+r*NR:][:NR*group]
			sums := p.sums[j:][:min(NR, p.N-j)]
			for i := range group {
				for x, v := range b[(r+i)*down+j:][:len(sums)] {
					moved := int32(v) - shift
					to[(x*group+i)&(NR*group-1)] = int8(moved)
					sums[x] += moved
				}
			}
		}
	}
	packElements(p, b, down, 1, shift, r)
}

// group is the number of terms that tiles take at once.
const group = 4

// groups is the number of those in a column.
func (p *PackedB) groups() int { return (p.K + group - 1) / group }

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

// Mul computes c = a·b: a is m rows of b.K values, lda apart, with a zero point
// for each row, one for all, or none; c is m rows of b.N values, ldc apart.
func Mul[T Int8](p *pool.Pool, m int, a []T, lda int, zeros []T, b *PackedB, c []int32, ldc int) {
	switch {
	case m <= 0 || b.N == 0:
	case b.K == 0:
		for i := range m {
			clear(c[i*ldc:][:b.N])
		}
	case b.tiles == plain:
		mulPlain(p, m, a, lda, zeros, b, c, ldc)
	default:
		mulTiles(p, m, a, lda, zeros, b, output{ldc: ldc, ints: c})
	}
}

// Floats says what becomes of the sums of [MulFloat].
type Floats struct {
	// Scale times Scales[j] is what the sums of column j are multiplied with;
	// Scales holds one value for each column, or one for all.
	Scale  float32
	Scales []float32
	// Bias holds a value for each column, added after that; nil adds none.
	Bias []float32
	// Add adds to what is in C.
	Add bool
	// After, where it is not nil, is called once for each part of a row of C when
	// it is finished and still in cache: an activation.
	After func(row []float32)
}

// MulFloat is [Mul] with results that are scaled to float32 while they are in
// cache: the product of the numbers that quantised matrices stand for.
func MulFloat[T Int8](p *pool.Pool, m int, a []T, lda int, zeros []T, b *PackedB, f Floats, c []float32, ldc int) {
	if m <= 0 || b.N == 0 {
		return
	}
	if b.tiles == plain || b.K == 0 {
		sums := make([]int32, m*b.N)
		Mul(p, m, a, lda, zeros, b, sums, b.N)
		p.For(m, max(1, chunkPlain/b.N), func(lo, hi int) {
			for i := lo; i < hi; i++ {
				f.finish(c[i*ldc:][:b.N], sums[i*b.N:])
			}
		})
		return
	}
	mulTiles(p, m, a, lda, zeros, b, output{ldc: ldc, floats: c, Floats: f})
}

// finish turns the sums of a row into floats.
func (f *Floats) finish(row []float32, sums []int32) {
	for j, s := range sums[:len(row)] {
		v := float32(float32(s) * (f.Scale * f.Scales[j%len(f.Scales)]))
		if f.Bias != nil {
			v += f.Bias[j]
		}
		if f.Add {
			v += row[j]
		}
		row[j] = v
	}
	if f.After != nil {
		f.After(row)
	}
}
