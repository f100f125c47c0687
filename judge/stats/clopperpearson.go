package stats

import "gonum.org/v1/gonum/mathext"

// ClopperPearson returns the share k of n with the exact interval of Clopper and Pearson
// (1934), which holds at least its level for every share, and is wider for it.
func ClopperPearson(k, n int, level float64) (Interval, error) {
	if err := checkShare(k, n); err != nil {
		return Interval{}, err
	}
	if err := checkLevel(level); err != nil {
		return Interval{}, err
	}
	i := Interval{Value: float64(k) / float64(n), Lower: 0, Upper: 1, Level: level}
	tail := (1 - level) / 2
	if k > 0 {
		i.Lower = mathext.InvRegIncBeta(float64(k), float64(n-k+1), tail)
	}
	if k < n {
		i.Upper = mathext.InvRegIncBeta(float64(k+1), float64(n-k), 1-tail)
	}
	return i, nil
}
