package stats

import (
	"cmp"
	"slices"
)

// Spearman returns the rank correlation of two samples: Pearson's of their ranks, ties
// with the mean of their places.
func Spearman(x, y []float64) (float64, error) {
	if err := checkPair("correlation", len(x), len(y)); err != nil {
		return 0, err
	}
	return Pearson(ranks(x), ranks(y))
}

// ranks returns the places of values, from 1, in ascending order.
func ranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(values[i], values[j]) })
	out := make([]float64, len(values))
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && values[order[to]] == values[order[from]] {
			to++
		}
		for _, i := range order[from:to] {
			out[i] = float64(from+to+1) / 2
		}
		from = to
	}
	return out
}
