package math

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// whereDefs defines Where: x where the condition is true, else y, all three
// broadcast (ONNX operator spec, Where-16).
func whereDefs() []ops.Def {
	return at(ops.Def{
		Name: "Where", MinInputs: 3, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		InPlace: []int{1, 2},
		Infer:   inferWhere,
		Compile: func(n *ops.Node) (ops.Compiled, error) { return ops.RunFunc(runWhere), n.Err() },
	}, 9, 16)
}

func inferWhere(n *ops.Inference) error {
	if d := n.Input(0).DType(); d != tensor.Bool && d != tensor.Undefined {
		return fmt.Errorf("condition is %v, expected bool", d)
	}
	d, err := commonType(n.Input(1), n.Input(2))
	if err != nil || d == tensor.Undefined {
		return err
	}
	cond, ok := n.Input(0).Dims()
	x, okX := n.Input(1).Dims()
	y, okY := n.Input(2).Dims()
	if !ok || !okX || !okY {
		n.SetDType(0, d)
		return nil
	}
	shape, err := dims.Broadcast(cond, x, y)
	if err != nil {
		return err
	}
	n.Set(0, d, shape...)
	setWhere(n, shape)
	return nil
}

// setWhere follows the choice between sizes.
func setWhere(n *ops.Inference, shape []onnx.Dim) {
	size := count(shape)
	cond, x, y := valueOf(n.Input(0)), valueOf(n.Input(1)), valueOf(n.Input(2))
	if !fits(size, cond, x, y) {
		return
	}
	out := make([]onnx.Dim, size)
	for i := range out {
		c, a, b := pick(cond, i), pick(x, i), pick(y, i)
		switch {
		case !c.IsKnown() && dims.Equal(a, b):
			out[i] = a
		case !c.IsKnown():
			out[i] = onnx.UnknownDim()
		case c.Value != 0:
			out[i] = a
		default:
			out[i] = b
		}
	}
	n.SetValue(0, out)
}

func runWhere(c *ops.Call) error {
	var in [3]*tensor.Tensor
	for i := range in {
		t, err := c.Need(i)
		if err != nil {
			return err
		}
		in[i] = t
	}
	if in[1].DType() != in[2].DType() {
		return mismatch(in[1].DType(), in[2].DType())
	}
	cond, err := tensor.Data[bool](in[0])
	if err != nil {
		return err
	}
	choose, err := chooser(in[1].DType())
	if err != nil {
		return err
	}
	shape, err := elementwise.Shape(make([]int, 0, in[1].Rank()), in[0].Shape(), in[1].Shape(), in[2].Shape())
	if err != nil {
		return err
	}
	var l elementwise.Layout
	if err := l.Broadcast(shape, in[0].Shape(), in[1].Shape(), in[2].Shape()); err != nil {
		return err
	}
	out, err := c.Output(0, in[1].DType(), shape...)
	if err != nil {
		return err
	}
	return choose(c.Pool, &l, out, cond, in[1], in[2])
}

// choice is elementwise.Where for one element type.
type choice func(p *pool.Pool, l *elementwise.Layout, out *tensor.Tensor, cond []bool, x, y *tensor.Tensor) error

func chooser(d tensor.DType) (choice, error) {
	switch d {
	case tensor.Float32:
		return choose[float32], nil
	case tensor.Float64:
		return choose[float64], nil
	case tensor.Float16:
		return choose[tensor.F16], nil
	case tensor.BFloat16:
		return choose[tensor.BF16], nil
	case tensor.Int64:
		return choose[int64], nil
	case tensor.Int32:
		return choose[int32], nil
	case tensor.Int16:
		return choose[int16], nil
	case tensor.Int8:
		return choose[int8], nil
	case tensor.Uint64:
		return choose[uint64], nil
	case tensor.Uint32:
		return choose[uint32], nil
	case tensor.Uint16:
		return choose[uint16], nil
	case tensor.Uint8:
		return choose[uint8], nil
	case tensor.Bool:
		return choose[bool], nil
	case tensor.String:
		return choose[string], nil
	case tensor.Complex64:
		return choose[complex64], nil
	case tensor.Complex128:
		return choose[complex128], nil
	default:
		return nil, fmt.Errorf("elements are %v, which Where does not take", d)
	}
}

func choose[T tensor.Element](p *pool.Pool, l *elementwise.Layout, out *tensor.Tensor, cond []bool, x, y *tensor.Tensor) error {
	dst, err := tensor.Data[T](out)
	if err != nil {
		return err
	}
	vx, err := tensor.Data[T](x)
	if err != nil {
		return err
	}
	vy, err := tensor.Data[T](y)
	if err != nil {
		return err
	}
	elementwise.Where(p, l, dst, cond, vx, vy)
	return nil
}
