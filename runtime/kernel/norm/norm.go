// Package norm normalises: it shifts and scales groups of elements to a mean of
// 0 and a variance of 1, or to a norm of 1.
//
// Buffers are row-major; the comment of each function names their shapes. An
// output may be the input's very buffer. Variances are those of the population,
// taken in a second pass over the differences from the mean.
package norm

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/vec"
)

// Float lists the element types.
type Float interface{ float32 | float64 }

// chunkWork is the number of elements that threads take at a time.
const chunkWork = 1 << 14

// grain is how many groups of n elements threads take at a time.
func grain(n int) int { return max(1, chunkWork/max(1, n)) }

// Affine is what is done to a normalised row: times Scale, plus Bias, each of
// the row's length, or nil for none. The steps tell how much further on those of
// the next row begin: 0 where all rows share them.
type Affine[T Float] struct {
	Scale, Bias         []T
	ScaleStep, BiasStep int
}

// row is what is done to row i.
func (a Affine[T]) row(i int) Affine[T] {
	if a.Scale != nil {
		a.Scale = a.Scale[i*a.ScaleStep:]
	}
	if a.Bias != nil {
		a.Bias = a.Bias[i*a.BiasStep:]
	}
	return a
}

// Layer normalises x[rows,n] by row into y. mean and inv, of rows elements or
// nil, receive the mean and the inverse of the standard deviation.
func Layer[T Float](p *pool.Pool, y, x []T, n int, eps T, a Affine[T], mean, inv []T) {
	if n == 0 {
		return
	}
	p.For(len(x)/n, grain(n), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := x[i*n : (i+1)*n]
			m, v := moments(row)
			s := 1 / T(math.Sqrt(float64(v+eps)))
			if mean != nil {
				mean[i] = m
			}
			if inv != nil {
				inv[i] = s
			}
			layerRow(y[i*n:(i+1)*n], row, m, s, a.row(i))
		}
	})
}

func layerRow[T Float](y, x []T, m, s T, a Affine[T]) {
	y = y[:len(x)]
	if f, ok := any(a).(Affine[float32]); ok {
		layerRow32(any(y).([]float32), any(x).([]float32), float32(m), float32(s), f)
		return
	}
	switch {
	case a.Scale == nil:
		for j, v := range x {
			y[j] = (v - m) * s
		}
		if a.Bias != nil {
			vec.AddFloat(y, y, a.Bias)
		}
	case a.Bias == nil:
		scale := a.Scale[:len(x)]
		for j, v := range x {
			y[j] = (v - m) * s * scale[j]
		}
	default:
		scale, bias := a.Scale[:len(x)], a.Bias[:len(x)]
		for j, v := range x {
			y[j] = (v-m)*s*scale[j] + bias[j]
		}
	}
}

// layerRow32 is layerRow in float32.
func layerRow32(y, x []float32, m, s float32, a Affine[float32]) {
	if a.Scale != nil && a.Bias != nil {
		vec.Normalize(y, x, a.Scale, a.Bias, m, s)
		return
	}
	vec.SubVS(y, x, m)
	vec.MulVS(y, y, s)
	if a.Scale != nil {
		vec.Mul(y, y, a.Scale)
	}
	if a.Bias != nil {
		vec.Add(y, y, a.Bias)
	}
}

// RMS divides x[rows,n] by the root of the mean of squares of each row, into y.
// inv, of rows elements or nil, receives the inverse of that root.
func RMS[T Float](p *pool.Pool, y, x []T, n int, eps T, a Affine[T], inv []T) {
	if n == 0 {
		return
	}
	p.For(len(x)/n, grain(n), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := x[i*n : (i+1)*n]
			s := 1 / T(math.Sqrt(float64(squares(row, 0)/T(n)+eps)))
			if inv != nil {
				inv[i] = s
			}
			layerRow(y[i*n:(i+1)*n], row, 0, s, a.row(i))
		}
	})
}

// Group normalises x[batch,channels,inner] into y by groups of per channels of
// one image, and gives each channel its scale and bias.
func Group[T Float](p *pool.Pool, y, x []T, channels, per, inner int, eps T, scale, bias []T) {
	n := per * inner
	if n == 0 {
		return
	}
	groups := channels / per
	p.For(len(x)/n, grain(n), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			m, v := moments(x[i*n : (i+1)*n])
			s := 1 / T(math.Sqrt(float64(v+eps)))
			for c := range per {
				at, ch := i*n+c*inner, i%groups*per+c
				k := s * scale[ch]
				affineRow(y[at:at+inner], x[at:at+inner], m, k, bias[ch])
			}
		}
	})
}

