package stats

import "math"

// VerbosityBias says how much a judge prefers the longer candidate.
type VerbosityBias struct {
	Longer      Interval `json:"longer"`      // share of decided pairs that the longer one won
	Correlation float64  `json:"correlation"` // of the difference of lengths and the outcome
	Pairs       int      `json:"pairs"`       // decided, and not of equal length
}

// Verbosity measures verbosity bias: outcomes are 1, ½ or 0 for the first of two
// candidates, delta its length minus the other's. Longer candidates may be better ones: a
// bias is what remains against labels of people, so compare with theirs.
func Verbosity(outcomes, delta []float64, level float64) (VerbosityBias, error) {
	if err := checkPair("verbosity bias", len(outcomes), len(delta)); err != nil {
		return VerbosityBias{}, err
	}
	var b VerbosityBias
	won := 0
	for i, o := range outcomes {
		if o == 0.5 || delta[i] == 0 {
			continue
		}
		b.Pairs++
		if (o > 0.5) == (delta[i] > 0) {
			won++
		}
	}
	if b.Pairs == 0 {
		return VerbosityBias{}, errEmpty
	}
	var err error
	if b.Longer, err = Wilson(won, b.Pairs, level); err != nil {
		return VerbosityBias{}, err
	}
	if r, err := Pearson(delta, outcomes); err == nil && !math.IsNaN(r) {
		b.Correlation = r
	}
	return b, nil
}
