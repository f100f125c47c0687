//go:build amd64 && !purego

package qgemm

import (
	"encoding/binary"
	"sync"
	"unsafe"

	"github.com/seed6700ada1/infer/runtime/kernel/cpu"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/vec"
)

const (
	// chunkRows bounds the rows of a chunk, so that its part of A stays in L2.
	chunkRows = 144
	// chunkWork is the number of multiply-adds that a chunk aims at: some 10 to
	// 50 µs.
	chunkWork = 1 << 22
	// chunkBytes bounds a chunk's part of B: a product of few rows waits for that
	// to come from memory.
	chunkBytes = 1 << 18
	// chunkCols is what the columns of a chunk are a multiple of.
	chunkCols = 2 * NR

	// block is what rows of A are rounded up to where they are copied.
	block = 16
	// aliasBytes: rows of A a multiple of this apart would fall on few sets of the
	// L1 cache.
	aliasBytes = 1024

	intBytes = 4
	tileRows = 12
)

// output is where the results of tiles go: to ints, or else, turned into floats,
// to floats.
type output struct {
	Floats
	ldc    int
	ints   []int32
	floats []float32
}

// product is one product in progress.
type product struct {
	output
	m      int
	a      []uint8 // as tiles read it
	lda    int     // bytes between rows
	zero   int32   // the zero point of A
	zeros  []int32 // or one for each row
	rowSum []int32 // of A, where zero points of B ask for it
	b      *PackedB

	rows, cols, across int       // the chunks
	scales, bias       []float32 // of each column, padded to whole panels
}

// workspace is what a product needs beside its operands.
type workspace struct {
	product
	copied []uint8
	ints   []int32
	floats []float32

	nothing []float32 // zeros, for products without a bias
}

// workspaces are kept between products. They hold nothing that matters.
var workspaces = sync.Pool{New: func() any { return new(workspace) }}

// grow is s with n elements, whatever they hold.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// mulTiles is [Mul] and [MulFloat] for bytes.
func mulTiles[T Int8](p *pool.Pool, m int, a []T, lda int, zeros []T, b *PackedB, out output) {
	w := workspaces.Get().(*workspace)
	w.product = product{output: out, m: m, b: b}
	flip := uint8(0)
	if ^T(0) < 0 { // int8
		flip = 128
	}
	w.takeA(p, unsafe.Slice((*uint8)(unsafe.Pointer(unsafe.SliceData(a))), len(a)), lda, flip)
	w.ints = grow(w.ints, 2*m)
	if len(zeros) > 1 {
		w.zeros = w.ints[m:]
		for i, z := range zeros[:m] {
			w.zeros[i] = int32(z) + int32(flip)
		}
	} else {
		w.zero = zeroOf(zeros, 0) + int32(flip)
	}
	if b.zeros != nil {
		w.rowSum = w.ints[:m]
		for i := range m {
			w.rowSum[i] = sumBytes(unsafeRow(a, i*lda, b.K), flip)
		}
	}
	w.takeColumns()
	w.run(p)
	w.product = product{}
	workspaces.Put(w)
}

// unsafeRow is n elements of a from at on as bytes.
func unsafeRow[T Int8](a []T, at, n int) []uint8 {
	return unsafe.Slice((*uint8)(unsafe.Pointer(unsafe.SliceData(a[at:at+n]))), n)
}

// takeA sets the product's A: as it lies where tiles can read it so, else a copy.
// In the copy, each value is XORed with flip, which moves an int8 by 128, and
// rows end in values that meet zeros of B.
func (w *workspace) takeA(p *pool.Pool, a []uint8, lda int, flip uint8) {
	k, vnni := w.b.K, w.b.tiles == tilesVNNI
	if vnni && flip == 0 && k%group == 0 && (lda%aliasBytes != 0 || w.m < w.b.tiles.maxRows()) {
		w.a, w.lda = a, lda
		return
	}
	w.lda = (k + block - 1) / block * block
	if !vnni {
		w.lda *= 2
	}
	if w.lda%aliasBytes == 0 {
		w.lda += 4 * block
	}
	w.copied = grow(w.copied, w.m*w.lda)
	w.a = w.copied
	grain := max(1, chunkBytes/w.lda)
	if p.Threads() == 1 || w.m <= grain {
		w.copyRows(a, lda, flip, 0, w.m)
		return
	}
	p.For(w.m, grain, func(lo, hi int) { w.copyRows(a, lda, flip, lo, hi) })
}

