package ml

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/score"
	"github.com/seed6700ada1/infer/runtime/kernel/svm"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// readKernel reads kernel_type and kernel_params.
func readKernel(a *ops.Attrs) svm.Kernel {
	names := []string{"LINEAR", "POLY", "RBF", "SIGMOID"}
	k := svm.Kernel{Kind: svm.Kind(slices.Index(names, a.OneOf("kernel_type", names...)))}
	switch p := widen(a.Floats("kernel_params")); len(p) {
	case 0:
	case 3:
		k.Gamma, k.Coef0, k.Degree = p[0], p[1], p[2]
	default:
		a.Fail(fmt.Errorf("attribute \"kernel_params\" has %d elements, expected 3", len(p)))
	}
	return k
}

// SVMRegressor gives a weighted sum of the kernel function of the features and
// each support vector, or, without support vectors, of the features; for one
// class, whether it is positive (1) or not (-1) (ONNX operator spec,
// ai.onnx.ml.SVMRegressor-1).
var svmRegressorDefs = []ops.Def{def("SVMRegressor", 1, 1, inferSVMRegressor, compileSVMRegressor)}

func inferSVMRegressor(n *ops.Inference) error {
	rows, err := rowsOf(n)
	n.Set(0, tensor.Float32, rows, onnx.Known(1))
	return err
}

func compileSVMRegressor(n *ops.Node) (ops.Compiled, error) {
	kernel, transform := readKernel(n.Attrs), postTransform(n.Attrs)
	coefs, vectors, rho := widen(n.Floats("coefficients")), widen(n.Floats("support_vectors")), widen(n.Floats("rho"))
	supports, oneClass := int(n.Int("n_supports", 0)), n.Bool("one_class", false)
	if err := n.Err(); err != nil {
		return nil, err
	}
	if len(rho) != 1 {
		return nil, fmt.Errorf("attribute \"rho\" has %d elements, expected 1", len(rho))
	}
	if supports == 0 { // the coefficients are the one vector
		kernel.Kind, supports, vectors, coefs = svm.Linear, 1, coefs, []float64{1}
	}
	if supports < 0 || len(coefs) != supports || len(vectors)%supports != 0 {
		return nil, fmt.Errorf("there are %d support vectors of %d numbers in all, and %d coefficients", supports, len(vectors), len(coefs))
	}
	return ops.RunFunc(func(c *ops.Call) error {
		x, rows, features, err := matrix(c)
		if err != nil {
			return err
		}
		if features*supports != len(vectors) {
			return fmt.Errorf("input has %d features, expected %d", features, len(vectors)/supports)
		}
		out := make([]float64, rows)
		for r := range out {
			s := rho[0]
			for i, w := range coefs {
				s += w * kernel.Eval(x[r*features:(r+1)*features], vectors[i*features:(i+1)*features])
			}
			switch {
			case oneClass && s > 0:
				s = 1
			case oneClass:
				s = -1
			}
			out[r] = s
			transform.Apply(out[r : r+1])
		}
		return write(c, 0, tensor.Float32, out, rows, 1)
	}), nil
}

// SVMClassifier lets support vectors decide between each two classes, and takes
// the class that wins most often; or, without support vectors, scores each class
// by a weighted sum (ONNX operator spec, ai.onnx.ml.SVMClassifier-1).
var svmClassifierDefs = []ops.Def{def("SVMClassifier", 1, 2, inferSVMClassifier, compileSVMClassifier)}

// svmClassifier is a compiled SVMClassifier.
type svmClassifier struct {
	svm.Classifier
	labels    classes
	transform score.Transform
	features  int
}

func readSVMClassifier(a *ops.Attrs) (*svmClassifier, error) {
	m := &svmClassifier{
		labels: readClasses(a, "classlabels_strings", "classlabels_ints"), transform: postTransform(a),
		Classifier: svm.Classifier{
			Kernel: readKernel(a), Vectors: widen(a.Floats("support_vectors")), PerClass: a.Ints("vectors_per_class"),
			Coefs: widen(a.Floats("coefficients")), Rho: widen(a.Floats("rho")),
			ProbA: widen(a.Floats("prob_a")), ProbB: widen(a.Floats("prob_b")),
		},
	}
	if err := a.Err(); err != nil {
		return nil, err
	}
	if len(m.Rho) == 0 || len(m.Coefs) == 0 {
		return nil, errors.New("attribute \"rho\" or \"coefficients\" is missing")
	}
	if m.linear() {
		return m, m.checkLinear()
	}
	return m, m.checkPairs()
}

// linear tells that there are no support vectors.
func (m *svmClassifier) linear() bool { return m.PerClass == nil }

