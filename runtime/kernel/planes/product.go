package planes

import (
	"github.com/seed6700ada1/infer/runtime/kernel/gemm"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// product is C = A·B or C += A·B, in which the rows of B, or, transposed, its
// columns, are runs of a plane that begin anywhere.
type product[T Float] struct {
	rows, cols, depth int
	a                 []T // [rows, depth], lda apart; lda 0 is depth
	lda               int
	b                 []T
	at                []int // where the rows of B begin, or its columns
	columns           bool  // at has the columns
	c                 []T   // [rows, cols]
	add               bool
}

// panelValues is about what a panel of B may take, so that it stays in cache.
const panelValues = 1 << 15

// run computes the product, on the threads of p.
func (m *product[T]) run(p *pool.Pool) {
	lda := m.lda
	if lda == 0 {
		lda = m.depth
	}
	deep := min(m.depth, gemm.KC)
	block := max(2*gemm.NR, panelValues/max(deep, 1)/(2*gemm.NR)*2*gemm.NR)
	block = min(block, (m.cols+2*gemm.NR-1)/(2*gemm.NR)*2*gemm.NR)
	p.For((m.cols+block-1)/block, 1, func(lo, hi int) {
		b := borrow[T](deep*block + stageRows*deep)
		defer b.giveBack()
		panel, stage := b.take(deep*block), b.take(stageRows*deep)
		for i := lo; i < hi; i++ {
			j := i * block
			n := min(block, m.cols-j)
			for k := 0; k < m.depth; k += gemm.KC {
				kc := min(gemm.KC, m.depth-k)
				if m.columns {
					m.packColumns(panel, stage, k, kc, j, n)
				} else {
					m.packRows(panel, k, kc, j, n)
				}
				packed := gemm.Panels(kc, n, panel)
				g := gemm.Args[T]{
					M: m.rows, N: n, K: kc, A: m.a[k:], LDA: lda, Packed: &packed,
					C: m.c[j:], LDC: m.cols, Alpha: 1, Beta: 1,
				}
				if k == 0 && !m.add {
					g.Beta = 0
				}
				gemm.Mul(nil, g)
			}
		}
	})
}

// packRows lays out columns j to j+n of rows k to k+kc.
func (m *product[T]) packRows(panel []T, k, kc, j, n int) {
	for x := 0; x < n; x += gemm.NR {
		d := panel[x*kc:][:kc*gemm.NR]
		if n-x < gemm.NR {
			for r, at := range m.at[k : k+kc] {
				copy(d[r*gemm.NR:][:n-x], m.b[at+j+x:])
			}
			continue
		}
		for r, at := range m.at[k : k+kc] {
			*(*[gemm.NR]T)(d[r*gemm.NR:]) = *(*[gemm.NR]T)(m.b[at+j+x:])
		}
	}
}

// stageRows is how many columns are brought side by side before they are
// transposed.
const stageRows = gemm.NR

// packColumns lays out rows k to k+kc of columns j to j+n.
func (m *product[T]) packColumns(panel, stage []T, k, kc, j, n int) {
	for x := 0; x < n; x += gemm.NR {
		width := min(gemm.NR, n-x)
		for i, at := range m.at[j+x:][:width] {
			copy(stage[i*kc:][:kc], m.b[at+k:])
		}
		gemm.PackColumns(panel[x*kc:][:kc*gemm.NR], kc, width, stage, kc)
	}
}
