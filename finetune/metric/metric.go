// Package metric measures how well a classifier did, with intervals.
package metric

import (
	"errors"
	"fmt"
	"math"
)

// Interval is a confidence interval of 95 %.
type Interval struct{ Low, High float64 }

// Wilson is the interval of a share: right of n.
func Wilson(right, n int) Interval {
	if n == 0 {
		return Interval{0, 1}
	}
	const z = 1.959963984540054
	p, m := float64(right)/float64(n), float64(n)
	middle := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return Interval{max(0, middle-half), min(1, middle+half)}
}

// Confusion counts examples by their class and the one they were given:
// Confusion[true][predicted].
type Confusion [][]int

// NewConfusion counts predictions over classes.
func NewConfusion(classes int, truth, predicted []int64) (Confusion, error) {
	if len(truth) != len(predicted) {
		return nil, fmt.Errorf("metric: %d predictions for %d examples", len(predicted), len(truth))
	}
	c := make(Confusion, classes)
	for i := range c {
		c[i] = make([]int, classes)
	}
	for i, t := range truth {
		p := predicted[i]
		if t < 0 || p < 0 || int(t) >= classes || int(p) >= classes {
			return nil, fmt.Errorf("metric: class %d or %d is out of range for %d classes", t, p, classes)
		}
		c[t][p]++
	}
	return c, nil
}

// Accuracy is the share of examples on the diagonal.
func (c Confusion) Accuracy() (share float64, right, n int) {
	for i, row := range c {
		right += row[i]
		for _, v := range row {
			n += v
		}
	}
	if n == 0 {
		return math.NaN(), 0, 0
	}
	return float64(right) / float64(n), right, n
}

// MacroF1 is the mean over the classes that occur of the harmonic mean of
// precision and recall.
func (c Confusion) MacroF1() float64 {
	sum, classes := 0.0, 0
	for i := range c {
		truth, given := 0, 0
		for j := range c {
			truth += c[i][j]
			given += c[j][i]
		}
		if truth+given == 0 {
			continue
		}
		sum += 2 * float64(c[i][i]) / float64(truth+given)
		classes++
	}
	if classes == 0 {
		return math.NaN()
	}
	return sum / float64(classes)
}

// Softmax turns the logits of an example into probabilities.
func Softmax(logits []float64) []float64 {
	top := math.Inf(-1)
	for _, v := range logits {
		top = max(top, v)
	}
	out, sum := make([]float64, len(logits)), 0.0
	for i, v := range logits {
		out[i] = math.Exp(v - top)
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

// ECE is the expected calibration error: how far confidence is from accuracy, in
// ten bins of confidence, weighted by their examples.
func ECE(confidence []float64, right []bool) (float64, error) {
	if len(confidence) != len(right) || len(right) == 0 {
		return 0, errors.New("metric: as many confidences as examples are needed, and at least one")
	}
	const bins = 10
	var sum, hit [bins]float64
	for i, c := range confidence {
		b := min(max(int(c*bins), 0), bins-1)
		sum[b] += c
		if right[i] {
			hit[b]++
		}
	}
	e := 0.0
	for b := range bins {
		e += math.Abs(sum[b] - hit[b])
	}
	return e / float64(len(right)), nil
}
