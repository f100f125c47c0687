package onnx

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Value is the constant as a tensor, which shares the file's memory where the
// data is aligned.
func (t *Tensor) Value() (*tensor.Tensor, error) {
	shape := make([]int, len(t.Dims))
	for i, d := range t.Dims {
		shape[i] = int(d)
	}
	if !t.HasRaw {
		return nil, fmt.Errorf("onnx: tensor %q has no raw data", t.Name)
	}
	return tensor.Wrap(t.DType, t.Raw, shape...)
}
