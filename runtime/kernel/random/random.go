// Package random draws numbers from distributions. The numbers depend on the
// source alone, not on the number of threads.
package random

import (
	"math"
	"math/rand/v2"
	"sort"
)

// Uniform fills dst with numbers from low up to, and without, high.
func Uniform(dst []float64, r *rand.Rand, low, high float64) {
	for i := range dst {
		dst[i] = low + (high-low)*r.Float64()
	}
}

// Normal fills dst with numbers of a normal distribution.
func Normal(dst []float64, r *rand.Rand, mean, scale float64) {
	for i := range dst {
		dst[i] = mean + scale*r.NormFloat64()
	}
}

// Bernoulli writes 1 to dst[i] with probability p[i], and 0 otherwise. dst may
// be p.
func Bernoulli(dst, p []float64, r *rand.Rand) {
	for i, v := range p {
		u := r.Float64()
		dst[i] = 0
		if u < v {
			dst[i] = 1
		}
	}
}

// Multinomial fills dst with classes, each drawn by the probabilities whose
// logarithms, up to a common summand, are logits. Classes of probability zero
// are never drawn; it reports false where all have it, or where a logit is not a
// number.
func Multinomial(dst []float64, logits []float64, r *rand.Rand) bool {
	top := math.Inf(-1)
	for _, v := range logits {
		top = math.Max(top, v) // NaN where any is
	}
	if math.IsNaN(top) || math.IsInf(top, 0) {
		return false
	}
	sums := make([]float64, len(logits))
	total := 0.0
	for i, v := range logits {
		total += math.Exp(v - top)
		sums[i] = total
	}
	for i := range dst {
		u := r.Float64() * total
		k := sort.Search(len(sums), func(k int) bool { return sums[k] > u })
		dst[i] = float64(min(k, len(sums)-1))
	}
	return true
}
