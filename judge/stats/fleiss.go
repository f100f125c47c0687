package stats

import (
	"errors"
	"fmt"
)

// Fleiss returns Fleiss' κ: counts[i][c] is how many raters put item i into category c,
// with as many raters for every item.
func Fleiss(counts [][]float64) (float64, error) {
	if len(counts) == 0 || len(counts[0]) == 0 {
		return 0, errEmpty
	}
	var raters, agreement float64
	shares := make([]float64, len(counts[0]))
	for i, row := range counts {
		if len(row) != len(shares) {
			return 0, fmt.Errorf("stats: Fleiss' κ: item %d has %d categories, want %d", i, len(row), len(shares))
		}
		var sum, squares float64
		for c, n := range row {
			sum += n
			squares += n * n
			shares[c] += n
		}
		if i == 0 {
			raters = sum
		}
		if sum != raters || raters < 2 {
			return 0, fmt.Errorf("stats: Fleiss' κ: item %d has %g ratings, want as many for every item, and 2", i, sum)
		}
		agreement += (squares - raters) / (raters * (raters - 1))
	}
	items := float64(len(counts))
	expected := 0.0
	for _, n := range shares {
		p := n / (items * raters)
		expected += p * p
	}
	if expected == 1 {
		return 0, errors.New("stats: Fleiss' κ is not defined: there is one category only")
	}
	return (agreement/items - expected) / (1 - expected), nil
}
