package nn

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/conv"
	"github.com/seed6700ada1/infer/runtime/kernel/qconv"
	"github.com/seed6700ada1/infer/runtime/kernel/qgemm"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// convIntegerDefs defines ConvInteger (ONNX operator spec, ConvInteger-10): the
// convolution of 8-bit integers, less their zero points, in int32. x_zero_point
// is one value; w_zero_point is one, or one for each output channel.
func convIntegerDefs() []ops.Def {
	return []ops.Def{{
		Name: "ConvInteger", Since: 10, MinInputs: 2, MaxInputs: 4, MinOutputs: 1, MaxOutputs: 1,
		Infer:   func(n *ops.Inference) error { return inferIntegerConv(n, 1, tensor.Int32) },
		Compile: compileConvInteger,
	}}
}

// inferIntegerConv is inferConv for weights that are another input than 1, and
// an output type of its own.
func inferIntegerConv(n *ops.Inference, weights int, d tensor.DType) error {
	as := *n
	as.Inputs = []ops.Arg{n.Input(0), n.Input(weights)}
	if err := inferConv(&as); err != nil {
		return err
	}
	if t := n.Outputs[0].Type; t != nil {
		own := *t
		own.DType = d
		n.SetType(0, &own)
	}
	return nil
}

// integerConv is a convolution of 8-bit integers: which inputs are the operands.
type integerConv struct {
	convolution
	x, xZero, w, wZero int
}

func newIntegerConv(n *ops.Node, x, xZero, w, wZero int) (*integerConv, error) {
	k := &integerConv{
		convolution: convolution{spatial: readSpatial(n.Attrs), group: readGroup(n.Attrs)},
		x:           x, xZero: xZero, w: w, wZero: wZero,
	}
	return k, n.Err()
}

func compileConvInteger(n *ops.Node) (ops.Compiled, error) {
	k, err := newIntegerConv(n, 0, 2, 1, 3)
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		s, err := k.sizes(c)
		if err != nil {
			return err
		}
		y, err := c.Output(0, tensor.Int32, outputShape(s.Batch, s.Groups*s.Out, s.Axes)...)
		if err != nil {
			return err
		}
		out, err := tensor.Data[int32](y)
		if err != nil {
			return err
		}
		return k.sums(c, s, out)
	}), nil
}

// sizes holds the operands against each other.
func (k *integerConv) sizes(c *ops.Call) (*qconv.Shape, error) {
	x, err := c.Need(k.x)
	if err != nil {
		return nil, err
	}
	w, err := c.Need(k.w)
	if err != nil {
		return nil, err
	}
	var s conv.Shape
	if err := k.shape(&s, x, w); err != nil {
		return nil, err
	}
	return &qconv.Shape{Batch: s.Batch, Groups: s.Groups, In: s.In, Out: s.Out, Axes: s.Axes}, nil
}

// sums computes the convolution.
func (k *integerConv) sums(c *ops.Call, s *qconv.Shape, out []int32) error {
	w := c.Input(k.w)
	var packed qconv.Weights
	var err error
	switch w.DType() {
	case tensor.Uint8:
		packed, err = packConv[uint8](s, w, c.Input(k.wZero))
	case tensor.Int8:
		packed, err = packConv[int8](s, w, c.Input(k.wZero))
	default:
		err = fmt.Errorf("weights are %v, expected int8 or uint8", w.DType())
	}
	if err != nil {
		return err
	}
	switch x := c.Input(k.x); x.DType() {
	case tensor.Uint8:
		return sumConv[uint8](c, s, x, c.Input(k.xZero), packed, out)
	case tensor.Int8:
		return sumConv[int8](c, s, x, c.Input(k.xZero), packed, out)
	default:
		return fmt.Errorf("data is %v, expected int8 or uint8", x.DType())
	}
}

func packConv[T qgemm.Int8](s *qconv.Shape, w, zero *tensor.Tensor) (qconv.Weights, error) {
	data, err := tensor.Data[T](w)
	if err != nil {
		return nil, err
	}
	zeros, err := zeroPoints[T](zero, s.Groups*s.Out)
	if err != nil {
		return nil, fmt.Errorf("zero point of the weights: %w", err)
	}
	return qconv.Pack(s, data, zeros), nil
}

func sumConv[T qgemm.Int8](c *ops.Call, s *qconv.Shape, x, zero *tensor.Tensor, w qconv.Weights, out []int32) error {
	data, err := tensor.Data[T](x)
	if err != nil {
		return err
	}
	zeros, err := zeroPoints[T](zero, 1)
	if err != nil {
		return fmt.Errorf("zero point of the data: %w", err)
	}
	z := T(0)
	if zeros != nil {
		z = zeros[0]
	}
	qconv.Run(c.Pool, s, data, z, w, out)
	return nil
}

// zeroPoints reads a zero point that may be absent: one value, or n.
func zeroPoints[T qgemm.Int8](t *tensor.Tensor, n int) ([]T, error) {
	if t == nil {
		return nil, nil
	}
	zeros, err := tensor.Data[T](t)
	if err == nil && len(zeros) != 1 && len(zeros) != n {
		err = fmt.Errorf("%d values, expected 1 or %d", len(zeros), n)
	}
	return zeros, err
}
