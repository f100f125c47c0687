package stats

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/stat"
)

// errConstant is the error of a correlation with values that are all the same.
var errConstant = errors.New("stats: correlation is not defined: all values of one side are the same")

// Pearson returns the linear correlation of two samples.
func Pearson(x, y []float64) (float64, error) {
	if err := checkPair("correlation", len(x), len(y)); err != nil {
		return 0, err
	}
	r := stat.Correlation(x, y, nil)
	if math.IsNaN(r) {
		return 0, errConstant
	}
	return r, nil
}
