//go:build amd64 && !purego

package nbits

import (
	"unsafe"

	"github.com/seed6700ada1/infer/runtime/kernel/cpu"
)

// vectorized reports whether weights are laid out for vector instructions.
func vectorized() bool { return cpu.Level >= cpu.AVX2 }

// row adds the products of a row of A with a panel to y: see [layout.plainRow].
func (l *layout) row(blocks, steps int, a, sums []float32, data []byte, y *[columns]float32) {
	switch {
	case cpu.Level < cpu.AVX2:
		l.plainRow(blocks, steps, a, sums, data, y)
	case cpu.Level < cpu.AVX512:
		l.rowAVX2(blocks, steps, &a[0], &sums[0], &data[0], &y[0])
	default:
		l.rowAVX512(blocks, steps, &a[0], &sums[0], &data[0], &y[0])
	}
}

func (l *layout) rowAVX2(blocks, steps int, a, sums *float32, data *byte, y *float32) {
	switch {
	case l.bits == 4 && l.zeros:
		row4ZerosAVX2(blocks, steps, a, sums, data, y)
	case l.bits == 4:
		row4AVX2(blocks, steps, a, sums, data, y)
	case l.zeros:
		row8ZerosAVX2(blocks, steps, a, sums, data, y)
	default:
		row8AVX2(blocks, steps, a, sums, data, y)
	}
}

func (l *layout) rowAVX512(blocks, steps int, a, sums *float32, data *byte, y *float32) {
	switch {
	case l.bits == 4 && l.zeros:
		row4ZerosAVX512(blocks, steps, a, sums, data, y)
	case l.bits == 4:
		row4AVX512(blocks, steps, a, sums, data, y)
	case l.zeros:
		row8ZerosAVX512(blocks, steps, a, sums, data, y)
	default:
		row8AVX512(blocks, steps, a, sums, data, y)
	}
}

// unpackSteps writes weights as float32: see [layout.plainUnpack].
func (l *layout) unpackSteps(steps int, scales, data []byte, zeros *[columns]byte, dst []float32) {
	scale := (*float32)(unsafe.Pointer(unsafe.SliceData(scales)))
	switch {
	case cpu.Level < cpu.AVX2:
		l.plainUnpack(steps, scales, data, zeros, dst)
	case cpu.Level < cpu.AVX512 && l.bits == 4:
		unpack4AVX2(steps, scale, &data[0], &zeros[0], &dst[0])
	case cpu.Level < cpu.AVX512:
		unpack8AVX2(steps, scale, &data[0], &zeros[0], &dst[0])
	case l.bits == 4:
		unpack4AVX512(steps, scale, &data[0], &zeros[0], &dst[0])
	default:
		unpack8AVX512(steps, scale, &data[0], &zeros[0], &dst[0])
	}
}
