package norm

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/vec"
)

// BatchGradient is the gradient of y = (x − mean)·r·scale + bias of
// x[batch,channels,inner], r being 1/√(variance + eps), with mean and variance those
// of each channel: given dy, it writes
//
//	dscale = Σ dy·x̂   dbias = Σ dy   dx = scale·r·(dy − (dbias + x̂·dscale)/n)
//
// with x̂ = (x − mean)·r and n the elements of a channel.
func BatchGradient[T Float](p *pool.Pool, x, dy, scale []T, inner int, eps float64, dx, dscale, dbias []T) {
	channels := len(scale)
	if channels == 0 {
		return
	}
	mean, variance := make([]T, channels), make([]T, channels)
	Moments(p, x, inner, mean, variance)
	n := float64(len(x) / channels)
	p.For(channels, grain(len(x)/channels), func(lo, hi int) {
		centred := make([]T, inner)
		for c := lo; c < hi; c++ {
			r := 1 / math.Sqrt(float64(variance[c])+eps)
			var s, q float64
			for at := c * inner; at < len(x); at += channels * inner {
				shift(centred, x[at:at+inner], -mean[c])
				s += float64(sum(dy[at : at+inner]))
				q += float64(vec.DotFloat(centred, dy[at:at+inner]))
			}
			dbias[c], dscale[c] = T(s), T(q*r)
			k := float64(scale[c]) * r
			for at := c * inner; at < len(x); at += channels * inner {
				shift(centred, x[at:at+inner], -mean[c])
				vec.BlendFloat(dx[at:at+inner], dy[at:at+inner], centred, T(k), T(-k*r*r*q/n), T(-k*s/n))
			}
		}
	})
}

func shift[T Float](dst, x []T, by T) {
	if d, ok := any(dst).([]float32); ok {
		vec.AddVS(d, any(x).([]float32), float32(by))
		return
	}
	for i, v := range x {
		dst[i] = v + by
	}
}