func (w *workspace) copyRows(a []uint8, lda int, flip uint8, lo, hi int) {
	k, vnni := w.b.K, w.b.tiles == tilesVNNI
	for i := lo; i < hi; i++ {
		src, dst := a[i*lda:][:k], w.copied[i*w.lda:][:w.lda]
		if vnni {
			flipCopy(dst, src, flip)
			continue
		}
		whole := k / block
		if whole > 0 {
			widenAVX2(whole, &dst[0], &src[0], flip)
		}
		if k%block > 0 {
			var last [block]uint8
			copy(last[:], src[whole*block:])
			widenAVX2(1, &dst[2*whole*block], &last[0], flip)
		}
	}
}

// flipCopy writes the bytes of src, each XORed with flip, to dst.
func flipCopy(dst, src []uint8, flip uint8) {
	all := uint64(flip) * 0x0101010101010101
	i := 0
	for ; i+8 <= len(src); i += 8 {
		binary.LittleEndian.PutUint64(dst[i:], binary.LittleEndian.Uint64(src[i:])^all)
	}
	for ; i < len(src); i++ {
		dst[i] = src[i] ^ flip
	}
}

// sumBytes adds up the bytes of a row, each XORed with flip.
func sumBytes(row []uint8, flip uint8) int32 {
	const odd = 0x00ff00ff00ff00ff
	all := uint64(flip) * 0x0101010101010101
	sum := int32(0)
	for len(row) >= 8 {
		var lanes uint64 // four 16-bit sums, of at most 128 steps
		n := min(len(row)/8, 128)
		for i := range n {
			v := binary.LittleEndian.Uint64(row[i*8:]) ^ all
			lanes += v&odd + v>>8&odd
		}
		sum += int32(lanes&0xffff + lanes>>16&0xffff + lanes>>32&0xffff + lanes>>48)
		row = row[n*8:]
	}
	for _, v := range row {
		sum += int32(v ^ flip)
	}
	return sum
}

// takeColumns works out what the results of each column are scaled by.
func (w *workspace) takeColumns() {
	if w.output.floats == nil {
		return
	}
	n, padded := w.b.N, len(w.b.sums)
	w.floats = grow(w.floats, 2*padded)
	w.scales = w.floats[:padded]
	if len(w.Scales) == n {
		vec.MulVS(w.scales[:n], w.Scales, w.Scale)
	} else {
		for j := range w.scales {
			w.scales[j] = w.Scale * w.Scales[0]
		}
	}
	if w.Bias == nil {
		if len(w.nothing) < padded {
			w.nothing = make([]float32, padded)
		}
		w.bias = w.nothing
		return
	}
	w.bias = w.floats[padded:]
	copy(w.bias, w.Bias[:n])
}

// run computes all chunks.
func (q *workspace) run(p *pool.Pool) {
	k := q.b.K
	q.rows = min(q.m, chunkRows)
	q.cols = min(chunkWork/(q.rows*k), chunkBytes/k) + chunkCols
	q.cols = min(q.cols/chunkCols*chunkCols, (q.b.N+chunkCols-1)/chunkCols*chunkCols)
	q.across = (q.b.N + q.cols - 1) / q.cols
	count := q.across * ((q.m + q.rows - 1) / q.rows)
	if p.Threads() == 1 || count == 1 {
		q.chunks(0, count)
		return
	}
	p.For(count, 1, q.chunks)
}

