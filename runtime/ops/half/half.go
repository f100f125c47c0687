// Package half lets operators whose kernels know float32 take float16 and
// bfloat16: inputs are widened to scratch memory, the result is rounded.
package half

import (
	"github.com/seed6700ada1/infer/runtime/kernel/cast"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Is reports whether d is float16 or bfloat16.
func Is(d tensor.DType) bool { return d == tensor.Float16 || d == tensor.BFloat16 }

// Computed is the element type that elements of type d are computed in: float32
// for float16 and bfloat16, else d itself.
func Computed(d tensor.DType) tensor.DType {
	if Is(d) {
		return tensor.Float32
	}
	return d
}

// Run calls f, which computes in float32, on copies of the inputs and of the
// output y that are float32. Tensors of other types are passed on as they are,
// so that an operator may mix; the copy of y begins undefined, and is rounded
// to y in the end.
//
// It uses the call's scratch memory: f must not.
func Run(c *ops.Call, y *tensor.Tensor, in []*tensor.Tensor, f func(y *tensor.Tensor, in []*tensor.Tensor) error) error {
	total := 0
	for _, x := range in {
		total += wideBytes(x)
	}
	buf := c.Scratch(total + wideBytes(y))
	wide := make([]*tensor.Tensor, len(in))
	for i, x := range in {
		t, err := widened(&buf, x)
		if err != nil {
			return err
		}
		if t != x {
			if err := cast.Convert(c.Pool, t, x, cast.Options{}); err != nil {
				return err
			}
		}
		wide[i] = t
	}
	t, err := widened(&buf, y)
	if err != nil {
		return err
	}
	if err := f(t, wide); err != nil || t == y {
		return err
	}
	return cast.Convert(c.Pool, y, t, cast.Options{})
}

// wideBytes is the scratch memory that t takes.
func wideBytes(t *tensor.Tensor) int {
	if t == nil || !Is(t.DType()) {
		return 0
	}
	return 4 * t.Len()
}

// widened is a float32 tensor of t's shape at the beginning of buf, or t itself
// where it needs none.
func widened(buf *[]byte, t *tensor.Tensor) (*tensor.Tensor, error) {
	if t == nil || !Is(t.DType()) {
		return t, nil
	}
	n := wideBytes(t)
	w, err := tensor.Wrap(tensor.Float32, (*buf)[:n:n], t.Shape()...)
	*buf = (*buf)[n:]
	return w, err
}
