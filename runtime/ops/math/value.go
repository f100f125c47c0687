package math

import (
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// maxValue is the number of elements up to which the values of shape arithmetic
// are followed.
const maxValue = 64

// valueOf is what is known of the elements of an integer input: its symbolic
// value or its constant, of which negative elements, which are no sizes, count
// as unknown. It is nil where nothing is known.
func valueOf(a ops.Arg) []onnx.Dim {
	if a.Value != nil {
		return a.Value
	}
	if a.Const == nil || a.Const.Rank() > 1 || a.Const.Len() > maxValue {
		return nil
	}
	if a.Const.DType() == tensor.Bool {
		return boolsOf(a.Const)
	}
	ints, err := ops.IntsOf(a.Const)
	if err != nil {
		return nil
	}
	list := make([]onnx.Dim, len(ints))
	for i, v := range ints {
		list[i] = onnx.UnknownDim()
		if v >= 0 {
			list[i] = onnx.Known(v)
		}
	}
	return list
}

// boolsOf is a constant of booleans as 0 and 1.
func boolsOf(t *tensor.Tensor) []onnx.Dim {
	bools, err := tensor.Data[bool](t)
	if err != nil {
		return nil
	}
	list := make([]onnx.Dim, len(bools))
	for i, v := range bools {
		if v {
			list[i] = onnx.Known(1)
		}
	}
	return list
}

// pick is element i of a value that is repeated where it has one element.
func pick(value []onnx.Dim, i int) onnx.Dim {
	if len(value) == 1 {
		i = 0
	}
	return value[i]
}

// count is the number of elements of an output of that shape whose value may be
// followed; negative where it may not.
func count(shape []onnx.Dim) int {
	switch {
	case len(shape) == 0:
		return 1
	case len(shape) == 1 && shape[0].IsKnown() && shape[0].Value <= maxValue:
		return int(shape[0].Value)
	}
	return -1
}

// fits reports whether values can be read as repeated to n elements.
func fits(n int, values ...[]onnx.Dim) bool {
	for _, v := range values {
		if v == nil || (len(v) != 1 && len(v) != n) {
			return false
		}
	}
	return n >= 0
}

// setValue follows the value of output 0, of that shape, through an operation
// on two integer inputs.
func setValue(n *ops.Inference, shape []onnx.Dim, f func(a, b onnx.Dim) onnx.Dim) {
	size := count(shape)
	a, b := valueOf(n.Input(0)), valueOf(n.Input(1))
	if !fits(size, a, b) {
		return
	}
	out := make([]onnx.Dim, size)
	for i := range out {
		out[i] = f(pick(a, i), pick(b, i))
	}
	n.SetValue(0, out)
}
