package ml

import (
	"errors"
	"fmt"
	"math"

	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// LabelEncoder replaces keys by values (ONNX operator spec,
// ai.onnx.ml.LabelEncoder-4).
//
//	1 strings by their place in a list, or places by strings
//	2 keys and values are lists of floats, integers or strings
//	4 or tensors
var labelEncoderDefs = []ops.Def{
	def("LabelEncoder", 1, 1, inferPlaces, compilePlaces),
	def("LabelEncoder", 2, 1, inferLabels, compileLabels),
	def("LabelEncoder", 4, 1, inferLabels, compileLabels),
}

// inferMapped gives the output the input's shape and that type.
func inferMapped(n *ops.Inference, d tensor.DType) {
	n.SetDType(0, d)
	if shape, ok := n.Input(0).Dims(); ok {
		n.Set(0, d, shape...)
	}
}

// labelLists reads keys, values and default.
func labelLists(a *ops.Attrs) (keys, values, other *tensor.Tensor, err error) {
	keys, _ = labelList(a, "keys")
	values, suffix := labelList(a, "values")
	if err := a.Err(); err != nil {
		return nil, nil, nil, err
	}
	if keys == nil || values == nil {
		return nil, nil, nil, errors.New("expected one attribute \"keys_…\" and one \"values_…\"")
	}
	if other = a.Tensor("default_tensor"); other == nil {
		other, err = defaultLabel(a, values.DType(), suffix)
	}
	if e := a.Err(); e != nil {
		err = e
	}
	return keys, values, other, err
}

// labelList reads the attribute that begins with prefix, and tells how it ends.
func labelList(a *ops.Attrs, prefix string) (list *tensor.Tensor, suffix string) {
	for _, suffix := range []string{"tensor", "int64s", "strings", "floats"} {
		name := prefix + "_" + suffix
		if !a.Has(name) {
			continue
		}
		switch suffix {
		case "tensor":
			return a.Tensor(name), suffix
		case "int64s":
			return vector(a.Ints(name)), suffix
		case "strings":
			return tensor.Vector(a.Strings(name)...), suffix
		default:
			return tensor.Vector(a.Floats(name)...), suffix
		}
	}
	return nil, ""
}

// vector is a list of integers as a tensor.
func vector(list []int) *tensor.Tensor {
	out := make([]int64, len(list))
	for i, v := range list {
		out[i] = int64(v)
	}
	return tensor.Vector(out...)
}

// defaultLabel is the value of keys that are not known.
func defaultLabel(a *ops.Attrs, d tensor.DType, suffix string) (*tensor.Tensor, error) {
	negativeZero := math.Copysign(0, -1)
	switch d {
	case tensor.String:
		return tensor.Scalar(a.String("default_string", "_Unused")), nil
	case tensor.Float32:
		return tensor.Scalar(a.Float("default_float", float32(negativeZero))), nil
	case tensor.Float64:
		return tensor.Scalar(negativeZero), nil
	case tensor.Int64:
		return tensor.Scalar(a.Int("default_int64", -1)), nil
	case tensor.Int32:
		return tensor.Scalar[int32](-1), nil
	case tensor.Int16:
		return tensor.Scalar[int16](-1), nil
	}
	return nil, fmt.Errorf("attribute \"values_%s\" holds %v", suffix, d)
}

func inferLabels(n *ops.Inference) error {
	_, values, _, err := labelLists(n.Attrs)
	if err != nil {
		return err
	}
	inferMapped(n, values.DType())
	return nil
}

func compileLabels(n *ops.Node) (ops.Compiled, error) {
	keys, values, other, err := labelLists(n.Attrs)
	if err != nil {
		return nil, err
	}
	return newMapping(keys, values, other)
}

// twoWay maps strings to integers or back, whichever the input asks for.
type twoWay struct{ toInts, toStrings *mapping }

func (m twoWay) Run(c *ops.Call) error {
	if t := c.Input(0); t != nil && t.DType() == tensor.String {
		return m.toInts.Run(c)
	}
	return m.toStrings.Run(c)
}

// inferTwoWay is the inference of operators that map strings to integers and
// back.
func inferTwoWay(n *ops.Inference) error {
	switch n.Input(0).DType() {
	case tensor.String:
		inferMapped(n, tensor.Int64)
	case tensor.Int64:
		inferMapped(n, tensor.String)
	}
	return nil
}

func inferPlaces(n *ops.Inference) error { return inferTwoWay(n) }

// newTwoWay makes the mappings between two lists of one length.
func newTwoWay(a *ops.Attrs, words []string, numbers []int) (ops.Compiled, error) {
	var m twoWay
	var err error
	strs, ints := tensor.Vector(words...), vector(numbers)
	if m.toInts, err = newMapping(strs, ints, tensor.Scalar(a.Int("default_int64", -1))); err != nil {
		return nil, err
	}
	if m.toStrings, err = newMapping(ints, strs, tensor.Scalar(a.String("default_string", "_Unused"))); err != nil {
		return nil, err
	}
	return m, a.Err()
}

func compilePlaces(n *ops.Node) (ops.Compiled, error) {
	words := n.Strings("classes_strings")
	places := make([]int, len(words))
	for i := range places {
		places[i] = i
	}
	return newTwoWay(n.Attrs, words, places)
}

// CategoryMapper maps strings to integers and back, by two lists (ONNX operator
// spec, ai.onnx.ml.CategoryMapper-1).
var categoryMapperDefs = []ops.Def{def("CategoryMapper", 1, 1, inferTwoWay, func(n *ops.Node) (ops.Compiled, error) {
	return newTwoWay(n.Attrs, n.Strings("cats_strings"), n.Ints("cats_int64s"))
})}
