//go:build amd64 && !purego

package qgemm

import "github.com/seed6700ada1/infer/runtime/kernel/cpu"

// best is how products are computed on this machine.
func best() tiles {
	switch {
	case cpu.VNNI:
		return tilesVNNI
	case cpu.Level >= cpu.AVX512:
		return tilesAVX512
	case cpu.Level >= cpu.AVX2:
		return tilesAVX2
	default:
		return plain
	}
}

// maxRows is the most rows that a tile has, and maxCols the most columns.
func (t tiles) maxRows() int {
	if t == tilesAVX2 {
		return 6
	}
	return 12
}

func (t tiles) maxCols() int {
	if t == tilesAVX2 {
		return NR
	}
	return 2 * NR
}

// call is one call of a tile; strides are in bytes.
type call struct {
	groups int
	a      *uint8
	lda    int
	b      *int8
	bn     int // from a panel of B to the next
	init   *int32
	c      *int32
	ldc    int
}

// run computes rows × 16 or rows × 32 sums. It is a switch and not a table
// because an indirect call would make every pointer argument escape.
func (t *call) run(with tiles, rows int, wide bool) {
	switch {
	case with == tilesAVX2:
		t.narrowAVX2(rows)
	case with == tilesVNNI && wide:
		t.wideVNNI(rows)
	case with == tilesVNNI:
		t.narrowVNNI(rows)
	case wide:
		t.wideAVX512(rows)
	default:
		t.narrowAVX512(rows)
	}
}

func (t *call) narrowAVX2(rows int) {
	switch rows {
	case 1:
		tile1x16AVX2(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 2:
		tile2x16AVX2(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 3:
		tile3x16AVX2(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 4:
		tile4x16AVX2(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 5:
		tile5x16AVX2(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 6:
		tile6x16AVX2(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	}
}

func (t *call) narrowVNNI(rows int) {
	switch rows {
	case 1:
		tile1x16VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 2:
		tile2x16VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 3:
		tile3x16VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 4:
		tile4x16VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 5:
		tile5x16VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 6:
		tile6x16VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 7:
		tile7x16VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 8:
		tile8x16VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 9:
		tile9x16VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 10:
		tile10x16VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 11:
		tile11x16VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 12:
		tile12x16VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	}
}

func (t *call) wideVNNI(rows int) {
	switch rows {
	case 1:
		tile1x32VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 2:
		tile2x32VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 3:
		tile3x32VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 4:
		tile4x32VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 5:
		tile5x32VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 6:
		tile6x32VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 7:
		tile7x32VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 8:
		tile8x32VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 9:
		tile9x32VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 10:
		tile10x32VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 11:
		tile11x32VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 12:
		tile12x32VNNI(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	}
}

func (t *call) narrowAVX512(rows int) {
	switch rows {
	case 1:
		tile1x16AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 2:
		tile2x16AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 3:
		tile3x16AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 4:
		tile4x16AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 5:
		tile5x16AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 6:
		tile6x16AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 7:
		tile7x16AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 8:
		tile8x16AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 9:
		tile9x16AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 10:
		tile10x16AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 11:
		tile11x16AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 12:
		tile12x16AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	}
}

func (t *call) wideAVX512(rows int) {
	switch rows {
	case 1:
		tile1x32AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 2:
		tile2x32AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 3:
		tile3x32AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 4:
		tile4x32AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 5:
		tile5x32AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 6:
		tile6x32AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 7:
		tile7x32AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 8:
		tile8x32AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 9:
		tile9x32AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 10:
		tile10x32AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 11:
		tile11x32AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	case 12:
		tile12x32AVX512(t.groups, t.a, t.lda, t.b, t.bn, t.init, t.c, t.ldc)
	}
}
