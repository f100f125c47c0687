package stats

import "math"

// A Test is the outcome of a test: a statistic and how likely one as extreme is where
// there is no difference, two-sided.
type Test struct {
	Statistic float64 `json:"statistic"`
	P         float64 `json:"p"`
}

// McNemarExact tests whether two systems are right equally often on the same items: b
// items that only the first has right, c that only the second. Its statistic is the
// smaller of both.
func McNemarExact(b, c int) Test {
	return Test{float64(min(b, c)), binomialTwoSided(b, b+c)}
}

// McNemarChiSquared is McNemar's test by the χ² distribution, for many items, with
// Edwards's correction for continuity where it is asked for.
func McNemarChiSquared(b, c int, corrected bool) Test {
	if b+c == 0 {
		return Test{0, 1}
	}
	d := math.Abs(float64(b - c))
	if corrected {
		d = max(0, d-1)
	}
	x := d * d / float64(b+c)
	return Test{x, chiSquaredTail(x)}
}
