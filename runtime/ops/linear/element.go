package linear

import (
	"github.com/seed6700ada1/infer/runtime/kernel/gemm"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// load is the elements of t as T: in place where they are, widened where T is
// float32 and they are float16 or bfloat16.
func load[T gemm.Number](t *tensor.Tensor) ([]T, error) {
	if t.DType() != promote(t.DType()) {
		wide, err := floats.View[float32](t)
		if same, ok := any(wide).([]T); ok && err == nil {
			return same, nil
		}
	}
	return tensor.Data[T](t)
}

// target is where a result of type T is written: see [store].
func target[T gemm.Number](t *tensor.Tensor) ([]T, error) {
	if t.DType() != promote(t.DType()) {
		if buf, ok := any(floats.Target[float32](t)).([]T); ok {
			return buf, nil
		}
	}
	return tensor.Data[T](t)
}

// store puts in t what was written to its target.
func store[T gemm.Number](t *tensor.Tensor, values []T) error {
	if wide, ok := any(values).([]float32); ok {
		return floats.Flush(t, wide)
	}
	return nil
}
