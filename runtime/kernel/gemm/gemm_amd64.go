//go:build amd64 && !purego

package gemm

import "github.com/seed6700ada1/infer/runtime/kernel/cpu"

// pieceFast computes C[i0:i1, j0:j1] with the tiles of the best rung, and
// reports whether it could.
func pieceFast(g *Args[float32], i0, i1, j0, j1 int) bool {
	if cpu.Level < cpu.AVX2 || g.K == 0 {
		return false
	}
	newBlocks(g, i0, i1, j0, j1).run()
	return true
}

// packFast is [PackColumns] for as many columns, from the first, as instructions
// take at a time, and returns how many.
func packFast(d []float32, kc, width int, b []float32, ldb int) int {
	const lanes = 8
	n := width / lanes * lanes
	whole := kc / lanes
	if cpu.Level < cpu.AVX2 || n == 0 || whole == 0 {
		return 0
	}
	for j := 0; j < n; j += lanes {
		transpose8AVX2(whole, &d[j], &b[j*ldb], ldb*floatBytes)
		for x := j; x < j+lanes; x++ {
			for r := whole * lanes; r < kc; r++ {
				d[r*NR+x] = b[x*ldb+r]
			}
		}
	}
	return n
}

// tileRows512 and tileRows2 are the most rows that a tile of a rung has.
const (
	tileRows512 = 12
	tileRows2   = 6
)

// tile computes rows × 16 or rows × 32 elements of C. It is a switch and not a
// table because an indirect call would make every pointer argument escape.
func (t *tileArgs) run(rows int, wide bool, a, c *float32) {
	if !wide {
		t.narrow(rows, a, c)
		return
	}
	switch rows {
	case 1:
		tile1x32AVX512(t.k, a, t.lda, t.b, t.bs, t.bn, c, t.ldc, t.acc, t.alpha)
	case 2:
		tile2x32AVX512(t.k, a, t.lda, t.b, t.bs, t.bn, c, t.ldc, t.acc, t.alpha)
	case 3:
		tile3x32AVX512(t.k, a, t.lda, t.b, t.bs, t.bn, c, t.ldc, t.acc, t.alpha)
	case 4:
		tile4x32AVX512(t.k, a, t.lda, t.b, t.bs, t.bn, c, t.ldc, t.acc, t.alpha)
	case 5:
		tile5x32AVX512(t.k, a, t.lda, t.b, t.bs, t.bn, c, t.ldc, t.acc, t.alpha)
	case 6:
		tile6x32AVX512(t.k, a, t.lda, t.b, t.bs, t.bn, c, t.ldc, t.acc, t.alpha)
	case 7:
		tile7x32AVX512(t.k, a, t.lda, t.b, t.bs, t.bn, c, t.ldc, t.acc, t.alpha)
	case 8:
		tile8x32AVX512(t.k, a, t.lda, t.b, t.bs, t.bn, c, t.ldc, t.acc, t.alpha)
	case 9:
		tile9x32AVX512(t.k, a, t.lda, t.b, t.bs, t.bn, c, t.ldc, t.acc, t.alpha)
	case 10:
		tile10x32AVX512(t.k, a, t.lda, t.b, t.bs, t.bn, c, t.ldc, t.acc, t.alpha)
	case 11:
		tile11x32AVX512(t.k, a, t.lda, t.b, t.bs, t.bn, c, t.ldc, t.acc, t.alpha)
	case 12:
		tile12x32AVX512(t.k, a, t.lda, t.b, t.bs, t.bn, c, t.ldc, t.acc, t.alpha)
	}
}

func (t *tileArgs) narrow(rows int, a, c *float32) {
	switch rows {
	case 1:
		tile1x16AVX2(t.k, a, t.lda, t.b, t.bs, t.bn, c, t.ldc, t.acc, t.alpha)
	case 2:
		tile2x16AVX2(t.k, a, t.lda, t.b, t.bs, t.bn, c, t.ldc, t.acc, t.alpha)
	case 3:
		tile3x16AVX2(t.k, a, t.lda, t.b, t.bs, t.bn, c, t.ldc, t.acc, t.alpha)
	case 4:
		tile4x16AVX2(t.k, a, t.lda, t.b, t.bs, t.bn, c, t.ldc, t.acc, t.alpha)
	case 5:
		tile5x16AVX2(t.k, a, t.lda, t.b, t.bs, t.bn, c, t.ldc, t.acc, t.alpha)
	case 6:
		tile6x16AVX2(t.k, a, t.lda, t.b, t.bs, t.bn, c, t.ldc, t.acc, t.alpha)
	}
}
