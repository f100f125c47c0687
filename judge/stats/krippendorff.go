package stats

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// A Scale says what differences of values mean.
type Scale int

// The scales of [Krippendorff].
const (
	Nominal Scale = iota // equal or not
	Ordinal              // their order
	Metric               // their difference: the interval scale
	Ratio                // their difference, relative to their sum
)

// Krippendorff returns Krippendorff's α: ratings[r][u] is what rater r gave unit u, NaN
// where it gave nothing. Units with fewer than two values say nothing about agreement,
// and are left out.
func Krippendorff(ratings [][]float64, scale Scale) (float64, error) {
	units, values, err := unitsOf(ratings)
	if err != nil {
		return 0, err
	}
	coincidences := make([][]float64, len(values))
	for i := range coincidences {
		coincidences[i] = make([]float64, len(values))
	}
	for _, unit := range units {
		for i, a := range unit {
			for j, b := range unit {
				if i != j {
					coincidences[a][b] += 1 / float64(len(unit)-1)
				}
			}
		}
	}
	totals := make([]float64, len(values))
	n := 0.0
	for i, row := range coincidences {
		for _, c := range row {
			totals[i] += c
		}
		n += totals[i]
	}
	var observed, expected float64
	for i := range values {
		for j := range values {
			d := scale.distance(values, totals, i, j)
			observed += coincidences[i][j] * d
			expected += totals[i] * totals[j] / (n - 1) * d
		}
	}
	if expected == 0 {
		return 0, errors.New("stats: α is not defined: all values are the same")
	}
	return 1 - observed/expected, nil
}

// unitsOf returns, for each unit that can be paired, the places of its ratings in the
// sorted list of different values, and that list.
func unitsOf(ratings [][]float64) (units [][]int, values []float64, err error) {
	if len(ratings) == 0 || len(ratings[0]) == 0 {
		return nil, nil, errEmpty
	}
	var raw [][]float64
	for u := range ratings[0] {
		var unit []float64
		for r := range ratings {
			if len(ratings[r]) != len(ratings[0]) {
				return nil, nil, fmt.Errorf("stats: α: rater %d has %d units, want %d", r, len(ratings[r]), len(ratings[0]))
			}
			if v := ratings[r][u]; !math.IsNaN(v) {
				unit = append(unit, v)
			}
		}
		if len(unit) > 1 {
			raw = append(raw, unit)
			values = append(values, unit...)
		}
	}
	if len(raw) == 0 {
		return nil, nil, errors.New("stats: α: no unit has two ratings")
	}
	slices.Sort(values)
	values = slices.Compact(values)
	for _, unit := range raw {
		places := make([]int, len(unit))
		for i, v := range unit {
			places[i], _ = slices.BinarySearch(values, v)
		}
		units = append(units, places)
	}
	return units, values, nil
}

// distance returns the squared difference of the values at i and j, of which there are
// as many as totals says.
func (s Scale) distance(values, totals []float64, i, j int) float64 {
	if i == j {
		return 0
	}
	var d float64
	switch s {
	case Ordinal: // the values from i to j, those at the ends by half
		lo, hi := min(i, j), max(i, j)
		for _, t := range totals[lo : hi+1] {
			d += t
		}
		d -= (totals[lo] + totals[hi]) / 2
	case Metric:
		d = values[i] - values[j]
	case Ratio:
		if sum := values[i] + values[j]; sum != 0 {
			d = (values[i] - values[j]) / sum
		}
	default:
		d = 1
	}
	return d * d
}
