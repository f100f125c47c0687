package stats

import "gonum.org/v1/gonum/stat/distuv"

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
		i.Lower = distuv.Beta{Alpha: float64(k), Beta: float64(n - k + 1)}.Quantile(tail)
	}
	if k < n {
		i.Upper = distuv.Beta{Alpha: float64(k + 1), Beta: float64(n - k)}.Quantile(1 - tail)
	}
	return i, nil
}