func (m *svmClassifier) checkLinear() error {
	n := max(m.labels.len(), 1)
	if len(m.Coefs)%n != 0 {
		return fmt.Errorf("attribute \"coefficients\" has %d elements for %d classes", len(m.Coefs), n)
	}
	m.features = len(m.Coefs) / n
	return nil
}

func (m *svmClassifier) checkPairs() error {
	total := 0
	for _, n := range m.PerClass {
		if n < 0 || n > math.MaxInt32 {
			return fmt.Errorf("attribute \"vectors_per_class\" has entry %d", n)
		}
		total += n
	}
	n := len(m.PerClass)
	switch {
	case n < 2 || total == 0 || n > 1<<12:
		return fmt.Errorf("there are %d support vectors of %d classes", total, n)
	case m.labels.len() != 0 && m.labels.len() != n:
		return fmt.Errorf("there are %d labels for %d classes", m.labels.len(), n)
	case len(m.Coefs) != (n-1)*total:
		return fmt.Errorf("attribute \"coefficients\" has %d elements, expected %d for %d support vectors", len(m.Coefs), (n-1)*total, total)
	case len(m.Vectors)%total != 0:
		return fmt.Errorf("attribute \"support_vectors\" has %d elements for %d support vectors", len(m.Vectors), total)
	case len(m.Rho) != m.Pairs():
		return fmt.Errorf("attribute \"rho\" has %d elements for %d pairs of classes", len(m.Rho), m.Pairs())
	case len(m.ProbA) != len(m.ProbB) || len(m.ProbA) != 0 && len(m.ProbA) != m.Pairs():
		return fmt.Errorf("attributes \"prob_a\" and \"prob_b\" have %d and %d elements for %d pairs of classes", len(m.ProbA), len(m.ProbB), m.Pairs())
	}
	m.features = len(m.Vectors) / total
	return nil
}

// width is the number of scores of a row.
func (m *svmClassifier) width() int {
	switch {
	case m.linear():
		return max(m.labels.len(), 1)
	case len(m.ProbA) > 0:
		return len(m.PerClass)
	case len(m.PerClass) == 2: // the pair's score, and its negative
		return 2
	}
	return m.Pairs()
}

func inferSVMClassifier(n *ops.Inference) error {
	m, err := readSVMClassifier(n.Attrs)
	if err != nil {
		return err
	}
	return inferClassifier(n, m.labels, onnx.Known(m.width()))
}

func compileSVMClassifier(n *ops.Node) (ops.Compiled, error) { return readSVMClassifier(n.Attrs) }

// Run classifies the rows of input 0.
func (m *svmClassifier) Run(c *ops.Call) error {
	x, rows, features, err := matrix(c)
	if err != nil {
		return err
	}
	if features != m.features {
		return fmt.Errorf("input has %d features, expected %d", features, m.features)
	}
	width := m.width()
	if err := ops.CheckSize(tensor.Float64, []int{rows, width}, maxBytes); err != nil {
		return err
	}
	scores, best := make([]float64, rows*width), make([]int, rows)
	pairs, wins := make([]float64, m.Pairs()), make([]int, len(m.PerClass))
	for r := range best {
		row, out := x[r*features:(r+1)*features], scores[r*width:(r+1)*width]
		if m.linear() {
			best[r] = m.weigh(out, row)
			continue
		}
		m.Decide(pairs, wins, row)
		best[r] = m.conclude(out, pairs, wins)
	}
	if err := m.labels.write(c, best); err != nil {
		return err
	}
	return write(c, 1, tensor.Float32, scores, rows, width)
}

// weigh scores each class by a weighted sum of the features, and gives the best.
func (m *svmClassifier) weigh(scores, row []float64) int {
	for k := range scores {
		scores[k] = m.Rho[0]
		for i, v := range row {
			scores[k] += v * m.Coefs[k*len(row)+i]
		}
	}
	best := argmax(scores)
	if m.labels.len() == 0 && scores[0] > 0 { // positive or not
		best = 1
	}
	m.transform.Apply(scores)
	return best
}

// conclude turns the scores of pairs into those of the output, and gives the
// best class.
func (m *svmClassifier) conclude(scores, pairs []float64, wins []int) int {
	switch {
	case len(m.ProbA) > 0:
		m.Probabilities(scores, pairs)
		m.transform.Apply(scores)
	case len(pairs) == 1:
		twoScores(scores, pairs[0], m.transform != score.None, m.transform)
	default:
		copy(scores, pairs)
		m.transform.Apply(scores)
	}
	return argmax(wins)
}
