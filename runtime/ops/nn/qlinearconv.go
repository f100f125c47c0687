package nn

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/cast"
	"github.com/seed6700ada1/infer/runtime/kernel/qconv"
	"github.com/seed6700ada1/infer/runtime/kernel/quant"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// qLinearConvDefs defines QLinearConv (ONNX operator spec, QLinearConv-10): the
// convolution of 8-bit integers with the result quantised again:
//
//	y = saturate(round((Σ (x - x_zero)·(w - w_zero) + B)·x_scale·w_scale/y_scale) + y_zero)
//
// rounding to nearest, ties to even. Scale and zero point of the weights are
// one, or one for each output channel; B is int32.
func qLinearConvDefs() []ops.Def {
	return []ops.Def{{
		Name: "QLinearConv", Since: 10, MinInputs: 8, MaxInputs: 9, MinOutputs: 1, MaxOutputs: 1,
		Infer:   func(n *ops.Inference) error { return inferIntegerConv(n, 3, n.Input(7).DType()) },
		Compile: compileQLinearConv,
	}}
}

func compileQLinearConv(n *ops.Node) (ops.Compiled, error) {
	k, err := newIntegerConv(n, 0, 2, 3, 5)
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(k.quantized), nil
}

// quantized convolves and quantises.
func (k *integerConv) quantized(c *ops.Call) error {
	s, err := k.sizes(c)
	if err != nil {
		return err
	}
	yZero, err := c.Need(7)
	if err != nil {
		return err
	}
	y, err := c.Output(0, yZero.DType(), outputShape(s.Batch, s.Groups*s.Out, s.Axes)...)
	if err != nil {
		return err
	}
	sums := make([]int32, y.Len())
	if err := k.sums(c, s, sums); err != nil {
		return err
	}
	return requantize(c, s, sums, y)
}

// requantize turns sums into the output.
func requantize(c *ops.Call, s *qconv.Shape, sums []int32, y *tensor.Tensor) error {
	channels := s.Groups * s.Out
	xScale, err := scales(c, 1, 1)
	if err != nil {
		return err
	}
	wScale, err := scales(c, 4, channels)
	if err != nil {
		return err
	}
	yScale, err := scales(c, 6, 1)
	if err != nil {
		return err
	}
	var bias []int32
	if t := c.Input(8); t != nil {
		if bias, err = tensor.Data[int32](t); err != nil {
			return fmt.Errorf("bias: %w", err)
		}
		if len(bias) != channels {
			return fmt.Errorf("bias has %d values, expected %d", len(bias), channels)
		}
	}
	_, out, _ := s.Axes.Sizes()
	values := make([]float32, len(sums))
	for i, v := range sums {
		m := i / out % channels
		if bias != nil {
			v += bias[m]
		}
		values[i] = float32(v) * (xScale[0] * wScale[m%len(wScale)] / yScale[0])
	}
	return store(c, values, y)
}

// store rounds values, adds the zero point of the output and saturates.
func store(c *ops.Call, values []float32, y *tensor.Tensor) error {
	zero := make([]float32, 1)
	if err := cast.ToFloat32(c.Pool, zero, c.Input(7)); err != nil {
		return fmt.Errorf("zero point of the output: %w", err)
	}
	to := quant.Range{Min: 0, Max: 255}
	switch y.DType() {
	case tensor.Uint8:
	case tensor.Int8:
		to = quant.Range{Min: -128, Max: 127}
	default:
		return fmt.Errorf("the output is %v, expected int8 or uint8", y.DType())
	}
	l := quant.Layout{Outer: 1, N: 1, Inner: len(values)}
	quant.Quantize(c.Pool, values, values, l, []float32{1}, zero, to, nil)
	return cast.FromFloat32(c.Pool, y, values)
}

// scales reads input i, of one value or n.
func scales(c *ops.Call, i, n int) ([]float32, error) {
	t, err := c.Need(i)
	if err != nil {
		return nil, err
	}
	v, err := tensor.Data[float32](t)
	if err != nil {
		return nil, fmt.Errorf("input %d: %w", i, err)
	}
	if len(v) == 0 || (len(v) != 1 && len(v) != n) {
		return nil, fmt.Errorf("input %d has %d scales, expected 1 or %d", i, len(v), n)
	}
	return v, nil
}
