// Package floats lets an operator that computes in float32 or float64 read and
// write tensors of every floating-point type.
//
// A tensor whose elements already have the type of the computation is used in
// place; others pass through a buffer: float16, bfloat16 and the float8 types
// are computed in float32, as the ONNX standard's reference does for most
// operators.
package floats

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Float lists the types that operators compute in.
type Float interface{ float32 | float64 }

// Is reports whether d is a type that the package reads and writes.
func Is(d tensor.DType) bool {
	switch d {
	case tensor.Float32, tensor.Float64, tensor.Float16, tensor.BFloat16:
		return true
	default:
		return narrow8(d)
	}
}

func narrow8(d tensor.DType) bool {
	switch d {
	case tensor.Float8E4M3FN, tensor.Float8E4M3FNUZ, tensor.Float8E5M2, tensor.Float8E5M2FNUZ, tensor.Float8E8M0:
		return true
	default:
		return false
	}
}

// View is the elements of t as T: t's own memory where it holds T, else a copy.
func View[T Float](t *tensor.Tensor) ([]T, error) {
	if t == nil {
		return nil, nil
	}
	if t.DType() == tensor.TypeOf[T]() {
		return tensor.Data[T](t)
	}
	dst := make([]T, t.Len())
	switch t.DType() {
	case tensor.Float32:
		return widen(dst, t, func(v float32) T { return T(v) })
	case tensor.Float64:
		return widen(dst, t, func(v float64) T { return T(v) })
	case tensor.Float16:
		return widen(dst, t, func(v tensor.F16) T { return T(v.Float32()) })
	case tensor.BFloat16:
		return widen(dst, t, func(v tensor.BF16) T { return T(v.Float32()) })
	case tensor.Float8E4M3FN:
		return widen(dst, t, func(v tensor.F8E4M3FN) T { return T(v.Float32()) })
	case tensor.Float8E4M3FNUZ:
		return widen(dst, t, func(v tensor.F8E4M3FNUZ) T { return T(v.Float32()) })
	case tensor.Float8E5M2:
		return widen(dst, t, func(v tensor.F8E5M2) T { return T(v.Float32()) })
	case tensor.Float8E5M2FNUZ:
		return widen(dst, t, func(v tensor.F8E5M2FNUZ) T { return T(v.Float32()) })
	case tensor.Float8E8M0:
		return widen(dst, t, func(v tensor.F8E8M0) T { return T(v.Float32()) })
	default:
		return nil, fmt.Errorf("elements are %v, expected a floating-point type", t.DType())
	}
}

func widen[S tensor.Element, T Float](dst []T, t *tensor.Tensor, f func(S) T) ([]T, error) {
	src, err := tensor.Data[S](t)
	if err != nil {
		return nil, err
	}
	for i, v := range src {
		dst[i] = f(v)
	}
	return dst, nil
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
// rounded to nearest, ties to even. Values beyond a float8 type's range become
// infinite, or NaN.
func Flush[T Float](t *tensor.Tensor, values []T) error {
	if t.DType() == tensor.TypeOf[T]() {
		return nil
	}
	switch t.DType() {
	case tensor.Float32:
		return narrow(t, values, func(v T) float32 { return float32(v) })
	case tensor.Float64:
		return narrow(t, values, func(v T) float64 { return float64(v) })
	case tensor.Float16:
		return narrow(t, values, func(v T) tensor.F16 { return tensor.F16From(float32(v)) })
	case tensor.BFloat16:
		return narrow(t, values, func(v T) tensor.BF16 { return tensor.BF16From(float32(v)) })
	case tensor.Float8E4M3FN:
		return narrow(t, values, func(v T) tensor.F8E4M3FN { return tensor.F8E4M3FNFrom(float32(v), false) })
	case tensor.Float8E4M3FNUZ:
		return narrow(t, values, func(v T) tensor.F8E4M3FNUZ { return tensor.F8E4M3FNUZFrom(float32(v), false) })
	case tensor.Float8E5M2:
		return narrow(t, values, func(v T) tensor.F8E5M2 { return tensor.F8E5M2From(float32(v), false) })
	case tensor.Float8E5M2FNUZ:
		return narrow(t, values, func(v T) tensor.F8E5M2FNUZ { return tensor.F8E5M2FNUZFrom(float32(v), false) })
	default:
		return fmt.Errorf("cannot store floating-point results as %v", t.DType())
	}
}

func narrow[S tensor.Element, T Float](t *tensor.Tensor, values []T, f func(T) S) error {
	dst, err := tensor.Data[S](t)
	if err != nil {
		return err
	}
	for i := range dst {
		dst[i] = f(values[i])
	}
	return nil
}
