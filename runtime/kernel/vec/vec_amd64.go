//go:build amd64 && !purego

package vec

import "github.com/seed6700ada1/infer/runtime/kernel/cpu"

func fastExp(dst, src []float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		expAVX512(&dst[0], &src[0], len(dst))
	case cpu.AVX2:
		expAVX2(&dst[0], &src[0], len(dst))
	default:
		return false
	}
	return true
}

func fastSigmoid(dst, src []float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		sigmoidAVX512(&dst[0], &src[0], len(dst))
	case cpu.AVX2:
		sigmoidAVX2(&dst[0], &src[0], len(dst))
	default:
		return false
	}
	return true
}

func fastSilu(dst, src []float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		siluAVX512(&dst[0], &src[0], len(dst))
	case cpu.AVX2:
		siluAVX2(&dst[0], &src[0], len(dst))
	default:
		return false
	}
	return true
}

func fastTanh(dst, src []float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		tanhAVX512(&dst[0], &src[0], len(dst))
	case cpu.AVX2:
		tanhAVX2(&dst[0], &src[0], len(dst))
	default:
		return false
	}
	return true
}

func fastErf(dst, src []float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		erfAVX512(&dst[0], &src[0], len(dst))
	case cpu.AVX2:
		erfAVX2(&dst[0], &src[0], len(dst))
	default:
		return false
	}
	return true
}

func fastGelu(dst, src []float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		geluAVX512(&dst[0], &src[0], len(dst))
	case cpu.AVX2:
		geluAVX2(&dst[0], &src[0], len(dst))
	default:
		return false
	}
	return true
}

func fastGeluTanh(dst, src []float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		geluTanhAVX512(&dst[0], &src[0], len(dst))
	case cpu.AVX2:
		geluTanhAVX2(&dst[0], &src[0], len(dst))
	default:
		return false
	}
	return true
}

func fastSqrt(dst, src []float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		sqrtAVX512(&dst[0], &src[0], len(dst))
	case cpu.AVX2:
		sqrtAVX2(&dst[0], &src[0], len(dst))
	default:
		return false
	}
	return true
}

func fastAdd(dst, a, b []float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		addAVX512(&dst[0], &a[0], &b[0], len(dst))
	case cpu.AVX2:
		addAVX2(&dst[0], &a[0], &b[0], len(dst))
	default:
		return false
	}
	return true
}

func fastAddVS(dst, a []float32, b float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		addVSAVX512(&dst[0], &a[0], b, len(dst))
	case cpu.AVX2:
		addVSAVX2(&dst[0], &a[0], b, len(dst))
	default:
		return false
	}
	return true
}

func fastAddSV(dst, a []float32, b float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		addSVAVX512(&dst[0], &a[0], b, len(dst))
	case cpu.AVX2:
		addSVAVX2(&dst[0], &a[0], b, len(dst))
	default:
		return false
	}
	return true
}

func fastSub(dst, a, b []float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		subAVX512(&dst[0], &a[0], &b[0], len(dst))
	case cpu.AVX2:
		subAVX2(&dst[0], &a[0], &b[0], len(dst))
	default:
		return false
	}
	return true
}

func fastSubVS(dst, a []float32, b float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		subVSAVX512(&dst[0], &a[0], b, len(dst))
	case cpu.AVX2:
		subVSAVX2(&dst[0], &a[0], b, len(dst))
	default:
		return false
	}
	return true
}

func fastSubSV(dst, a []float32, b float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		subSVAVX512(&dst[0], &a[0], b, len(dst))
	case cpu.AVX2:
		subSVAVX2(&dst[0], &a[0], b, len(dst))
	default:
		return false
	}
	return true
}

func fastMul(dst, a, b []float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		mulAVX512(&dst[0], &a[0], &b[0], len(dst))
	case cpu.AVX2:
		mulAVX2(&dst[0], &a[0], &b[0], len(dst))
	default:
		return false
	}
	return true
}

func fastMulVS(dst, a []float32, b float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		mulVSAVX512(&dst[0], &a[0], b, len(dst))
	case cpu.AVX2:
		mulVSAVX2(&dst[0], &a[0], b, len(dst))
	default:
		return false
	}
	return true
}

func fastMulSV(dst, a []float32, b float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		mulSVAVX512(&dst[0], &a[0], b, len(dst))
	case cpu.AVX2:
		mulSVAVX2(&dst[0], &a[0], b, len(dst))
	default:
		return false
	}
	return true
}

func fastDiv(dst, a, b []float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		divAVX512(&dst[0], &a[0], &b[0], len(dst))
	case cpu.AVX2:
		divAVX2(&dst[0], &a[0], &b[0], len(dst))
	default:
		return false
	}
	return true
}

