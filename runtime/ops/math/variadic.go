package math

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/half"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// variadic is an operator of one or more inputs that broadcast: a binary
// operation applied from left to right.
type variadic struct {
	binary
	// mean divides the result by the number of inputs.
	mean bool
}

// variadicDefs defines Max, Min, Sum and Mean (ONNX operator spec, Max-13,
// Mean-13). The extreme of anything with NaN is NaN. Before version 8 the
// inputs must have one shape, which broadcasting includes.
func variadicDefs() []ops.Def {
	largest := variadic{binary: binary{value: known(maxDim), kernels: []binaryKernel{
		two(elementwise.Max[float32]()), two(elementwise.Max[float64]()),
		two(elementwise.Max[int64]()), two(elementwise.Max[int32]()), two(elementwise.Max[int16]()), two(elementwise.Max[int8]()),
		two(elementwise.Max[uint64]()), two(elementwise.Max[uint32]()), two(elementwise.Max[uint16]()), two(elementwise.Max[uint8]()),
	}}}
	smallest := variadic{binary: binary{value: known(minDim), kernels: []binaryKernel{
		two(elementwise.Min[float32]()), two(elementwise.Min[float64]()),
		two(elementwise.Min[int64]()), two(elementwise.Min[int32]()), two(elementwise.Min[int16]()), two(elementwise.Min[int8]()),
		two(elementwise.Min[uint64]()), two(elementwise.Min[uint32]()), two(elementwise.Min[uint16]()), two(elementwise.Min[uint8]()),
	}}}
	sum := variadic{binary: binary{kernels: []binaryKernel{
		two(elementwise.Add[float32]()), two(elementwise.Add[float64]()),
	}}}
	mean := sum
	mean.mean = true
	return slices.Concat(
		at(largest.def("Max"), 1, 6, 8, 12, 13),
		at(smallest.def("Min"), 1, 6, 8, 12, 13),
		at(sum.def("Sum"), 1, 6, 8, 13),
		at(mean.def("Mean"), 1, 6, 8, 13),
	)
}

func (op variadic) def(name string) ops.Def {
	op.grain = elementwise.GrainCheap
	return ops.Def{
		Name: name, MinInputs: 1, MaxInputs: ops.Variadic, MinOutputs: 1, MaxOutputs: 1,
		Infer:   op.infer,
		Compile: func(n *ops.Node) (ops.Compiled, error) { return op, n.Err() },
	}
}

func (op variadic) infer(n *ops.Inference) error {
	d, err := commonType(n.Inputs...)
	if err != nil || d == tensor.Undefined {
		return err
	}
	if _, err := op.find(d); err != nil {
		return err
	}
	shapes := make([][]onnx.Dim, len(n.Inputs))
	for i, a := range n.Inputs {
		shape, ok := a.Dims()
		if !ok {
			n.SetDType(0, d)
			return nil
		}
		shapes[i] = shape
	}
	shape, err := dims.Broadcast(shapes...)
	if err != nil {
		return err
	}
	n.Set(0, d, shape...)
	if op.value != nil && len(n.Inputs) == 2 {
		setValue(n, shape, op.value)
	}
	return nil
}

// Run computes output 0 from all inputs.
func (op variadic) Run(c *ops.Call) error {
	inputs := make([]*tensor.Tensor, len(c.Inputs))
	shapes := make([][]int, len(c.Inputs))
	for i := range inputs {
		x, err := c.Need(i)
		if err != nil {
			return err
		}
		if x.DType() != c.Input(0).DType() {
			return mismatch(c.Input(0).DType(), x.DType())
		}
		inputs[i], shapes[i] = x, x.Shape()
	}
	d := inputs[0].DType()
	k, err := op.find(d)
	if err != nil {
		return err
	}
	shape, err := elementwise.Shape(nil, shapes...)
	if err != nil {
		return err
	}
	y, err := c.Output(0, d, shape...)
	if err != nil {
		return err
	}
	if k.in() == d {
		return op.fold(c, k, y, inputs)
	}
	return half.Run(c, y, inputs, func(y *tensor.Tensor, in []*tensor.Tensor) error {
		return op.fold(c, k, y, in)
	})
}

// fold applies the kernel from left to right, the output holding what is done.
func (op variadic) fold(c *ops.Call, k binaryKernel, y *tensor.Tensor, in []*tensor.Tensor) error {
	if len(in) == 1 {
		copy(y.Bytes(), in[0].Bytes())
		return nil
	}
	acc := in[0]
	for _, x := range in[1:] {
		var l elementwise.Layout
		if err := l.Broadcast(y.Shape(), acc.Shape(), x.Shape()); err != nil {
			return err
		}
		if err := k.run(c.Pool, op.grain, &l, y, acc, x); err != nil {
			return err
		}
		acc = y
	}
	if op.mean {
		return divideBy(y, len(in))
	}
	return nil
}

func divideBy(y *tensor.Tensor, n int) error {
	if y.DType() == tensor.Float64 {
		return divideIn[float64](y, n)
	}
	return divideIn[float32](y, n)
}

func divideIn[T elementwise.Float](y *tensor.Tensor, n int) error {
	data, err := dataOf[T](y)
	if err != nil {
		return err
	}
	elementwise.Div[T]().VS(data, data, T(n))
	return nil
}

// dataOf is tensor.Data for floating-point types.
func dataOf[T elementwise.Float](t *tensor.Tensor) ([]T, error) { return tensor.Data[T](t) }

// known lifts an operation on numbers to dimensions, unknown where one is.
func known(f func(a, b int64) int64) func(a, b onnx.Dim) onnx.Dim {
	return func(a, b onnx.Dim) onnx.Dim {
		switch {
		case a.IsKnown() && b.IsKnown():
			return onnx.Known(int(f(a.Value, b.Value)))
		case dims.Equal(a, b):
			return a
		}
		return onnx.UnknownDim()
	}
}

func maxDim(a, b int64) int64 { return max(a, b) }
func minDim(a, b int64) int64 { return min(a, b) }
