package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
)

// An Interval is an estimate with the ends of its confidence interval.
type Interval struct {
	Value float64 `json:"value"`
	Lower float64 `json:"lower"`
	Upper float64 `json:"upper"`
	Level float64 `json:"level"` // of confidence, for example 0.95
}

// String returns "0.500 [0.400, 0.600]".
func (i Interval) String() string {
	return fmt.Sprintf("%.3f [%.3f, %.3f]", i.Value, i.Lower, i.Upper)
}

// quantile returns the z that a standard normal variable stays below with probability p.
func quantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// twoSided returns the z of a two-sided interval of a level of confidence.
func twoSided(level float64) float64 { return quantile(0.5 + level/2) }

// checkLevel returns an error where level is none of confidence.
func checkLevel(level float64) error {
	if !(level > 0 && level < 1) {
		return fmt.Errorf("stats: confidence level %g: want one between 0 and 1", level)
	}
	return nil
}

// checkShare returns an error where k of n is no share.
func checkShare(k, n int) error {
	if n <= 0 || k < 0 || k > n {
		return fmt.Errorf("stats: %d successes of %d: want 0 ≤ successes ≤ trials and a trial", k, n)
	}
	return nil
}

// binomialTwoSided returns the probability that of n tosses of a fair coin the smaller
// side has at most min(k, n-k).
func binomialTwoSided(k, n int) float64 {
	if n == 0 {
		return 1
	}
	few := min(k, n-k)
	if few < 0 {
		return 0
	}
	return min(1, 2*mathext.RegIncBeta(float64(n-few), float64(few+1), 0.5))
}

// chiSquaredTail returns the probability that a χ² variable with one degree of freedom
// passes x.
func chiSquaredTail(x float64) float64 { return math.Erfc(math.Sqrt(x / 2)) }
