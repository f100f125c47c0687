// Package ml holds the operators of the domain ai.onnx.ml: classical models
// (tree ensembles, linear models, support vector machines) and what stands
// around them (scaling, imputing, encoding of categories, dictionaries).
//
// Models are evaluated in float64, whatever the input's type; the standard's
// output type is float32 for most.
package ml

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/cast"
	"github.com/seed6700ada1/infer/runtime/kernel/score"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// domain is the operators' domain.
const domain = "ai.onnx.ml"

// Ops lists the definitions of this family.
var Ops = slices.Concat(
	arrayFeatureExtractorDefs,
	binarizerDefs,
	castMapDefs,
	categoryMapperDefs,
	dictVectorizerDefs,
	featureVectorizerDefs,
	imputerDefs,
	labelEncoderDefs,
	linearClassifierDefs,
	linearRegressorDefs,
	normalizerDefs,
	oneHotEncoderDefs,
	scalerDefs,
	svmClassifierDefs,
	svmRegressorDefs,
	treeEnsembleDefs,
	treeEnsembleClassifierDefs,
	treeEnsembleRegressorDefs,
	zipMapDefs,
)

// def defines an operator of one input.
func def(name string, since, outputs int, infer func(*ops.Inference) error, compile func(*ops.Node) (ops.Compiled, error)) ops.Def {
	return ops.Def{
		Name: name, Domain: domain, Since: since,
		MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: outputs,
		Infer: infer, Compile: compile,
	}
}

// numbers reads input i as float64, whatever number type it has.
func numbers(c *ops.Call, i int) (*tensor.Tensor, []float64, error) {
	t, err := c.Need(i)
	if err != nil {
		return nil, nil, err
	}
	if t.DType() == tensor.String {
		return nil, nil, fmt.Errorf("input %d is %v, expected numbers", i, t)
	}
	data := make([]float64, t.Len())
	wide, err := tensor.FromSlice(data, t.Shape()...)
	if err != nil {
		return nil, nil, err
	}
	if err := cast.Convert(c.Pool, wide, t, cast.Options{}); err != nil {
		return nil, nil, fmt.Errorf("input %d: %w", i, err)
	}
	return t, data, nil
}

// matrix reads input 0 as rows of features; a vector is one row.
func matrix(c *ops.Call) (data []float64, rows, features int, err error) {
	t, data, err := numbers(c, 0)
	if err != nil {
		return nil, 0, 0, err
	}
	switch t.Rank() {
	case 1:
		return data, 1, t.Dim(0), nil
	case 2:
		return data, t.Dim(0), t.Dim(1), nil
	}
	return nil, 0, 0, fmt.Errorf("input has rank %d, expected 1 or 2", t.Rank())
}

// rowsOf is the number of rows that [matrix] finds in input 0.
func rowsOf(n *ops.Inference) (onnx.Dim, error) {
	shape, ok := n.Input(0).Dims()
	switch {
	case !ok:
		return onnx.UnknownDim(), nil
	case len(shape) == 1:
		return onnx.Known(1), nil
	case len(shape) == 2:
		return shape[0], nil
	}
	return onnx.UnknownDim(), fmt.Errorf("input has rank %d, expected 1 or 2", len(shape))
}

// write makes output i, of any number type, of values.
func write(c *ops.Call, i int, d tensor.DType, values []float64, shape ...int) error {
	if !c.Wants(i) {
		return nil
	}
	out, err := c.Output(i, d, shape...)
	if err != nil {
		return err
	}
	wide, err := tensor.FromSlice(values, shape...)
	if err != nil {
		return err
	}
	return cast.Convert(c.Pool, out, wide, cast.Options{})
}

// widen is a list of floats as float64.
func widen(list []float32) []float64 {
	if list == nil {
		return nil
	}
	out := make([]float64, len(list))
	for i, v := range list {
		out[i] = float64(v)
	}
	return out
}

// postTransform reads the attribute post_transform.
func postTransform(a *ops.Attrs) score.Transform {
	names := []string{"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"}
	return score.Transform(slices.Index(names, a.OneOf("post_transform", names...)))
}

// classes are the labels of a classifier: strings, integers, or, where the node
// has neither, the numbers of the classes.
type classes struct {
	strings []string
	ints    []int
}

func readClasses(a *ops.Attrs, stringsName, intsName string) classes {
	return classes{strings: a.Strings(stringsName), ints: a.Ints(intsName)}
}

// len is the number of labels; 0 where the node has none.
func (l classes) len() int { return max(len(l.strings), len(l.ints)) }

// dtype is the type of the output that holds labels.
func (l classes) dtype() tensor.DType {
	if l.strings != nil {
		return tensor.String
	}
	return tensor.Int64
}

// write makes output 0 the labels of a list of classes.
func (l classes) write(c *ops.Call, list []int) error {
	if !c.Wants(0) {
		return nil
	}
	out, err := c.Output(0, l.dtype(), len(list))
	if err != nil {
		return err
	}
	if l.strings != nil {
		data, err := tensor.Data[string](out)
		for i, k := range list {
			data[i] = l.strings[k]
		}
		return err
	}
	data, err := tensor.Data[int64](out)
	for i, k := range list {
		if data[i] = int64(k); l.ints != nil {
			data[i] = int64(l.ints[k])
		}
	}
	return err
}

// inferClassifier gives the types of a classifier's outputs: labels, and width
// scores.
func inferClassifier(n *ops.Inference, l classes, width onnx.Dim) error {
	rows, err := rowsOf(n)
	if err != nil {
		return err
	}
	n.Set(0, l.dtype(), rows)
	n.Set(1, tensor.Float32, rows, width)
	return n.Err()
}

// argmax is the place of the largest element, the first of equal ones.
func argmax[T int | float64](list []T) int {
	best := 0
	for i, v := range list {
		if v > list[best] {
			best = i
		}
	}
	return best
}
