// Package nbits multiplies with weights of 2, 4 or 8 bits that are quantised in
// blocks: w = (q - zero)·scale, with a scale and a zero point for each block of
// consecutive weights of a column.
//
// The weights of one column of the product lie one after the other, the first in
// the low bits of a byte, and each column begins a block. A few columns at a
// time are turned into float32, and multiplied with all rows: the sums are those
// of kernel/gemm.
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

const (
	// columns is how many columns are turned into float32 at a time.
	columns = 16
	// chunkWork is the number of weights that threads take at a time.
	chunkWork = 1 << 16
)

// Mul computes y = a·w + bias: a is m rows of K values, lda apart, y is m rows of
// N values, ldy apart. A nil bias is none.
func Mul(p *pool.Pool, m int, a []float32, lda int, w *Weights, bias, y []float32, ldy int) {
	pieces := (w.N + columns - 1) / columns
	p.For(pieces, max(1, chunkWork/max(1, columns*w.K)), func(lo, hi int) {
		buf := make([]float32, columns*w.K)
		for t := lo; t < hi; t++ {
			j0 := t * columns
			n := min(columns, w.N-j0)
			for j := range n {
				w.Column(buf[j*w.K:][:w.K], j0+j)
			}
			g := gemm.Args[float32]{
				M: m, N: n, K: w.K, Alpha: 1, A: a, LDA: lda,
				B: buf, LDB: w.K, TransB: true, C: y[j0:], LDC: ldy,
			}
			if bias != nil {
				g.Bias = bias[j0:]
			}
			gemm.Mul(nil, g)
		}
	})
}

// Column writes the K weights of column j to dst.
func (w *Weights) Column(dst []float32, j int) {
	blocks, size := w.Blocks(), w.Block*w.Bits/8
	data := w.Data[j*blocks*size:][:blocks*size]
	scales := w.Scales[j*blocks:][:blocks]
	if w.Groups != nil {
		w.grouped(dst, data, scales, j)
		return
	}
	for b, scale := range scales {
		zero := w.zero(j*blocks + b)
		block := dst[b*w.Block : min((b+1)*w.Block, w.K)]
		switch w.Bits {
		case 4:
			unpack4(block, data[b*size:], scale, zero)
		case 8:
			for i := range block {
				block[i] = (float32(data[b*size+i]) - zero) * scale
			}
		default:
			for i := range block {
				block[i] = (w.bits(data[b*size:], i) - zero) * scale
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

// grouped is Column for weights that name their blocks.
func (w *Weights) grouped(dst []float32, data []byte, scales []float32, j int) {
	for i, g := range w.Groups {
		dst[i] = (w.bits(data, i) - w.zero(j*len(scales)+int(g))) * scales[g]
	}
}

// unpack4 turns a block of 4-bit weights into float32, with a table of the
// sixteen values that they can have.
func unpack4(dst []float32, data []byte, scale, zero float32) {
	var table [16]float32
	for q := range table {
		table[q] = (float32(q) - zero) * scale
	}
	for ; len(dst) >= 2; dst, data = dst[2:], data[1:] {
		b := data[0]
		dst[0], dst[1] = table[b&15], table[b>>4]
	}
	if len(dst) == 1 {
		dst[0] = table[data[0]&15]
	}
}
