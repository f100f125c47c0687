//go:build amd64 && !purego

package quant

import "github.com/seed6700ada1/infer/runtime/kernel/cpu"

// fastBounds is [plainBounds] for whole turns; it reports whether it could.
func fastBounds(x []float32, lo, hi *float32) bool {
	if len(x) == 0 || cpu.Level < cpu.AVX2 {
		return false
	}
	var strands [32]float32
	if cpu.Level >= cpu.AVX512 {
		boundsAVX512(&x[0], len(x), &strands)
	} else {
		boundsAVX2(&x[0], len(x), &strands)
	}
	*lo, _ = plainBounds(strands[:16])
	_, *hi = plainBounds(strands[16:])
	return true
}

// fastBytes is [plainBytes] for whole turns; it reports whether it could.
func fastBytes(y []uint8, x []float32, scale float32, zero uint8) bool {
	if len(x) == 0 || cpu.Level < cpu.AVX2 {
		return false
	}
	z := float32(zero)
	if cpu.Level >= cpu.AVX512 {
		bytesAVX512(&y[0], &x[0], len(x), scale, -z, 255-z, int32(zero))
	} else {
		bytesAVX2(&y[0], &x[0], len(x), scale, -z, 255-z, int32(zero))
	}
	return true
}
