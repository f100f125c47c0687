package stats

import (
	"fmt"
	"math"
)

// A Bin is the part of a calibration curve that probabilities in one range make.
type Bin struct {
	N          int     `json:"n"`
	Confidence float64 `json:"confidence"` // mean probability
	Accuracy   float64 `json:"accuracy"`   // share of what came true
}

// CalibrationError returns the expected calibration error of probabilities, the mean
// distance in bins of equal width between what was foretold and what came true, weighted
// by their size; and the bins. outcomes are 0 or 1.
func CalibrationError(probabilities, outcomes []float64, bins int) (float64, []Bin, error) {
	if err := checkPair("calibration", len(probabilities), len(outcomes)); err != nil {
		return 0, nil, err
	}
	if bins < 1 {
		return 0, nil, fmt.Errorf("stats: calibration in %d bins: want 1", bins)
	}
	out := make([]Bin, bins)
	for i, p := range probabilities {
		if !(p >= 0 && p <= 1) {
			return 0, nil, fmt.Errorf("stats: calibration: probability %g", p)
		}
		// A bin holds its upper end, the first one its lower end too.
		b := &out[min(max(int(math.Ceil(p*float64(bins)))-1, 0), bins-1)]
		b.N++
		b.Confidence += p
		b.Accuracy += outcomes[i]
	}
	total := 0.0
	for i := range out {
		b := &out[i]
		if b.N == 0 {
			continue
		}
		b.Confidence /= float64(b.N)
		b.Accuracy /= float64(b.N)
		total += math.Abs(b.Confidence-b.Accuracy) * float64(b.N)
	}
	return total / float64(len(probabilities)), out, nil
}
