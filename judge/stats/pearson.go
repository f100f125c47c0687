package stats

import (
	"errors"
	"math"
)

// errConstant is the error of a correlation with values that are all the same.
var errConstant = errors.New("stats: correlation is not defined: all values of one side are the same")

// Pearson returns the linear correlation of two samples.
func Pearson(x, y []float64) (float64, error) {
	if err := checkPair("correlation", len(x), len(y)); err != nil {
		return 0, err
	}
	mx, my := mean(x), mean(y)
	var xy, xx, yy float64
	for i := range x {
		dx, dy := x[i]-mx, y[i]-my
		xy, xx, yy = xy+dx*dy, xx+dx*dx, yy+dy*dy
	}
	r := xy / math.Sqrt(xx*yy)
	if math.IsNaN(r) {
		return 0, errConstant
	}
	return r, nil
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
