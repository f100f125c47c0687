package movement

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/cast"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// wholeNumbers reads a tensor of any number type as integers, rounded towards
// zero.
func wholeNumbers(t *tensor.Tensor) ([]int64, error) { return numbersAs[int64](t) }

// realNumbers reads a tensor of any number type as float64.
func realNumbers(t *tensor.Tensor) ([]float64, error) { return numbersAs[float64](t) }

func numbersAs[T int64 | float64](t *tensor.Tensor) ([]T, error) {
	if t.DType() == tensor.TypeOf[T]() {
		return tensor.Data[T](t)
	}
	if t.DType() == tensor.String {
		return nil, fmt.Errorf("elements are %v, expected numbers", t.DType())
	}
	out := make([]T, t.Len())
	wide, err := tensor.FromSlice(out, t.Shape()...)
	if err != nil {
		return nil, err
	}
	return out, cast.Convert(nil, wide, t, cast.Options{})
}
