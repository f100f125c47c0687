package emit

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Initializer adds a constant under a name made from hint.
func (b *Builder) Initializer(hint string, v *tensor.Tensor) string {
	name := b.Fresh(hint)
	b.model.Graph.Initializers = append(b.model.Graph.Initializers, onnx.NewTensor(name, v))
	b.scope.SetConst(name, v)
	return name
}

// Ints is a constant list of int64.
func (b *Builder) Ints(list ...int) string {
	values := make([]int64, len(list))
	for i, v := range list {
		values[i] = int64(v)
	}
	return b.shared(fmt.Sprint("i64", list), "axes", tensor.Vector(values...))
}

// Int is a constant int64 of rank 0.
func (b *Builder) Int(v int) string {
	return b.shared(fmt.Sprint("i", v), "int", tensor.Scalar(int64(v)))
}

// Scalar is a constant of rank 0 with the element type of another value.
func (b *Builder) Scalar(like string, v float64) string {
	return b.ScalarOf(b.DType(like), v)
}

// ScalarOf is a constant of rank 0.
func (b *Builder) ScalarOf(d tensor.DType, v float64) string {
	t := scalar(d, v)
	if t == nil {
		b.Failf("emit: no constant of type %v", d)
		return ""
	}
	return b.shared(fmt.Sprint(d, v), "const", t)
}

// shared keeps one constant of each kind.
func (b *Builder) shared(key, hint string, t *tensor.Tensor) string {
	if b.err != nil {
		return ""
	}
	if name := b.consts[key]; name != "" {
		return name
	}
	old := b.Prefix("")
	name := b.Initializer(hint, t)
	b.Prefix(old)
	b.consts[key] = name
	return name
}

func scalar(d tensor.DType, v float64) *tensor.Tensor {
	switch d {
	case tensor.Float32:
		return tensor.Scalar(float32(v))
	case tensor.Float64:
		return tensor.Scalar(v)
	case tensor.Float16:
		return tensor.Scalar(tensor.F16From(float32(v)))
	case tensor.BFloat16:
		return tensor.Scalar(tensor.BF16From(float32(v)))
	case tensor.Int64:
		return tensor.Scalar(int64(v))
	case tensor.Int32:
		return tensor.Scalar(int32(v))
	default:
		return nil
	}
}

// IntAttr makes an integer attribute.
func IntAttr(name string, v int) *onnx.Attribute {
	return &onnx.Attribute{Name: name, Type: onnx.AttrInt, Int: int64(v)}
}

// IntsAttr makes an attribute that is a list of integers.
func IntsAttr(name string, v ...int) *onnx.Attribute {
	list := make([]int64, len(v))
	for i, x := range v {
		list[i] = int64(x)
	}
	return &onnx.Attribute{Name: name, Type: onnx.AttrInts, Ints: list}
}

// FloatAttr makes a float attribute.
func FloatAttr(name string, v float32) *onnx.Attribute {
	return &onnx.Attribute{Name: name, Type: onnx.AttrFloat, Float: v}
}

// StringAttr makes a string attribute.
func StringAttr(name, v string) *onnx.Attribute {
	return &onnx.Attribute{Name: name, Type: onnx.AttrString, String: []byte(v)}
}

// Axes lists the axes from one to before another.
func Axes(from, to int) []int {
	list := make([]int, max(to-from, 0))
	for i := range list {
		list[i] = from + i
	}
	return list
}
