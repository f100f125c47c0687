//go:build !amd64 || purego

package quant

// fastBounds has no faster spelling here.
func fastBounds([]float32, *float32, *float32) bool { return false }

// fastBytes has no faster spelling here.
func fastBytes([]uint8, []float32, float32, uint8) bool { return false }
