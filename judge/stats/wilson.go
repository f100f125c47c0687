package stats

import "math"

// Wilson returns the share k of n with the score interval of Wilson (1927), which keeps
// its level for small samples and for shares near 0 and 1.
func Wilson(k, n int, level float64) (Interval, error) {
	if err := checkShare(k, n); err != nil {
		return Interval{}, err
	}
	if err := checkLevel(level); err != nil {
		return Interval{}, err
	}
	z := twoSided(level)
	size, p := float64(n), float64(k)/float64(n)
	denominator := 1 + z*z/size
	center := (p + z*z/(2*size)) / denominator
	half := z / denominator * math.Sqrt(p*(1-p)/size+z*z/(4*size*size))
	i := Interval{Value: p, Lower: max(0, center-half), Upper: min(1, center+half), Level: level}
	if k == 0 {
		i.Lower = 0 // exactly, where rounding leaves a trace
	}
	if k == n {
		i.Upper = 1
	}
	return i, nil
}