// vectorRow is the length from which calls of vector functions are worth it.
const vectorRow = 32

func affineRow[T Float](y, x []T, m, k, b T) {
	y = y[:len(x)]
	if d, ok := any(y).([]float32); ok && len(y) >= vectorRow {
		vec.AddVS(d, any(x).([]float32), -float32(m))
		vec.MulVS(d, d, float32(k))
		vec.AddVS(d, d, float32(b))
		return
	}
	for j, v := range x {
		y[j] = (v-m)*k + b
	}
}

// Channels gives y = (x - mean)·factor + bias of x[batch,channels,inner], each
// channel its own.
func Channels[T Float](p *pool.Pool, y, x []T, inner int, mean, factor, bias []T) {
	if inner == 0 || len(mean) == 0 {
		return
	}
	if inner == 1 {
		n := len(mean)
		p.For(len(x)/n, grain(n), func(lo, hi int) {
			for at := lo * n; at < hi*n; at += n {
				for c, v := range x[at : at+n] {
					y[at+c] = (v-mean[c])*factor[c] + bias[c]
				}
			}
		})
		return
	}
	p.For(len(x)/inner, grain(inner), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			c := i % len(mean)
			affineRow(y[i*inner:(i+1)*inner], x[i*inner:(i+1)*inner], mean[c], factor[c], bias[c])
		}
	})
}

// Moments gives the mean and the variance of each channel of
// x[batch,channels,inner], NaN where there is nothing.
func Moments[T Float](p *pool.Pool, x []T, inner int, mean, variance []T) {
	channels := len(mean)
	if channels == 0 {
		return
	}
	n := len(x) / channels
	p.For(channels, grain(n), func(lo, hi int) {
		for c := lo; c < hi; c++ {
			var s, q float64
			for at := c * inner; at < len(x); at += channels * inner {
				s += float64(sum(x[at : at+inner]))
			}
			m := T(s / float64(n))
			for at := c * inner; at < len(x); at += channels * inner {
				q += float64(squares(x[at:at+inner], m))
			}
			mean[c], variance[c] = m, T(q/float64(n))
		}
	})
}

// AddRows writes a + b + bias to y, rows of n elements. b has as many rows as a,
// or a part of them that is used again and again; bias is one row, or nil. y may
// be a.
func AddRows[T Float](p *pool.Pool, y, a, b []T, n int, bias []T) {
	if n == 0 || len(b) == 0 {
		return
	}
	rows := len(b) / n
	p.For(len(a)/n, grain(n), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			out, x := y[i*n:(i+1)*n], a[i*n:(i+1)*n]
			vec.AddFloat(out, x, b[i%rows*n:][:n])
			if bias != nil {
				vec.AddFloat(out, out, bias)
			}
		}
	})
}

// moments gives the mean and the variance of x.
func moments[T Float](x []T) (mean, variance T) {
	if f, ok := any(x).([]float32); ok {
		mean = T(vec.Mean(f))
	} else {
		mean = sum(x) / T(len(x))
	}
	return mean, squares(x, mean) / T(len(x))
}

// sum adds up x in four sums, which do not wait for each other.
func sum[T Float](x []T) T {
	if f, ok := any(x).([]float32); ok {
		return T(vec.Sum(f))
	}
	var s0, s1, s2, s3 T
	for ; len(x) >= 4; x = x[4:] {
		s0 += x[0]
		s1 += x[1]
		s2 += x[2]
		s3 += x[3]
	}
	for _, v := range x {
		s0 += v
	}
	return (s0 + s1) + (s2 + s3)
}

// squares adds up the squares of x - m.
func squares[T Float](x []T, m T) T {
	if f, ok := any(x).([]float32); ok {
		return T(vec.Squares(f, float32(m)))
	}
	var s0, s1, s2, s3 T
	for ; len(x) >= 4; x = x[4:] {
		a, b, c, d := x[0]-m, x[1]-m, x[2]-m, x[3]-m
		s0 += a * a
		s1 += b * b
		s2 += c * c
		s3 += d * d
	}
	for _, v := range x {
		s0 += (v - m) * (v - m)
	}
	return (s0 + s1) + (s2 + s3)
}
