package stats

import "math"

// A LengthControlled is a win rate with the effect of length taken out.
type LengthControlled struct {
	WinRate float64 `json:"win_rate"` // what it would be between answers of the same length
	Raw     float64 `json:"raw"`
	Quality float64 `json:"quality"` // log odds of a win at the same length
	Length  float64 `json:"length"`  // log odds for a standard deviation of length, about
}

// LengthControl returns the length-controlled win rate of AlpacaEval 2 (Dubois et al.
// 2024): a logistic model of the preference,
//
//	P(win) = σ(θ + φ·tanh(Δ/sd(Δ)) + ψ·γ)
//
// with Δ the candidate's length minus the baseline's and γ the difficulty of the input,
// is fitted, and the win rate is the mean of P with Δ set to zero. outcomes are 1, ½ or 0,
// or probabilities; difficulty may be nil, and the term is left out then. l2 is the
// weight of a penalty on the coefficients, 0 for none.
func LengthControl(outcomes, delta, difficulty []float64, l2 float64) (LengthControlled, error) {
	if err := checkPair("length control", len(outcomes), len(delta)); err != nil {
		return LengthControlled{}, err
	}
	if difficulty != nil {
		if err := checkPair("length control: difficulty", len(outcomes), len(difficulty)); err != nil {
			return LengthControlled{}, err
		}
	}
	sd := deviation(delta)
	const most = 3 // features
	x := make([][]float64, len(outcomes))
	all := make([]float64, most*len(outcomes))
	for i := range x {
		x[i] = append(all[most*i:most*i:most*(i+1)], 1)
		if sd > 0 {
			x[i] = append(x[i], math.Tanh(delta[i]/sd))
		}
		if difficulty != nil {
			x[i] = append(x[i], difficulty[i])
		}
	}
	beta, err := Logistic(x, outcomes, l2)
	if err != nil {
		return LengthControlled{}, err
	}
	lc := LengthControlled{Raw: Mean(outcomes), Quality: beta[0]}
	if sd > 0 {
		lc.Length = beta[1]
	}
	for i := range x {
		if sd > 0 {
			x[i][1] = 0
		}
		lc.WinRate += sigmoid(dot(x[i], beta)) / float64(len(x))
	}
	return lc, nil
}

// deviation returns the standard deviation of a population.
func deviation(values []float64) float64 {
	mean := Mean(values)
	sum := 0.0
	for _, v := range values {
		sum += (v - mean) * (v - mean)
	}
	return math.Sqrt(sum / float64(len(values)))
}
