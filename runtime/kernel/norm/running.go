package norm

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/vec"
)

// together is the number of rows whose moments are taken at once: each element
// waits for the one before it, so that one row alone would leave most of the
// machine idle.
const together = 4

// Running is [Layer] in float32 with moments by Welford's method: mean and sum
// of squares are brought up to date with each element in turn, and the
// difference from the mean is divided by the deviation. It is no more exact than
// Layer, and slower; it is what ONNX Runtime's SkipLayerNormalization does, and
// gives the same bits.
func Running(p *pool.Pool, y, x []float32, n int, eps float32, a Affine[float32], mean, inv []float32) {
	if n == 0 {
		return
	}
	rows := len(x) / n
	p.For((rows+together-1)/together, grain(together*n), func(lo, hi int) {
		for first := lo * together; first < min(hi*together, rows); first += together {
			var group [together][]float32
			for k := range group {
				i := min(first+k, rows-1) // the last row serves for those that are not there
				group[k] = x[i*n : (i+1)*n]
			}
			means, sums := welford(&group)
			for i := first; i < min(first+together, rows); i++ {
				deviation := float32(math.Sqrt(float64(sums[i-first]/float32(n) + eps)))
				if mean != nil {
					mean[i] = means[i-first]
				}
				if inv != nil {
					inv[i] = 1 / deviation
				}
				runningRow(y[i*n:(i+1)*n], group[i-first], means[i-first], deviation, a.row(i))
			}
		}
	})
}

// welford gives the mean of each row, and the sum of the squares of differences
// from it. Every step is rounded by itself.
func welford(rows *[together][]float32) (mean, sum [together]float32) {
	r0 := rows[0]
	r1, r2, r3 := rows[1][:len(r0)], rows[2][:len(r0)], rows[3][:len(r0)]
	var m0, m1, m2, m3, s0, s1, s2, s3 float32
	for i, v0 := range r0 {
		count := float32(i + 1)
		v1, v2, v3 := r1[i], r2[i], r3[i]
		d0, d1, d2, d3 := v0-m0, v1-m1, v2-m2, v3-m3
		m0 += d0 / count
		m1 += d1 / count
		m2 += d2 / count
		m3 += d3 / count
		s0 += float32(d0 * (v0 - m0))
		s1 += float32(d1 * (v1 - m1))
		s2 += float32(d2 * (v2 - m2))
		s3 += float32(d3 * (v3 - m3))
	}
	return [together]float32{m0, m1, m2, m3}, [together]float32{s0, s1, s2, s3}
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
