// Package gemm multiplies matrices: C = alpha·A·B + beta·C + bias.
//
// Matrices are row-major slices with a row stride. The blocking, for
// C[M,N] = A[M,K]·B[K,N]:
//
//	              N                         a chunk of C (rows × columns) is the unit
//	        ┌───┬───┬───┐                   that threads take; its size depends on M, N
//	      K │ ▒ │   │   │  B in panels      and K alone
//	        └───┴───┴───┘  of NR columns
//	 ┌───┐  ┌───┬───┬───┐                   for a block of at most KC rows of B
//	 │ ░ │  │ ▓ │   │   │                     for a panel ▒ of NR columns (KC·NR: L1)
//	M├───┤  ├───┼───┼───┤                       for a tile of rows ░ of A
//	 │   │  │   │   │   │                         ▓ += alpha·░·▒, sums in registers
//	 └───┘  └───┴───┴───┘
//	   A          C
//
// Within a block of K the terms of an element are added in rising order, and
// blocks are added in rising order, whatever the tile, the panel or the number
// of threads: an element has the same bits in any product that holds its row
// and its column.
//
// A right side that never changes is laid out once with [Pack]; one that
// changes is read in place.
package gemm

import (
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// The blocking of the product; see the package comment.
const (
	// NR is the number of columns of a packed panel: two registers of AVX2, one
	// of AVX-512.
	NR = 16
	// KC is the largest number of rows of B in a block.
	KC = 384

	// chunkRows bounds the rows of a chunk, so that its block of A stays in L2.
	chunkRows = 144
	// chunkWork is the number of multiply-adds that a chunk aims at: below, it
	// costs more to hand it over than to do it. A tile in assembly does some
	// fifty in a nanosecond, so that this is about 20 µs; it also bounds how long
	// a thread cannot be preempted.
	chunkWork = 1 << 20
	// smallA is the number of values of A that stay in cache over a whole product.
	smallA = 1 << 17
	// fewRows is the most rows of a product that waits for B to come from memory.
	// Its chunks are streams of at least streamCols columns, long enough for the
	// machine to read ahead, and of about streamValues values of B.
	fewRows      = 4
	streamCols   = 12 * chunkCols
	streamValues = 1 << 17
	// chunkCols is what the columns of a chunk are a multiple of: the widest
	// tile.
	chunkCols = 2 * NR
)

// Number lists the element types of a product. Integers wrap around.
type Number interface {
	float32 | float64 | int32 | int64 | uint32 | uint64
}

// Args describes one product. Slices must hold what the sizes and strides say.
type Args[T Number] struct {
	M, N, K int

	A      []T // [M,K], or [K,M] where TransA
	LDA    int // distance of its rows
	TransA bool

	B      []T // [K,N], or [N,K] where TransB; not used where Packed is given
	LDB    int
	TransB bool
	Packed *PackedB[T]

	C   []T // [M,N]; it may overlap no other operand
	LDC int

	Alpha T
	Beta  T   // 0 leaves C unread
	Bias  []T // N values added to every row; nil adds none

	// After, where it is not nil, is called once for each part of a row of C when
	// it is finished and still in cache: an activation.
	After func(row []T)

	// Scratch is used for a transposed A; where it holds fewer than M·K values,
	// that much is allocated.
	Scratch []T
}

// Mul computes the product on the threads of p.
func Mul[T Number](p *pool.Pool, g Args[T]) {
	if g.M <= 0 || g.N <= 0 {
		return
	}
	g.straightenA()
	rows, cols := chunk(g.M, g.N, g.K)
	count := (g.M + rows - 1) / rows * ((g.N + cols - 1) / cols)
	if p.Threads() == 1 || count == 1 {
		g.chunks(0, count, rows, cols)
		return
	}
	shared := g // what the threads see must live on the heap: keep that off the path above
	p.For(count, 1, func(lo, hi int) { shared.chunks(lo, hi, rows, cols) })
}

// Batch computes n products that differ in where their operands start: offsets
// gives the places of the i-th in g.A, g.B and g.C. With a packed B, the second
// is not used.
func Batch[T Number](p *pool.Pool, g Args[T], n int, offsets func(i int) (a, b, c int)) {
	rows, cols := chunk(g.M, g.N, g.K)
	if g.M > rows || g.N > cols || n == 1 || g.TransA {
		for i := range n {
			Mul(p, g.at(offsets(i)))
		}
		return
	}
	grain := max(1, chunkWork/max(1, g.M*g.N*g.K))
	p.For(n, grain, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			Mul(nil, g.at(offsets(i)))
		}
	})
}

