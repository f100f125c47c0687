// Package score turns the raw scores of a model into probabilities, by the
// post-transforms of the ai.onnx.ml operators.
package score

import "math"

// Transform names what is done with a row of scores.
type Transform uint8

// The transforms, numbered as TreeEnsemble-5 does.
const (
	None        Transform = iota
	Softmax               // exp(s) / Σ exp(s)
	Logistic              // 1 / (1 + exp(-s))
	SoftmaxZero           // like Softmax, but a score of zero stays zero
	Probit                // the quantile of the normal distribution at s
)

// tiny is below what SoftmaxZero takes for zero.
const tiny = 1e-7

// Apply transforms one row in place.
func (t Transform) Apply(row []float64) {
	switch t {
	case Logistic:
		for i, s := range row {
			row[i] = logistic(s)
		}
	case Probit:
		for i, s := range row {
			row[i] = probit(s)
		}
	case Softmax, SoftmaxZero:
		softmax(row, t == SoftmaxZero)
	default: // scores stay as they are
	}
}

func logistic(s float64) float64 { return 1 / (1 + math.Exp(-s)) }

// probit is √2·erf⁻¹(2s - 1).
func probit(s float64) float64 { return math.Sqrt2 * math.Erfinv(2*s-1) }

func softmax(row []float64, keepZero bool) {
	top := math.Inf(-1)
	for _, s := range row {
		top = max(top, s)
	}
	sum := 0.0
	for i, s := range row {
		if keepZero && math.Abs(s) <= tiny {
			row[i] = s * math.Exp(-top)
		} else {
			row[i] = math.Exp(s - top)
		}
		sum += row[i]
	}
	for i := range row {
		if sum == 0 {
			row[i] = 0.5
		} else {
			row[i] /= sum
		}
	}
}
