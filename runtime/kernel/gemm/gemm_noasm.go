//go:build !amd64 || purego

package gemm

// pieceFast has no faster spelling here.
func pieceFast(*Args[float32], int, int, int, int) bool { return false }

// packFast lays out no column faster than [PackColumns] does.
func packFast([]float32, int, int, []float32, int) int { return 0 }
