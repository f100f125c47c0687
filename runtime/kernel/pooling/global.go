package pooling

import (
	"cmp"
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// overWhole calls f for each plane of size values.
func overWhole[T any](p *pool.Pool, planes, size int, x []T, f func(plane int, x []T)) {
	p.For(planes, max(1, chunkWork/max(size, 1)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			f(i, x[i*size:][:size])
		}
	})
}

// GlobalMax takes the maximum of each plane of size values; lowest where size is
// 0, NaN where one is in the plane.
func GlobalMax[T cmp.Ordered](p *pool.Pool, planes, size int, lowest T, x, y []T) {
	overWhole(p, planes, size, x, func(i int, x []T) {
		best := lowest
		for _, v := range x {
			best = max(best, v)
		}
		y[i] = best
	})
}

// GlobalAverage takes the mean of each plane of size values, NaN where size is 0.
func GlobalAverage[T Float](p *pool.Pool, planes, size int, x, y []T) {
	overWhole(p, planes, size, x, func(i int, x []T) {
		sum := float64(0)
		for _, v := range x {
			sum += float64(v)
		}
		y[i] = T(sum / float64(size))
	})
}

// GlobalLp takes the p-norm of each plane of size values.
func GlobalLp[T Float](p *pool.Pool, planes, size int, norm float64, x, y []T) {
	overWhole(p, planes, size, x, func(i int, x []T) {
		sum := float64(0)
		for _, v := range x {
			sum += math.Pow(math.Abs(float64(v)), norm)
		}
		y[i] = T(math.Pow(sum, 1/norm))
	})
}
