//go:build !amd64 || purego

package nbits

// vectorized is false: weights stay as they came.
func vectorized() bool { return false }

func (l *layout) row(blocks, steps int, a, sums []float32, data []byte, y *[columns]float32) {
	l.plainRow(blocks, steps, a, sums, data, y)
}

func (l *layout) unpackSteps(steps int, scales, data []byte, zeros *[columns]byte, dst []float32) {
	l.plainUnpack(steps, scales, data, zeros, dst)
}
