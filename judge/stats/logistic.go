package stats

import (
	"errors"
	"math"
)

// Logistic fits P(y=1) = σ(x·β) by maximum likelihood, minus l2/2 · |β|². x[i] are the
// features of observation i, an intercept being a feature of ones; y[i] lies in [0, 1]
// and may be a share. With l2 = 0 it is an error where the observations are separated, as
// no β is best then.
func Logistic(x [][]float64, y []float64, l2 float64) ([]float64, error) {
	if err := checkPair("logistic regression", len(x), len(y)); err != nil {
		return nil, err
	}
	k := len(x[0])
	beta := make([]float64, k)
	for range maxNewton {
		gradient, hessian := logisticStep(x, y, beta, l2)
		factor, ok := factorize(hessian)
		if !ok {
			return nil, errSeparated
		}
		step := factor.solve(gradient)
		largest := 0.0
		for j := range beta {
			beta[j] += step[j]
			largest = max(largest, math.Abs(step[j]))
			if math.Abs(beta[j]) > maxCoefficient || math.IsNaN(beta[j]) {
				return nil, errSeparated
			}
		}
		if largest < newtonTolerance {
			return beta, nil
		}
	}
	return nil, errors.New("stats: logistic regression does not converge")
}

// Newton's method: its steps, the step that ends it, and the coefficient (of a log odds)
// from which observations are taken for separated.
const (
	maxNewton       = 100
	newtonTolerance = 1e-12
	maxCoefficient  = 500
)

var errSeparated = errors.New("stats: logistic regression has no best coefficients: the observations are separated, or features depend on each other")

// logisticStep returns the gradient of the penalized log likelihood and its negative
// second derivatives.
func logisticStep(x [][]float64, y, beta []float64, l2 float64) (gradient []float64, hessian [][]float64) {
	k := len(beta)
	gradient, hessian = make([]float64, k), square(k)
	for i, row := range x {
		p := sigmoid(dot(row, beta))
		for a := range k {
			gradient[a] += (y[i] - p) * row[a]
			for b := range k {
				hessian[a][b] += p * (1 - p) * row[a] * row[b]
			}
		}
	}
	for a := range k {
		gradient[a] -= l2 * beta[a]
		hessian[a][a] += l2
	}
	return gradient, hessian
}

// sigmoid is the logistic function.
func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func dot(x, y []float64) float64 {
	sum := 0.0
	for i := range x {
		sum += x[i] * y[i]
	}
	return sum
}
