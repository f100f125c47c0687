package norm

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/vec"
)

// Running is [Layer] in float32 with moments by Welford's method: mean and sum
// of squares are brought up to date with each element in turn, and the
// difference from the mean is divided by the deviation. It is no more exact than
// Layer, and slower; it is what ONNX Runtime's SkipLayerNormalization does, and
// gives the same bits.
func Running(p *pool.Pool, y, x []float32, n int, eps float32, a Affine[float32], mean, inv []float32) {
	if n == 0 {
		return
	}
	const together = vec.RunningRows
	rows := len(x) / n
	p.For((rows+together-1)/together, grain(together*n), func(lo, hi int) {
		var means, sums [together]float32
		for first := lo * together; first < min(hi*together, rows); first += together {
			last := min(first+together, rows)
			vec.Running(x[first*n:last*n], n, means[:last-first], sums[:])
			for i := first; i < last; i++ {
				m, deviation := means[i-first], float32(math.Sqrt(float64(sums[i-first]/float32(n)+eps)))
				if mean != nil {
					mean[i] = m
				}
				if inv != nil {
					inv[i] = 1 / deviation
				}
				runningRow(y[i*n:(i+1)*n], x[i*n:(i+1)*n], m, deviation, a.row(i))
			}
		}
	})
}

// runningRow writes (x - mean)/deviation·scale + bias.
func runningRow(y, x []float32, mean, deviation float32, a Affine[float32]) {
	vec.SubVS(y, x, mean)
	vec.DivVS(y, y, deviation)
	if a.Scale != nil {
		vec.Mul(y, y, a.Scale)
	}
	if a.Bias != nil {
		vec.Add(y, y, a.Bias)
	}
}
