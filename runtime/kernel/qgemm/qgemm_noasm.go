//go:build !amd64 || purego

package qgemm

import "github.com/seed6700ada1/infer/runtime/kernel/pool"

// best is the plain product: there are no tiles here.
func best() tiles { return plain }

// output is where the results of tiles go.
type output struct {
	Floats
	ldc    int
	ints   []int32
	floats []float32
}

// mulTiles is not reached: nothing is packed for tiles here.
func mulTiles[T Int8](*pool.Pool, int, []T, int, []T, *PackedB, output) {}
