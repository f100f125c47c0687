// Package nbits multiplies with weights of 2, 4 or 8 bits that are quantised in
// blocks: w = (q - zero)·scale, with a scale and a zero point for each block of
// consecutive weights of a column.
//
// The weights of one column of the product lie one after the other, the first in
// the low bits of a byte, and each column begins a block. A panel of columns at a
// time is turned into float32 in the layout of kernel/gemm, which multiplies it
// with all rows.
package nbits

import (
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
}

// Blocks is the number of blocks of a column.
func (w *Weights) Blocks() int { return (w.K + w.Block - 1) / w.Block }

// chunkWork is the number of weights that threads take at a time.
const chunkWork = 1 << 18

// columns is how many columns are turned into float32 at a time.
const columns = gemm.NR

// Mul computes y = a·w + bias: a is m rows of K values, lda apart, y is m rows of
// N values, ldy apart. A nil bias is none.
func Mul(p *pool.Pool, m int, a []float32, lda int, w *Weights, bias, y []float32, ldy int) {
	pieces := (w.N + columns - 1) / columns
	p.For(pieces, max(1, chunkWork/max(1, columns*w.K)), func(lo, hi int) {
		buf := make([]float32, columns*w.K)
		for t := lo; t < hi; t++ {
			j0 := t * columns
			n := min(columns, w.N-j0)
			w.panel(buf, j0, n)
			g := gemm.Args[float32]{
				M: m, N: n, K: w.K, Alpha: 1, A: a, LDA: lda,
				Packed: gemm.Panel(w.K, n, buf), C: y[j0:], LDC: ldy,
			}
			if bias != nil {
				g.Bias = bias[j0:]
			}
			gemm.Mul(nil, g)
		}
	})
}

// panel writes the weights of n columns from j0 on to dst, K rows of as many
// places as a panel has columns.
func (w *Weights) panel(dst []float32, j0, n int) {
	if n < columns {
		clear(dst) // a buffer that held whole panels before
	}
	blocks, size := w.Blocks(), w.Block*w.Bits/8
	if w.Groups != nil {
		for j := range n {
			w.grouped(dst[j:], w.Data[(j0+j)*blocks*size:], (j0+j)*blocks)
		}
		return
	}
	for b := range blocks { // block by block, so that the rows written stay in the cache
		count := min(w.Block, w.K-b*w.Block)
		rows := dst[b*w.Block*columns:]
		for j := range n {
			at := (j0+j)*blocks + b
			data, scale, zero := w.Data[at*size:][:size], w.Scales[at], w.zero(at)
			switch w.Bits {
			case 4:
				unpack4(rows[j:], data, count, scale, zero)
			case 8:
				for i, q := range data[:count] {
					rows[i*columns+j] = (float32(q) - zero) * scale
				}
			default:
				for i := range count {
					rows[i*columns+j] = (w.bits(data, i) - zero) * scale
				}
			}
		}
	}
}

// zero is the zero point of a block.
func (w *Weights) zero(i int) float32 {
	if w.Zeros != nil {
		return w.Zeros[i]
	}
	return float32(int(1) << (w.Bits - 1))
}

// bits is weight i of a buffer, as an integer.
func (w *Weights) bits(data []byte, i int) float32 {
	per := 8 / w.Bits
	return float32(data[i/per] >> (i % per * w.Bits) & (1<<w.Bits - 1))
}

// grouped writes a column whose weights name their blocks, the first of which is
// block first.
func (w *Weights) grouped(dst []float32, data []byte, first int) {
	for i, g := range w.Groups {
		at := first + int(g)
		dst[i*columns] = (w.bits(data, i) - w.zero(at)) * w.Scales[at]
	}
}

// unpack4 writes count 4-bit weights of a block to a column, with a table of the
// sixteen values that they can have.
func unpack4(dst []float32, data []byte, count int, scale, zero float32) {
	var table [16]float32
	for q := range table {
		table[q] = (float32(q) - zero) * scale
	}
	for i, b := range data[:count/2] {
		pair := dst[2*i*columns:][:columns+1]
		pair[0], pair[columns] = table[b&15], table[b>>4]
	}
	if count%2 != 0 {
		dst[(count-1)*columns] = table[data[count/2]&15]
	}
}
