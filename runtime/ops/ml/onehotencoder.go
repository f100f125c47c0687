package ml

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// OneHotEncoder replaces each element by a list with a 1 at the place of its
// category and zeros elsewhere; numbers are cut to integers first (ONNX operator
// spec, ai.onnx.ml.OneHotEncoder-1).
var oneHotEncoderDefs = []ops.Def{def("OneHotEncoder", 1, 1, inferOneHotEncoder, compileOneHotEncoder)}

// categories reads the list of categories.
func categories(a *ops.Attrs) (*tensor.Tensor, error) {
	words, numbers := a.Strings("cats_strings"), a.Ints("cats_int64s")
	if err := a.Err(); err != nil {
		return nil, err
	}
	if (words == nil) == (numbers == nil) {
		return nil, errors.New("expected one of the attributes \"cats_strings\" and \"cats_int64s\"")
	}
	if words != nil {
		return tensor.Vector(words...), nil
	}
	return vector(numbers), nil
}

func inferOneHotEncoder(n *ops.Inference) error {
	cats, err := categories(n.Attrs)
	if err != nil {
		return err
	}
	n.SetDType(0, tensor.Float32)
	if shape, ok := n.Input(0).Dims(); ok {
		n.Set(0, tensor.Float32, append(slices.Clone(shape), onnx.Known(cats.Len()))...)
	}
	return nil
}

func compileOneHotEncoder(n *ops.Node) (ops.Compiled, error) {
	cats, err := categories(n.Attrs)
	if err != nil {
		return nil, err
	}
	keys, err := newLookup(cats)
	if err != nil {
		return nil, err
	}
	lenient := n.Bool("zeros", true)
	return ops.RunFunc(func(c *ops.Call) error {
		in, err := c.Need(0)
		if err != nil {
			return err
		}
		keyed := in
		if in.DType() != tensor.String && keys.ints != nil {
			list, err := wideNumbers[int64](in)
			if err != nil {
				return err
			}
			if keyed, err = tensor.FromSlice(list, in.Shape()...); err != nil {
				return err
			}
		}
		list, err := keys.find(keyed)
		if err != nil {
			return err
		}
		out, err := c.Output(0, tensor.Float32, append(slices.Clone(in.Shape()), keys.n)...)
		if err != nil {
			return err
		}
		data, err := tensor.Data[float32](out)
		if err != nil {
			return err
		}
		clear(data)
		for i, k := range list {
			if k < keys.n {
				data[i*keys.n+k] = 1
			} else if !lenient {
				return fmt.Errorf("element %d is none of the categories", i)
			}
		}
		return nil
	}), n.Err()
}
