//go:build amd64 && !purego

package gemm

import (
	"sync"

	"github.com/seed6700ada1/infer/runtime/kernel/cpu"
)

// tileArgs is what the tiles of one block of one panel have in common; strides
// are in bytes.
type tileArgs struct {
	k, lda int
	b      *float32
	bs, bn int // between rows of B, and between its first 16 columns and the next
	ldc    int
	acc    int
	alpha  float32
}

const (
	floatBytes = 4
	wideCols   = 2 * NR
	// packRows is the number of rows of A from which B, where it is read in
	// place, is better copied to a panel first: below, it is read too few times.
	packRows = 24
	// aliasBytes: rows of A a multiple of this apart fall on few sets of the L1
	// cache (117 → 81 GFLOP/s measured at 2 KiB).
	aliasBytes = 1024
	stageRow   = KC + NR // floats between rows of a copied block of A
)

// workspace is what one piece needs beside its operands.
type workspace struct {
	panel [KC * wideCols]float32
	tile  [tileRows512 * wideCols]float32
	a     [chunkRows * stageRow]float32
}

// workspaces are kept between products. They hold nothing that matters.
var workspaces = sync.Pool{New: func() any { return new(workspace) }}

// blocks is the computation of a piece of C.
type blocks struct {
	g              *Args[float32]
	i0, i1, j0, j1 int
	w              *workspace
	set            bool // C's old values do not count: the first block sets it
	rows           int  // of a tile
	cols           int

	// of the block of k that is being worked on
	k, kc int
	a     []float32 // rows i0 on, columns k on
	lda   int
}

func newBlocks(g *Args[float32], i0, i1, j0, j1 int) *blocks {
	b := &blocks{g: g, i0: i0, i1: i1, j0: j0, j1: j1, rows: tileRows2, cols: NR}
	if cpu.Level >= cpu.AVX512 {
		b.rows, b.cols = tileRows512, wideCols
	}
	return b
}

func (b *blocks) run() {
	b.w = workspaces.Get().(*workspace)
	g := b.g
	if b.set = g.Beta == 0 && g.Bias == nil; !b.set {
		g.start(b.i0, b.i1, b.j0, b.j1)
	}
	for b.k = 0; b.k < g.K; b.k += KC {
		b.kc = min(KC, g.K-b.k)
		b.takeA()
		for j := b.j0; j < b.j1; {
			j += b.panel(j)
		}
	}
	workspaces.Put(b.w)
}

// takeA sets the block of A, copied where its rows alias.
func (b *blocks) takeA() {
	g := b.g
	b.a, b.lda = g.A[b.i0*g.LDA+b.k:], g.LDA
	m := b.i1 - b.i0
	if g.LDA*floatBytes%aliasBytes != 0 || m < b.rows || m > chunkRows || b.j1-b.j0 <= b.cols {
		return
	}
	for i := range m {
		copy(b.w.a[i*stageRow:][:b.kc], b.a[i*g.LDA:])
	}
	b.a, b.lda = b.w.a[:], stageRow
}

// panel computes the columns from j on that one panel holds, and returns how
// many.
func (b *blocks) panel(j int) int {
	g := b.g
	wide := b.cols == wideCols && b.j1-j > NR
	cols := NR
	if wide {
		cols = wideCols
	}
	t := tileArgs{k: b.kc, lda: b.lda * floatBytes, ldc: g.LDC * floatBytes, acc: 1, alpha: g.Alpha}
	if b.set && b.k == 0 {
		t.acc = 0
	}
	width := min(cols, b.j1-j)
	b.takeB(&t, j, width, cols)
	rows := b.rows
	if !wide {
		rows = tileRows2
	}
	for i := b.i0; i < b.i1; i += rows {
		n := min(rows, b.i1-i)
		a := &b.a[(i-b.i0)*b.lda]
		if width == cols {
			t.run(n, wide, a, &g.C[i*g.LDC+j])
		} else {
			b.edge(t, n, wide, a, i, j, width, cols)
		}
	}
	return width
}

// takeB says where the tiles read B: in its packed panels, in place, or in a
// panel made for the occasion.
func (b *blocks) takeB(t *tileArgs, j, width, cols int) {
	g := b.g
	switch {
	case g.Packed != nil:
		t.b, t.bs, t.bn = &g.Packed.panel(b.k, b.kc, j)[0], NR*floatBytes, b.kc*NR*floatBytes
		return
	case !g.TransB && width == cols && b.i1-b.i0 < packRows:
		t.b, t.bs, t.bn = &g.B[b.k*g.LDB+j], g.LDB*floatBytes, NR*floatBytes
		return
	}
	for h := 0; h < width; h += NR {
		d := b.w.panel[h*KC:][:b.kc*NR]
		w := min(NR, width-h)
		if g.TransB {
			PackColumns(d, b.kc, w, g.B[(j+h)*g.LDB+b.k:], g.LDB)
			continue
		}
		for r := range b.kc {
			copy(d[r*NR:][:w], g.B[(b.k+r)*g.LDB+j+h:])
		}
	}
	t.b, t.bs, t.bn = &b.w.panel[0], NR*floatBytes, KC*NR*floatBytes
}

// edge computes a tile that reaches past the last column: apart, and then
// copied. What stands in the panel's columns past the last does not matter.
func (b *blocks) edge(t tileArgs, rows int, wide bool, a *float32, i, j, width, cols int) {
	g := b.g
	add := t.acc != 0
	t.ldc, t.acc = cols*floatBytes, 0
	t.run(rows, wide, a, &b.w.tile[0])
	for r := range rows {
		dst, src := g.C[(i+r)*g.LDC+j:][:width], b.w.tile[r*cols:][:width]
		if !add {
			copy(dst, src)
			continue
		}
		for x, v := range src {
			dst[x] += v
		}
	}
}
