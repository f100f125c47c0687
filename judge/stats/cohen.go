package stats

import (
	"errors"
	"math"
)

// A Weighting says how much a disagreement by d of k ordered categories counts.
type Weighting int

// The weightings of [Cohen].
const (
	Unweighted Weighting = iota // any disagreement counts 1
	Linear                      // |d|
	Quadratic                   // d²
)

// weight returns how much categories i and j disagree.
func (w Weighting) weight(i, j int) float64 {
	d := math.Abs(float64(i - j))
	switch w {
	case Linear:
		return d
	case Quadratic:
		return d * d
	default:
		return min(d, 1)
	}
}

// Cohen returns Cohen's κ of two raters: table[i][j] counts the items that the first put
// into category i and the second into j. It is an error where the expected disagreement
// is zero: both used one category only, and κ is not defined.
func Cohen(table [][]float64, w Weighting) (float64, error) {
	k := len(table)
	rows, columns := make([]float64, k), make([]float64, k)
	total := 0.0
	for i, row := range table {
		if len(row) != k {
			return 0, errors.New("stats: κ: the table is not square")
		}
		for j, n := range row {
			rows[i] += n
			columns[j] += n
			total += n
		}
	}
	if total == 0 {
		return 0, errEmpty
	}
	var observed, expected float64
	for i, row := range table {
		for j, n := range row {
			observed += w.weight(i, j) * n
			expected += w.weight(i, j) * rows[i] * columns[j] / total
		}
	}
	if expected == 0 {
		return 0, errors.New("stats: κ is not defined: both raters used the same single category")
	}
	return 1 - observed/expected, nil
}

// Table counts pairs of categories 0 … k-1 for [Cohen].
func Table(x, y []int, k int) ([][]float64, error) {
	if err := checkPair("table", len(x), len(y)); err != nil {
		return nil, err
	}
	table := make([][]float64, k)
	for i := range table {
		table[i] = make([]float64, k)
	}
	for i := range x {
		if min(x[i], y[i]) < 0 || max(x[i], y[i]) >= k {
			return nil, errors.New("stats: table: a category outside 0 … k-1")
		}
		table[x[i]][y[i]]++
	}
	return table, nil
}
