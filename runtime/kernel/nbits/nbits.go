// Package nbits multiplies with weights of 2, 4 or 8 bits that are quantised in
// blocks: w = (q - zero)·scale, with a scale and a zero point for each block of
// consecutive weights of a column.
//
// Weights come with those of one column one after the other, the first in the
// low bits of a byte; each column begins a block. [Weights.Pack] lays them out
// for vector instructions, where there are any:
//
//	    16 columns
//	   ┌──────────┐   a block of a panel: a scale for each column,
//	   │ scales   │
//	   ├──────────┤
//	8 k│ ▒▒▒▒▒▒▒▒ │   steps of 8 weights a column, a 32-bit word each where they
//	   │ ▒▒▒▒▒▒▒▒ │   have 4 bits, else a row of bytes for each k,
//	   ├──────────┤
//	   │ zeros    │   and a zero point for each column, if there are any
//	   └──────────┘
//
// A product of few rows waits for the weights to come from memory, and reads them
// as they are. One of more rows turns as many as fit in cache into float32 in the
// layout of kernel/gemm, which multiplies them with all rows.
package nbits

import (
	"sync"

	"github.com/seed6700ada1/infer/runtime/kernel/gemm"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// Weights is a matrix of N columns of K weights.
type Weights struct {
	N, K, Bits, Block int
	// Data holds Blocks() blocks of Block·Bits/8 bytes for each column.
	Data []byte
	// Scales and Zeros hold Blocks() values for each column. A nil Zeros is
	// 2^(Bits-1) everywhere.
	Scales, Zeros []float32
	// Groups, where not nil, names for each of the K weights of a column the
	// block whose scale and zero point it has.
	Groups []int32

	packed *layout // instead of Data, Scales and Zeros
}

// Blocks is the number of blocks of a column.
func (w *Weights) Blocks() int { return (w.K + w.Block - 1) / w.Block }

const (
	// columns is the number of columns of a panel.
	columns = gemm.NR
	// wide is how many columns are turned into float32 at a time.
	wide = 2 * columns
	// fewRows is the most rows that read weights as they are.
	fewRows = 4
	// chunkBytes is how much of the weights threads take at a time then.
	chunkBytes = 1 << 17
	// chunkWork is the number of multiply-adds that they take at a time else.
	chunkWork = 1 << 20
)

// Mul computes y = a·w + bias: a is m rows of K values, lda apart, y is m rows of
// N values, ldy apart. A nil bias is none.
func Mul(p *pool.Pool, m int, a []float32, lda int, w *Weights, bias, y []float32, ldy int) {
	if m <= 0 || w.N == 0 {
		return
	}
	g := product{w: w, bias: bias, args: gemm.Args[float32]{M: m, K: w.K, Alpha: 1, A: a, LDA: lda, C: y, LDC: ldy}}
	if w.packed != nil && m <= fewRows {
		g.rows(p)
		return
	}
	pieces := (w.N + wide - 1) / wide
	p.For(pieces, max(1, chunkWork/max(1, wide*w.K*m)), g.columns)
}

// product is one product in progress.
type product struct {
	w    *Weights
	bias []float32
	args gemm.Args[float32] // of A and C as a whole
}

// panels holds the weights of wide columns as float32, and what is written past
// the last row.
type panels [(gemm.KC + step) * wide]float32

// buffers are kept between products. They hold nothing that matters.
var buffers = sync.Pool{New: func() any { return new(panels) }}

// columns computes pieces lo to hi of wide columns.
func (g product) columns(lo, hi int) {
	buf := buffers.Get().(*panels)
	w := g.w
	for j0 := lo * wide; j0 < min(hi*wide, w.N); j0 += wide {
		n := min(wide, w.N-j0)
		for k := 0; k < w.K; k += gemm.KC {
			kc := min(gemm.KC, w.K-k)
			for h := 0; h < n; h += columns {
				w.panel(buf[h*kc:], j0+h, min(columns, n-h), k, kc)
			}
			packed := gemm.Panels(kc, n, buf[:])
			args := g.args
			args.N, args.K, args.Packed = n, kc, &packed
			args.A, args.C = args.A[k:], args.C[j0:]
			if k > 0 {
				args.Beta = 1
			} else if g.bias != nil {
				args.Bias = g.bias[j0:]
			}
			gemm.Mul(nil, args)
		}
	}
	buffers.Put(buf)
}

// panel writes rows k to k+kc of the n columns from j0 on to dst, in rows of a
// panel; k is a multiple of gemm.KC. Up to a step of rows more may be written.
func (w *Weights) panel(dst []float32, j0, n, k, kc int) {
	if w.packed != nil {
		w.packed.unpack(dst, j0/columns, k, kc)
		return
	}
	w.plainPanel(dst, j0, n, k, kc)
}
