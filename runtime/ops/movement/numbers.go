package movement

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// number lists the element types that Go can convert to an integer.
type number interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64
}

// wholeNumbers reads a tensor of any number type of at least 8 bits as
// integers, rounded towards zero.
func wholeNumbers(t *tensor.Tensor) ([]int64, error) {
	switch t.DType() {
	case tensor.Int8:
		return convert[int64, int8](t)
	case tensor.Int16:
		return convert[int64, int16](t)
	case tensor.Int32:
		return convert[int64, int32](t)
	case tensor.Int64:
		return tensor.Data[int64](t)
	case tensor.Uint8:
		return convert[int64, uint8](t)
	case tensor.Uint16:
		return convert[int64, uint16](t)
	case tensor.Uint32:
		return convert[int64, uint32](t)
	case tensor.Uint64:
		return convert[int64, uint64](t)
	}
	list, err := realNumbers(t)
	if err != nil {
		return nil, err
	}
	out := make([]int64, len(list))
	for i, v := range list {
		out[i] = int64(v)
	}
	return out, nil
}

// realNumbers reads a tensor of a floating-point type of at least 8 bits.
func realNumbers(t *tensor.Tensor) ([]float64, error) {
	switch t.DType() {
	case tensor.Float32:
		return convert[float64, float32](t)
	case tensor.Float64:
		return tensor.Data[float64](t)
	case tensor.Float16:
		return widen(t, tensor.F16.Float32)
	case tensor.BFloat16:
		return widen(t, tensor.BF16.Float32)
	}
	return nil, fmt.Errorf("elements are %v, expected a number type", t.DType())
}

func convert[To int64 | float64, From interface {
	number
	tensor.Element
}](t *tensor.Tensor) ([]To, error) {
	data, err := tensor.Data[From](t)
	if err != nil {
		return nil, err
	}
	out := make([]To, len(data))
	for i, v := range data {
		out[i] = To(v)
	}
	return out, nil
}

func widen[T tensor.Element](t *tensor.Tensor, load func(T) float32) ([]float64, error) {
	data, err := tensor.Data[T](t)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(data))
	for i, v := range data {
		out[i] = float64(load(v))
	}
	return out, nil
}
