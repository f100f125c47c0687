//go:build !amd64 || purego

package gemm

// Vectorized reports whether float32 products run on vector instructions here.
func Vectorized() bool { return false }

// pieceFast has no faster spelling here.
func pieceFast(*Args[float32], int, int, int, int) bool { return false }
