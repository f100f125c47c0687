package norm_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/norm"
)

// TestBatchGradient compares with central differences of Σ dy·y in float64, and
// float32 with float64.
func TestBatchGradient(t *testing.T) {
	const batch, channels, inner, eps = 3, 2, 5, 1e-3
	r := rand.New(rand.NewPCG(1, 2))
	draw := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = r.NormFloat64() + 0.5
		}
		return x
	}
	x, dy, scale := draw(batch*channels*inner), draw(batch*channels*inner), draw(channels)
	loss := func() float64 {
		mean, variance := make([]float64, channels), make([]float64, channels)
		norm.Moments(nil, x, inner, mean, variance)
		total := 0.0
		for i, v := range x {
			c := i / inner % channels
			total += dy[i] * (v - mean[c]) / math.Sqrt(variance[c]+eps) * scale[c]
		}
		return total
	}
	dx, ds, db := make([]float64, len(x)), make([]float64, channels), make([]float64, channels)
	norm.BatchGradient(nil, x, dy, scale, inner, eps, dx, ds, db)
	for _, tt := range []struct{ values, got []float64 }{{x, dx}, {scale, ds}} {
		for i, was := range tt.values {
			const h = 1e-5
			tt.values[i] = was + h
			up := loss()
			tt.values[i] = was - h
			down := loss()
			tt.values[i] = was
			if want := (up - down) / (2 * h); math.Abs(tt.got[i]-want) > 1e-7 {
				t.Errorf("value %d: %v, by differences %v", i, tt.got[i], want)
			}
		}
	}
	narrow := func(x []float64) []float32 {
		y := make([]float32, len(x))
		for i, v := range x {
			y[i] = float32(v)
		}
		return y
	}
	sx, ss, sb := make([]float32, len(x)), make([]float32, channels), make([]float32, channels)
	norm.BatchGradient(nil, narrow(x), narrow(dy), narrow(scale), inner, eps, sx, ss, sb)
	for i, v := range narrow(dx) {
		if math.Abs(float64(sx[i]-v)) > 1e-5 {
			t.Errorf("float32: dx[%d] = %v, want %v", i, sx[i], v)
		}
	}
	for c := range channels {
		if math.Abs(float64(ss[c])-ds[c]) > 1e-5 || math.Abs(float64(sb[c])-db[c]) > 1e-5 {
			t.Errorf("float32: channel %d: %v and %v, want %v and %v", c, ss[c], sb[c], ds[c], db[c])
		}
	}
}