// at is the same product of other operands.
func (g Args[T]) at(a, b, c int) Args[T] {
	g.A, g.C = g.A[a:], g.C[c:]
	if g.Packed == nil {
		g.B = g.B[b:]
	}
	return g
}

// chunk is the size of the pieces of C that threads take.
func chunk(m, n, k int) (rows, cols int) {
	rows = min(m, chunkRows)
	cols = chunkWork/max(1, rows*k) + 1
	if m <= fewRows {
		cols = max(streamCols, streamValues/max(1, k))
	}
	cols = (cols + chunkCols - 1) / chunkCols * chunkCols
	return rows, min(cols, (n+chunkCols-1)/chunkCols*chunkCols)
}

// chunks computes pieces lo to hi of C. They are counted along its rows, so that
// those of A stay in cache, or, where all of A does, along its columns, so that
// those of B come from memory once.
func (g *Args[T]) chunks(lo, hi, rows, cols int) {
	down, across := (g.M+rows-1)/rows, (g.N+cols-1)/cols
	for t := lo; t < hi; t++ {
		i, j := t/across*rows, t%across*cols
		if g.M*g.K <= smallA {
			i, j = t%down*rows, t/down*cols
		}
		i1, j1 := min(i+rows, g.M), min(j+cols, g.N)
		g.piece(i, i1, j, j1)
		if g.After != nil {
			for ; i < i1; i++ {
				g.After(g.C[i*g.LDC+j : i*g.LDC+j1])
			}
		}
	}
}

// piece computes C[i0:i1, j0:j1]; j0 is a multiple of NR.
func (g *Args[T]) piece(i0, i1, j0, j1 int) {
	if f, ok := any(g).(*Args[float32]); ok && pieceFast(f, i0, i1, j0, j1) {
		return
	}
	g.start(i0, i1, j0, j1)
	for k := 0; k < g.K; k += KC {
		kc := min(KC, g.K-k)
		switch {
		case g.Packed != nil:
			g.packed(i0, i1, j0, j1, k, kc)
		case g.TransB:
			g.dots(i0, i1, j0, j1, k, kc)
		default:
			g.inPlace(i0, i1, j0, j1, k, kc)
		}
	}
}

// start sets C to what the product is added to: beta·C + bias.
func (g *Args[T]) start(i0, i1, j0, j1 int) {
	for i := i0; i < i1; i++ {
		row := g.C[i*g.LDC+j0 : i*g.LDC+j1]
		switch {
		case g.Beta == 0:
			clear(row)
		case g.Beta != 1:
			for j := range row {
				row[j] *= g.Beta
			}
		}
		if g.Bias != nil {
			for j, b := range g.Bias[j0:j1] {
				row[j] += b
			}
		}
	}
}

// straightenA copies a transposed A to one that is not.
func (g *Args[T]) straightenA() {
	if !g.TransA {
		return
	}
	if len(g.Scratch) < g.M*g.K {
		g.Scratch = make([]T, g.M*g.K)
	}
	for k := range g.K {
		for i, v := range g.A[k*g.LDA:][:g.M] {
			g.Scratch[i*g.K+k] = v
		}
	}
	g.A, g.LDA, g.TransA = g.Scratch, g.K, false
}
