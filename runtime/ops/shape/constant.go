package shape

import (
	"errors"
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/strided"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Constant gives the tensor that one of its attributes holds (ONNX operator
// spec, Constant-25).
//
//	1  value
//	11 sparse_value
//	12 value_int, value_ints, value_float, value_floats, value_string, value_strings
var constantDefs = []ops.Def{{
	Name: "Constant", Since: 1,
	MinInputs: 0, MaxInputs: 0, MinOutputs: 1, MaxOutputs: 1,
	Infer:   inferConstant,
	Compile: compileConstant,
}}

func inferConstant(n *ops.Inference) error {
	v, err := constantValue(n.Attrs)
	if err != nil {
		return err
	}
	n.Set(0, v.DType(), dims.Of(v.Shape())...)
	if list, err := ops.IntsOf(v); err == nil && v.Rank() <= 1 && v.Len() <= 1024 {
		n.SetValue(0, fromInts(list))
	}
	return nil
}

func compileConstant(n *ops.Node) (ops.Compiled, error) {
	v, err := constantValue(n.Attrs)
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		out, err := c.Output(0, v.DType(), v.Shape()...)
		if err != nil {
			return err
		}
		dst := cells.Dest(out)
		strided.New([]int{v.Len()}, []int{1}, []int{1}, 0, 0).Run(c.Pool, dst, cells.Load(v))
		dst.Flush()
		return nil
	}), nil
}

// constantValue reads the one attribute that holds the value.
func constantValue(a *ops.Attrs) (*tensor.Tensor, error) {
	v, err := valueOf(a)
	if err := a.Err(); err != nil {
		return nil, err
	}
	return v, err
}

func valueOf(a *ops.Attrs) (*tensor.Tensor, error) {
	switch {
	case a.Has("value"):
		return a.Tensor("value"), nil
	case a.Has("value_int"):
		return tensor.Scalar(a.Int("value_int", 0)), nil
	case a.Has("value_float"):
		return tensor.Scalar(a.Float("value_float", 0)), nil
	case a.Has("value_string"):
		return tensor.Scalar(a.String("value_string", "")), nil
	case a.Has("value_ints"):
		list := a.Ints("value_ints")
		out := make([]int64, len(list))
		for i, v := range list {
			out[i] = int64(v)
		}
		return tensor.Vector(out...), nil
	case a.Has("value_floats"):
		return tensor.Vector(a.Floats("value_floats")...), nil
	case a.Has("value_strings"):
		return tensor.Vector(a.Strings("value_strings")...), nil
	case a.Has("sparse_value"):
		attr := a.Proto().Attribute("sparse_value")
		if attr.Type != onnx.AttrSparseTensor || attr.SparseTensor == nil {
			return nil, errors.New("attribute \"sparse_value\" holds no sparse tensor")
		}
		return Dense(attr.SparseTensor)
	}
	return nil, errors.New("none of the attributes that hold a value is there")
}

// maxDense bounds the bytes that a sparse constant may take when it is spread.
const maxDense = 1 << 30

// Dense spreads a sparse tensor: its values at their indices, zeros elsewhere.
func Dense(s *onnx.SparseTensor) (*tensor.Tensor, error) {
	if s.Values == nil || s.Indices == nil {
		return nil, errors.New("sparse tensor lacks values or indices")
	}
	values, err := s.Values.Value()
	if err != nil {
		return nil, fmt.Errorf("values of sparse tensor: %w", err)
	}
	indices, err := s.Indices.Value()
	if err != nil {
		return nil, fmt.Errorf("indices of sparse tensor: %w", err)
	}
	shape := make([]int, len(s.Dims))
	for i, d := range s.Dims {
		shape[i] = int(d)
	}
	if err := ops.CheckSize(values.DType(), shape, maxDense); err != nil {
		return nil, err
	}
	out, err := tensor.New(values.DType(), shape...)
	if err != nil {
		return nil, err
	}
	places, err := linear(indices, values.Len(), shape)
	if err != nil {
		return nil, err
	}
	dst, src := cells.Dest(out), cells.Load(values)
	for i, at := range places {
		if at < 0 || at >= out.Len() {
			return nil, fmt.Errorf("index %d of sparse tensor lies outside shape %v", i, shape)
		}
		strided.New(nil, nil, nil, at, i).Run(nil, dst, src)
	}
	dst.Flush()
	return out, nil
}

// linear reads the indices of a sparse tensor as places in the dense one: they
// are stored so, [n], or as coordinates, [n, rank].
func linear(indices *tensor.Tensor, n int, shape []int) ([]int, error) {
	list, err := ops.IntsOf(indices)
	if err != nil {
		return nil, fmt.Errorf("indices of sparse tensor: %w", err)
	}
	switch {
	case indices.Rank() == 1 && len(list) == n:
		return list, nil
	case indices.Rank() != 2 || indices.Dim(0) != n || indices.Dim(1) != len(shape):
		return nil, fmt.Errorf("indices of sparse tensor have shape %v, expected [%d] or [%d,%d]", indices.Shape(), n, n, len(shape))
	}
	places := make([]int, n)
	for i := range places {
		for k, d := range shape {
			v := list[i*len(shape)+k]
			if v < 0 || v >= d {
				return nil, fmt.Errorf("index %d of sparse tensor has coordinate %d outside shape %v", i, v, shape)
			}
			places[i] = places[i]*d + v
		}
	}
	return places, nil
}