func (q *product) chunks(lo, hi int) {
	for t := lo; t < hi; t++ {
		i, j := t/q.across*q.rows, t%q.across*q.cols
		c := chunk{product: q, i0: i, i1: min(i+q.rows, q.m)}
		end := min(j+q.cols, q.b.N)
		for at := j; at < end; {
			at += c.panel(at)
		}
		for i := c.i0; q.After != nil && i < c.i1; i++ {
			q.After(q.floats[i*q.ldc+j : i*q.ldc+end])
		}
	}
}

// chunk is the part of a product that one thread takes.
type chunk struct {
	*product
	i0, i1 int
	init   [2 * NR]int32
	sums   [tileRows * 2 * NR]int32
	edge   [tileRows * 2 * NR]float32
}

// panel computes the columns from j on that one tile holds, and returns how
// many.
func (c *chunk) panel(j int) int {
	b := c.b
	wide := b.tiles.maxCols() > NR && b.N-j > NR
	cols := NR
	if wide {
		cols = 2 * NR
	}
	groups := b.groups()
	size := groups * NR * group
	for x, s := range b.sums[j:][:cols] {
		c.init[x] = -c.zero * s
	}
	t := call{groups: groups, lda: c.lda, b: &b.bytes[j/NR*size], bn: size, init: &c.init[0]}
	width := min(cols, b.N-j)
	for i := c.i0; i < c.i1; i += b.tiles.maxRows() {
		rows := min(b.tiles.maxRows(), c.i1-i)
		t.a = &c.a[i*c.lda]
		direct := c.floats == nil && width == cols
		t.c, t.ldc = &c.sums[0], cols*intBytes
		if direct {
			t.c, t.ldc = &c.ints[i*c.ldc+j], c.ldc*intBytes
		}
		t.run(b.tiles, rows, wide)
		switch {
		case direct:
			c.correct(c.ints[i*c.ldc+j:], c.ldc, i, j, rows, cols)
		case c.floats == nil:
			c.correct(c.sums[:], cols, i, j, rows, cols)
			for r := range rows {
				copy(c.ints[(i+r)*c.ldc+j:][:width], c.sums[r*cols:])
			}
		default:
			c.correct(c.sums[:], cols, i, j, rows, cols)
			c.finish(i, j, rows, width, cols)
		}
	}
	return width
}

// correct takes off what zero points ask for beside c.zero.
func (c *chunk) correct(sums []int32, ld, i, j, rows, cols int) {
	for r := range rows {
		if c.zeros != nil {
			subtractAVX2(cols/8, &sums[r*ld], &c.b.sums[j], c.zeros[i+r])
		}
		if c.b.zeros != nil {
			subtractAVX2(cols/8, &sums[r*ld], &c.b.zeros[j], c.rowSum[i+r])
		}
	}
}

// finish turns the sums of a tile into floats.
func (c *chunk) finish(i, j, rows, width, cols int) {
	acc := 0
	if c.Add {
		acc = 1
	}
	for h := 0; h < width; h += NR {
		w := min(NR, width-h)
		to, ld := c.floats[(i*c.ldc)+j+h:], c.ldc
		if w < NR {
			ld = NR
			for r := range rows * acc {
				copy(c.edge[r*NR:][:w], to[r*c.ldc:])
			}
			to = c.edge[:]
		}
		if cpu.Level >= cpu.AVX512 {
			finishAVX512(rows, &c.sums[h], cols*intBytes, &c.scales[j+h], &c.bias[j+h], &to[0], ld*intBytes, acc)
		} else {
			finishAVX2(rows, &c.sums[h], cols*intBytes, &c.scales[j+h], &c.bias[j+h], &to[0], ld*intBytes, acc)
		}
		for r := 0; w < NR && r < rows; r++ {
			copy(c.product.floats[(i+r)*c.ldc+j+h:][:w], c.edge[r*NR:])
		}
	}
}
