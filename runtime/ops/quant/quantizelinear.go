package quant

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/cast"
	kernel "github.com/seed6700ada1/infer/runtime/kernel/quant"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// QuantizeLinear computes y = saturate(round(x / y_scale) + y_zero_point),
// rounding to nearest, ties to even. There is one scale and zero point, one for
// each index of axis, or one for each block_size indices of it. Types that are
// floating-point themselves round by themselves, and saturate where the
// attribute saturate says so.
//
// ONNX operator spec: QuantizeLinear-10 (one scale), -13 (axis), -19 (float8,
// saturate), -21 (blocks, 4- and 16-bit integers, output_dtype), -23 (precision
// of the division, float4e2m1), -24 (float8e8m0 scales), -25 (2-bit integers).
// The operator of com.microsoft is -19 with more types.
func quantizeLinearDefs() []ops.Def {
	d := ops.Def{
		Name: "QuantizeLinear", MinInputs: 2, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferQuantizeLinear, Compile: compileQuantizeLinear,
	}
	list := versions(d, 10, 13, 19, 21, 23, 24, 25)
	d.Domain, d.Since = microsoft, 1
	return append(list, d)
}

// quantizer holds what QuantizeLinear's attributes come to.
type quantizer struct {
	granularity
	saturate  bool
	output    tensor.DType // undefined where the zero point tells
	precision tensor.DType // undefined where the scale tells
}

func readQuantizer(a *ops.Attrs) (quantizer, error) {
	q := quantizer{
		granularity: readGranularity(a),
		saturate:    a.Bool("saturate", true),
		output:      a.DType("output_dtype", tensor.Undefined),
		precision:   a.DType("precision", tensor.Undefined),
	}
	return q, a.Err()
}

// target is the type of the result, given that of the zero point.
func (q quantizer) target(zero tensor.DType, hasZero bool) (tensor.DType, error) {
	switch {
	case hasZero && q.output != tensor.Undefined && zero != tensor.Undefined && q.output != zero:
		return zero, fmt.Errorf("attribute %q is %v, but the zero point is %v", "output_dtype", q.output, zero)
	case q.output != tensor.Undefined:
		return q.output, nil
	case hasZero:
		return zero, nil
	default:
		return tensor.Uint8, nil
	}
}

func inferQuantizeLinear(n *ops.Inference) error {
	q, err := readQuantizer(n.Attrs)
	if err != nil {
		return err
	}
	d, err := q.target(n.Input(2).DType(), n.Has(2))
	if err != nil || d == tensor.Undefined {
		return err
	}
	inferLike(n, d)
	return nil
}

func compileQuantizeLinear(n *ops.Node) (ops.Compiled, error) {
	q, err := readQuantizer(n.Attrs)
	if err != nil {
		return nil, err
	}
	return q, nil
}

// Run quantises.
func (q quantizer) Run(c *ops.Call) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	scale, err := c.Need(1)
	if err != nil {
		return err
	}
	zero := c.Input(2)
	d := tensor.Undefined
	if zero != nil {
		d = zero.DType()
	}
	if d, err = q.target(d, zero != nil); err != nil {
		return err
	}
	l, err := q.layout(x.Shape(), scale, zero)
	if err != nil {
		return err
	}
	y, err := c.Output(0, d, x.Shape()...)
	if err != nil {
		return err
	}
	return q.quantize(c, l, x, scale, zero, y)
}

func (q quantizer) quantize(c *ops.Call, l kernel.Layout, x, scale, zero, y *tensor.Tensor) error {
	in, err := floats.View[float32](x)
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
	if bytes, err := tensor.Data[uint8](y); err == nil && l.Kind == kernel.PerTensor && scale.DType() == tensor.Float32 && q.precision == tensor.Undefined {
		z := uint8(0)
		if zeros != nil {
			z = uint8(zeros[0])
		}
		kernel.Uint8(c.Pool, bytes, in, scales[0], z)
		return nil
	}
	out := make([]float32, len(in))
	if to, ok := integers(y.DType()); ok {
		kernel.Quantize(c.Pool, out, in, l, scales, zeros, to, q.narrow(scale.DType()))
	} else {
		if !y.DType().IsFloat() || y.DType().Bits() > 8 {
			return fmt.Errorf("cannot quantise to %v, expected integers of at most 16 bits or floats of at most 8", y.DType())
		}
		kernel.Quotient(c.Pool, out, in, l, scales, zeros)
	}
	return cast.Convert(c.Pool, y, tensor.Vector(out...), cast.Options{NoSaturate: !q.saturate})
}

// narrow rounds a quotient to the precision of the division; nil for float32.
func (q quantizer) narrow(scale tensor.DType) func(float32) float32 {
	d := q.precision
	if d == tensor.Undefined {
		d = scale
	}
	switch d {
	case tensor.Float16:
		return func(v float32) float32 { return tensor.F16From(v).Float32() }
	case tensor.BFloat16:
		return func(v float32) float32 { return tensor.BF16From(v).Float32() }
	default:
		return nil
	}
}
