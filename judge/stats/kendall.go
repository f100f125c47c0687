package stats

import (
	"cmp"
	"math"
	"slices"
)

// Kendall returns Kendall's τ-b of two samples, which corrects for ties on both sides, in
// n log n steps (Knight 1966).
func Kendall(x, y []float64) (float64, error) {
	if err := checkPair("correlation", len(x), len(y)); err != nil {
		return 0, err
	}
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(x[i], x[j]), cmp.Compare(y[i], y[j])) })
	xs, ys := make([]float64, len(x)), make([]float64, len(x))
	for k, i := range order {
		xs[k], ys[k] = x[i], y[i]
	}
	n := float64(len(x))
	pairs := n * (n - 1) / 2
	tiedX := tied(len(xs), func(i, j int) bool { return xs[i] == xs[j] })
	tiedBoth := tied(len(xs), func(i, j int) bool { return xs[i] == xs[j] && ys[i] == ys[j] })
	discordant := inversions(ys, make([]float64, len(ys))) // sorts ys
	tiedY := tied(len(ys), func(i, j int) bool { return ys[i] == ys[j] })
	if tiedX == pairs || tiedY == pairs {
		return 0, errConstant
	}
	return (pairs - tiedX - tiedY + tiedBoth - 2*discordant) / math.Sqrt(pairs-tiedX) / math.Sqrt(pairs-tiedY), nil
}

// tied counts the pairs in runs of neighbours that same holds for.
func tied(n int, same func(i, j int) bool) float64 {
	total := 0.0
	for from := 0; from < n; {
		to := from + 1
		for to < n && same(from, to) {
			to++
		}
		run := float64(to - from)
		total += run * (run - 1) / 2
		from = to
	}
	return total
}

// inversions sorts values, with room as work space, and returns how many pairs of them
// stood in descending order.
func inversions(values, room []float64) float64 {
	if len(values) < 2 {
		return 0
	}
	half := len(values) / 2
	count := inversions(values[:half], room[:half]) + inversions(values[half:], room[half:])
	copy(room, values)
	i, j := 0, half
	for k := range values {
		if j >= len(values) || i < half && room[i] <= room[j] {
			values[k] = room[i]
			i++
			continue
		}
		values[k] = room[j]
		j++
		count += float64(half - i)
	}
	return count
}
