package ml

import (
	"errors"
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/score"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// linear is a matrix of coefficients [outputs, features] with intercepts.
type linear struct {
	coefficients []float64
	intercepts   []float64 // one for each output, or none
	outputs      int
	transform    score.Transform
}

// readLinear reads what LinearClassifier and LinearRegressor share.
func readLinear(a *ops.Attrs, outputs int) (*linear, error) {
	l := &linear{
		coefficients: widen(a.Floats("coefficients")), intercepts: widen(a.Floats("intercepts")),
		outputs: outputs, transform: postTransform(a),
	}
	if err := a.Err(); err != nil {
		return nil, err
	}
	if outputs < 1 || len(l.coefficients)%outputs != 0 {
		return nil, fmt.Errorf("attribute \"coefficients\" has %d elements for %d outputs", len(l.coefficients), outputs)
	}
	if l.intercepts != nil && len(l.intercepts) != outputs {
		return nil, fmt.Errorf("attribute \"intercepts\" has %d elements for %d outputs", len(l.intercepts), outputs)
	}
	return l, nil
}

// eval gives the outputs of each row of the input.
func (l *linear) eval(c *ops.Call) (scores []float64, rows int, err error) {
	x, rows, features, err := matrix(c)
	if err != nil {
		return nil, 0, err
	}
	if features*l.outputs != len(l.coefficients) {
		return nil, 0, fmt.Errorf("input has %d features, expected %d", features, len(l.coefficients)/l.outputs)
	}
	if err := ops.CheckSize(tensor.Float64, []int{rows, l.outputs}, maxBytes); err != nil {
		return nil, 0, err
	}
	scores = make([]float64, rows*l.outputs)
	for r := range rows {
		row := x[r*features : (r+1)*features]
		for k := range l.outputs {
			s := 0.0
			if l.intercepts != nil {
				s = l.intercepts[k]
			}
			for i, w := range l.coefficients[k*features : (k+1)*features] {
				s += w * row[i]
			}
			scores[r*l.outputs+k] = s
		}
	}
	return scores, rows, nil
}

// LinearRegressor gives a weighted sum of the features for each target (ONNX
// operator spec, ai.onnx.ml.LinearRegressor-1).
var linearRegressorDefs = []ops.Def{def("LinearRegressor", 1, 1, inferLinearRegressor, compileLinearRegressor)}

// targets reads the number of outputs of a regression.
func targets(a *ops.Attrs, name string) (int, error) {
	n := a.Int(name, 1)
	if n < 1 || n > 1<<32 {
		return 0, fmt.Errorf("attribute %q is %d, expected at least 1", name, n)
	}
	return int(n), a.Err()
}

func inferLinearRegressor(n *ops.Inference) error {
	k, err := targets(n.Attrs, "targets")
	if err != nil {
		return err
	}
	rows, err := rowsOf(n)
	n.Set(0, tensor.Float32, rows, onnx.Known(k))
	return err
}

func compileLinearRegressor(n *ops.Node) (ops.Compiled, error) {
	k, err := targets(n.Attrs, "targets")
	if err != nil {
		return nil, err
	}
	l, err := readLinear(n.Attrs, k)
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		scores, rows, err := l.eval(c)
		if err != nil {
			return err
		}
		for r := range rows {
			l.transform.Apply(scores[r*k : (r+1)*k])
		}
		return write(c, 0, tensor.Float32, scores, rows, k)
	}), nil
}

// LinearClassifier scores each class by a weighted sum of the features (ONNX
// operator spec, ai.onnx.ml.LinearClassifier-1). With one sum for two classes,
// it is the score of the second; see twoScores.
var linearClassifierDefs = []ops.Def{def("LinearClassifier", 1, 2, inferLinearClassifier, compileLinearClassifier)}

// linearClasses reads the labels, and how many sums the coefficients make.
func linearClasses(a *ops.Attrs) (l classes, sums int, err error) {
	l = readClasses(a, "classlabels_strings", "classlabels_ints")
	sums = max(len(a.Floats("intercepts")), 1)
	if err := a.Err(); err != nil {
		return l, 0, err
	}
	if n := l.len(); n != 0 && n != sums && !(n == 2 && sums == 1) {
		return l, 0, fmt.Errorf("there are %d labels and %d intercepts", n, sums)
	}
	return l, sums, nil
}

func inferLinearClassifier(n *ops.Inference) error {
	l, sums, err := linearClasses(n.Attrs)
	if err != nil {
		return err
	}
	return inferClassifier(n, l, onnx.Known(max(sums, min(l.len(), 2))))
}

func compileLinearClassifier(n *ops.Node) (ops.Compiled, error) {
	labels, sums, err := linearClasses(n.Attrs)
	if err != nil {
		return nil, err
	}
	l, err := readLinear(n.Attrs, sums)
	if err != nil {
		return nil, err
	}
	if labels.strings != nil && labels.len() == 1 {
		return nil, errors.New("one class has a string label: the other has none")
	}
	return ops.RunFunc(func(c *ops.Call) error {
		scores, rows, err := l.eval(c)
		if err != nil {
			return err
		}
		if sums == 1 {
			return writeBinary(c, labels, scores, l.transform)
		}
		best := make([]int, rows)
		for r := range best {
			row := scores[r*sums : (r+1)*sums]
			best[r] = argmax(row)
			l.transform.Apply(row)
		}
		if err := labels.write(c, best); err != nil {
			return err
		}
		return write(c, 1, tensor.Float32, scores, rows, sums)
	}), nil
}

// writeBinary makes the outputs of a classifier with one score a row: two
// classes, of which the second is taken where the score is positive.
func writeBinary(c *ops.Call, labels classes, scores []float64, t score.Transform) error {
	best := make([]int, len(scores))
	for r, s := range scores {
		if s > 0 {
			best[r] = 1
		}
	}
	if labels.len() < 2 {
		labels = classes{} // positive or not
		for r := range scores {
			t.Apply(scores[r : r+1])
		}
		if err := labels.write(c, best); err != nil {
			return err
		}
		return write(c, 1, tensor.Float32, scores, len(scores), 1)
	}
	if err := labels.write(c, best); err != nil {
		return err
	}
	both := make([]float64, 2*len(scores))
	for r, s := range scores {
		twoScores(both[2*r:2*r+2], s, true, t)
	}
	return write(c, 1, tensor.Float32, both, len(scores), 2)
}

// twoScores turns the one score of a classifier into those of both classes. The
// standard is silent on it; this is what ONNX Runtime gives: logistic transforms
// the score and its negative; others leave it, as a probability, to which that
// of the first class is the rest, or as a number. Probit, for which ONNX Runtime
// gives nothing useful, transforms the probability.
func twoScores(row []float64, s float64, probability bool, t score.Transform) {
	row[0], row[1] = -s, s
	switch {
	case t == score.Logistic:
		t.Apply(row)
	case t == score.Probit:
		t.Apply(row[1:])
		row[0] = -row[1]
	case probability:
		row[0] = 1 - s
	}
}
