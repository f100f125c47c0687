package norm

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// Lp divides x[outer,n,inner] by its norm along n: the sum of magnitudes where
// order is 1, the root of the sum of squares where it is 2. Where the norm is 0,
// the result is NaN.
func Lp[T Float](p *pool.Pool, y, x []T, n, inner, order int) {
	if n == 0 || inner == 0 {
		return
	}
	p.For(len(x)/(n*inner), grain(n*inner), func(lo, hi int) {
		for i := lo * inner; i < hi*inner; i++ {
			at := i/inner*n*inner + i%inner
			var s float64
			for k := range n {
				v := float64(x[at+k*inner])
				if order == 1 {
					s += math.Abs(v)
				} else {
					s += v * v
				}
			}
			if order != 1 {
				s = math.Sqrt(s)
			}
			for k := range n {
				y[at+k*inner] = T(float64(x[at+k*inner]) / s)
			}
		}
	})
}

// LRN is a local response normalisation of x[batch,channels,inner]: each
// element over (bias + alpha/size·s)^beta, where s is the sum of squares over
// size channels around its own, the odd one out after it.
func LRN[T Float](p *pool.Pool, y, x []T, channels, inner, size int, alpha, beta, bias float64) {
	if channels == 0 || inner == 0 {
		return
	}
	before := (size - 1) / 2
	after := size - 1 - before
	p.For(len(x)/inner, grain(inner*size), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			c := i % channels
			first, last := max(0, c-before), min(channels-1, c+after)
			base := (i - c) * inner
			for j := range inner {
				var s float64
				for k := first; k <= last; k++ {
					v := float64(x[base+k*inner+j])
					s += v * v
				}
				at := i*inner + j
				y[at] = T(float64(x[at]) / math.Pow(bias+alpha/float64(size)*s, beta))
			}
		}
	})
}

// Standardize shifts and scales x of the given shape to a mean of 0 and a
// standard deviation of 1 within each group of elements whose places differ in
// the reduced dimensions alone. eps is added to the deviation.
func Standardize[T Float](y, x []T, shape []int, reduced []bool, eps float64) {
	groups := 1
	step := make([]int, len(shape)) // of the group's number along each dimension
	for d := len(shape) - 1; d >= 0; d-- {
		if !reduced[d] {
			step[d] = groups
			groups *= shape[d]
		}
	}
	if len(x) == 0 {
		return
	}
	mean, dev := make([]float64, groups), make([]float64, groups)
	n := float64(len(x) / groups)
	each(shape, step, func(i, g int) { mean[g] += float64(x[i]) / n })
	each(shape, step, func(i, g int) {
		d := float64(x[i]) - mean[g]
		dev[g] += d * d / n
	})
	for g := range dev {
		dev[g] = math.Sqrt(dev[g]) + eps
	}
	each(shape, step, func(i, g int) { y[i] = T((float64(x[i]) - mean[g]) / dev[g]) })
}

// each visits every element i of a shape and tells its group g.
func each(shape, step []int, f func(i, g int)) {
	n := 1
	for _, s := range shape {
		n *= s
	}
	index, g := make([]int, len(shape)), 0
	for i := range n {
		f(i, g)
		for d := len(shape) - 1; d >= 0; d-- {
			index[d]++
			g += step[d]
			if index[d] < shape[d] {
				break
			}
			index[d] = 0
			g -= step[d] * shape[d]
		}
	}
}
