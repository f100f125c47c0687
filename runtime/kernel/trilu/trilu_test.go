package trilu_test

import (
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/trilu"
)

func TestRun(t *testing.T) {
	for _, dims := range [][3]int{{3, 3, 1}, {2, 4, 2}, {4, 2, 4}, {1, 1, 8}, {0, 3, 1}, {3, 0, 1}} {
		rows, cols, size := dims[0], dims[1], dims[2]
		for k := -5; k <= 5; k++ {
			for _, upper := range []bool{false, true} {
				src := make([]byte, 2*rows*cols*size)
				for i := range src {
					src[i] = byte(i + 1)
				}
				dst := make([]byte, len(src))
				trilu.Run(dst, src, rows, cols, size, k, upper)
				for i, v := range dst {
					cell := i / size
					r, c := cell/cols%rows, cell%cols
					want := byte(0)
					if upper && c >= r+k || !upper && c <= r+k {
						want = src[i]
					}
					if v != want {
						t.Fatalf("%d × %d of %d bytes, k %d, upper %v: cell (%d,%d) is %d, want %d", rows, cols, size, k, upper, r, c, v, want)
					}
				}
			}
		}
	}
}
