package shape

import (
	"errors"

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
		return attr.SparseTensor.Value()
	}
	return nil, errors.New("none of the attributes that hold a value is there")
}
