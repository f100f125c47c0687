// Package floats lets an operator that computes in float32 or float64 read and
// write tensors of every real type.
//
// A tensor whose elements already have the type of the computation is used in
// place; others pass through a buffer: float16, bfloat16 and narrower types are
// computed in float32, as the ONNX standard's reference does for most
// operators.
package floats

import (
	"github.com/seed6700ada1/infer/runtime/kernel/cast"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Float lists the types that operators compute in.
type Float interface{ float32 | float64 }

// View is the elements of t as T: t's own memory where it holds T, else a copy;
// nil where t is nil.
func View[T Float](t *tensor.Tensor) ([]T, error) {
	if t == nil {
		return nil, nil
	}
	if t.DType() == tensor.TypeOf[T]() {
		return tensor.Data[T](t)
	}
	values := make([]T, t.Len())
	if err := cast.Convert(nil, tensor.Vector(values...), t, cast.Options{}); err != nil {
		return nil, err
	}
	return values, nil
}

// Target is where an operator writes the elements of t: t's own memory where it
// holds T, else a buffer of zeros that [Flush] stores.
func Target[T Float](t *tensor.Tensor) []T {
	if own, err := tensor.Data[T](t); err == nil {
		return own
	}
	return make([]T, t.Len())
}

// Flush stores in t what was written to the slice that [Target] gave for it,
// rounded to nearest, ties to even; float8 types saturate.
func Flush[T Float](t *tensor.Tensor, values []T) error {
	if t.DType() == tensor.TypeOf[T]() {
		return nil
	}
	return cast.Convert(nil, t, tensor.Vector(values...), cast.Options{})
}