func fastDivVS(dst, a []float32, b float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		divVSAVX512(&dst[0], &a[0], b, len(dst))
	case cpu.AVX2:
		divVSAVX2(&dst[0], &a[0], b, len(dst))
	default:
		return false
	}
	return true
}

func fastDivSV(dst, a []float32, b float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		divSVAVX512(&dst[0], &a[0], b, len(dst))
	case cpu.AVX2:
		divSVAVX2(&dst[0], &a[0], b, len(dst))
	default:
		return false
	}
	return true
}

func fastSum(a []float32) (float32, bool) {
	switch cpu.Level {
	case cpu.AVX512:
		return sumAVX512(&a[0], len(a)), true
	case cpu.AVX2:
		return sumAVX2(&a[0], len(a)), true
	default:
		return 0, false
	}
}

func fastDot(a, b []float32) (float32, bool) {
	switch cpu.Level {
	case cpu.AVX512:
		return dotAVX512(&a[0], &b[0], len(a)), true
	case cpu.AVX2:
		return dotAVX2(&a[0], &b[0], len(a)), true
	default:
		return 0, false
	}
}

func fastSquares(a []float32, shift float32) (float32, bool) {
	if cpu.Level < cpu.AVX2 {
		return 0, false
	}
	return squaresAVX2(&a[0], shift, len(a)), true
}

func fastTotal(a []float32) (float64, bool) {
	if cpu.Level < cpu.AVX2 {
		return 0, false
	}
	return totalAVX2(&a[0], len(a)), true
}

func fastLargest(a []float32) (float32, bool) {
	switch cpu.Level {
	case cpu.AVX512:
		return largestAVX512(&a[0], len(a)), true
	case cpu.AVX2:
		return largestAVX2(&a[0], len(a)), true
	default:
		return 0, false
	}
}

func fastExpSum(dst, src []float32, top float32) (float32, bool) {
	switch cpu.Level {
	case cpu.AVX512:
		return expSumAVX512(&dst[0], &src[0], top, len(dst)), true
	case cpu.AVX2:
		return expSumAVX2(&dst[0], &src[0], top, len(dst)), true
	default:
		return 0, false
	}
}

func fastNormalize(dst, src, scale, bias []float32, mean, inv float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		normalizeAVX512(&dst[0], &src[0], &scale[0], &bias[0], mean, inv, len(dst))
	case cpu.AVX2:
		normalizeAVX2(&dst[0], &src[0], &scale[0], &bias[0], mean, inv, len(dst))
	default:
		return false
	}
	return true
}

func fastBlend(dst, a, b []float32, x, y, z float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		blendAVX512(&dst[0], &a[0], &b[0], x, y, z, len(dst))
	case cpu.AVX2:
		blendAVX2(&dst[0], &a[0], &b[0], x, y, z, len(dst))
	default:
		return false
	}
	return true
}

func fastGate(dst, a, b []float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		gateAVX512(&dst[0], &a[0], &b[0], len(dst))
	case cpu.AVX2:
		gateAVX2(&dst[0], &a[0], &b[0], len(dst))
	default:
		return false
	}
	return true
}

func fastRelu(dst, src []float32) bool {
	switch cpu.Level {
	case cpu.AVX512:
		reluAVX512(&dst[0], &src[0], len(dst))
	case cpu.AVX2:
		reluAVX2(&dst[0], &src[0], len(dst))
	default:
		return false
	}
	return true
}

// pairsAtOnce is how many pairs a round of assembly takes.
const pairsAtOnce = 8

// fastEverySecond is [EverySecond] of the first values; it returns how many.
func fastEverySecond(dst, src []float32) int {
	n := min(len(dst), len(src)/2) / pairsAtOnce
	if cpu.Level < cpu.AVX2 || n == 0 {
		return 0
	}
	everySecondAVX2(&dst[0], &src[0], n)
	return n * pairsAtOnce
}

// fastZip is [Zip] of the first pairs; it returns how many.
func fastZip(dst, a, b []float32) int {
	n := len(a) / pairsAtOnce
	if cpu.Level < cpu.AVX2 || n == 0 {
		return 0
	}
	zipAVX2(&dst[0], &a[0], &b[0], n)
	return n * pairsAtOnce
}

// fastRunning is [Running] of the first rows; it returns how many, 0 where it
// takes none.
func fastRunning(x []float32, n int, mean, sum []float32) int {
	switch {
	case cpu.Level >= cpu.AVX512 && len(mean) >= 16:
		runningAVX512(&x[0], n, n, &mean[0], &sum[0])
		return 16
	case cpu.Level >= cpu.AVX2 && len(mean) >= 8:
		runningAVX2(&x[0], n, n, &mean[0], &sum[0])
		return 8
	default:
		return 0
	}
}
