package quant

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/cast"
	kernel "github.com/seed6700ada1/infer/runtime/kernel/quant"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// DequantizeLinear computes y = (x - x_zero_point)·x_scale in float32. There is
// one scale and zero point, one for each index of axis, or one for each
// block_size indices of it.
//
// ONNX operator spec: DequantizeLinear-10 (one scale), -13 (axis), -19 (float8;
// y has the type of the scale), -21 (blocks, 4- and 16-bit integers), -23
// (float4e2m1, output_dtype), -24 (float8e8m0 scales), -25 (2-bit integers). The
// operator of com.microsoft is -19 with more types.
func dequantizeLinearDefs() []ops.Def {
	d := ops.Def{
		Name: "DequantizeLinear", MinInputs: 2, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferDequantizeLinear, Compile: compileDequantizeLinear,
	}
	list := versions(d, 10, 13, 19, 21, 23, 24, 25)
	d.Domain, d.Since = microsoft, 1
	return append(list, d)
}

// dequantizer holds DequantizeLinear's attributes.
type dequantizer struct {
	granularity
	output tensor.DType // undefined where the scale tells
}

func readDequantizer(a *ops.Attrs) (dequantizer, error) {
	q := dequantizer{granularity: readGranularity(a), output: a.DType("output_dtype", tensor.Undefined)}
	return q, a.Err()
}

// target is the type of the result.
func (q dequantizer) target(scale tensor.DType) tensor.DType {
	switch {
	case q.output != tensor.Undefined:
		return q.output
	case scale == tensor.Float8E8M0:
		return tensor.Float32
	default:
		return scale
	}
}

func inferDequantizeLinear(n *ops.Inference) error {
	q, err := readDequantizer(n.Attrs)
	if err != nil {
		return err
	}
	if d := q.target(n.Input(1).DType()); d != tensor.Undefined {
		inferLike(n, d)
	}
	return nil
}

func compileDequantizeLinear(n *ops.Node) (ops.Compiled, error) {
	q, err := readDequantizer(n.Attrs)
	if err != nil {
		return nil, err
	}
	return q, nil
}

// Run dequantises.
func (q dequantizer) Run(c *ops.Call) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	scale, err := c.Need(1)
	if err != nil {
		return err
	}
	zero := c.Input(2)
	if zero != nil && zero.DType() != x.DType() {
		return fmt.Errorf("the zero point is %v, expected %v as x", zero.DType(), x.DType())
	}
	l, err := q.layout(x.Shape(), scale, zero)
	if err != nil {
		return err
	}
	y, err := c.Output(0, q.target(scale.DType()), x.Shape()...)
	if err != nil {
		return err
	}
	scales, err := floats.View[float32](scale)
	if err != nil {
		return err
	}
	zeros, err := floats.View[float32](zero)
	if err != nil {
		return err
	}
	out := floats.Target[float32](y)
	if err := cast.ToFloat32(c.Pool, out, x); err != nil {
		return err
	}
	kernel.Dequantize(c.Pool, out, l, scales, zeros)
	return floats.Flush(y, out)
}
