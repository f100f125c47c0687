package contrib

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/qgemm"
	kernel "github.com/seed6700ada1/infer/runtime/kernel/quant"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/ops/linear"
	"github.com/seed6700ada1/infer/runtime/ops/matdims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// MatMulIntegerToFloat computes Y = (A - a_zero)·(B - b_zero)·a_scale·b_scale +
// bias of 8-bit integers. DynamicQuantizeMatMul does so for an A of floats, which
// it quantises to uint8 first, as DynamicQuantizeLinear does. Scale and zero
// point of A are one value; of B one, or one a column.
func matMulIntegerToFloatDefs() []ops.Def {
	infer := func(n *ops.Inference) error { return linear.InferProduct(n, tensor.Float32, 0, 1, false, false) }
	return []ops.Def{
		{
			Name: "MatMulIntegerToFloat", Domain: domain, Since: 1, MinInputs: 4, MaxInputs: 7, MinOutputs: 1, MaxOutputs: 1,
			Infer: infer, Compile: compileMatMulIntegerToFloat,
		},
		{
			Name: "DynamicQuantizeMatMul", Domain: domain, Since: 1, MinInputs: 3, MaxInputs: 5, MinOutputs: 1, MaxOutputs: 1,
			Infer: infer, Compile: compileDynamicQuantizeMatMul,
		},
	}
}

func compileMatMulIntegerToFloat(n *ops.Node) (ops.Compiled, error) {
	f := &linear.IntegerProduct{A: 0, AZero: 4, B: 1, BZero: 5}
	if err := f.Prepare(n); err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		scale, err := one(c, 2, "a_scale")
		if err != nil {
			return err
		}
		plan, err := f.Plan(c)
		if err != nil {
			return err
		}
		return floatProduct(c, f, plan, c.Input(0), c.Input(4), scale, 3, 6)
	}), nil
}

func compileDynamicQuantizeMatMul(n *ops.Node) (ops.Compiled, error) {
	f := &linear.IntegerProduct{A: 0, AZero: -1, B: 1, BZero: 3}
	if err := f.Prepare(n); err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		a, err := c.Need(0)
		if err != nil {
			return err
		}
		plan, err := f.Plan(c)
		if err != nil {
			return err
		}
		in, err := floats.View[float32](a)
		if err != nil {
			return err
		}
		scale, zero := kernel.Dynamic(c.Pool, in)
		bytes := make([]uint8, len(in))
		kernel.Uint8(c.Pool, bytes, in, scale, zero)
		return floatProduct(c, f, plan, tensor.Vector(bytes...), tensor.Scalar(zero), scale, 2, 4)
	}), nil
}

// one reads input i, of one value.
func one(c *ops.Call, i int, name string) (float32, error) {
	t, err := c.Need(i)
	if err != nil {
		return 0, err
	}
	v, err := floats.View[float32](t)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	if len(v) != 1 {
		return 0, fmt.Errorf("%s has %d values, expected 1", name, len(v))
	}
	return v[0], nil
}

// floatProduct multiplies integers a with B and scales the sums to output 0.
func floatProduct(c *ops.Call, f *linear.IntegerProduct, plan *matdims.Plan, a, aZero *tensor.Tensor, aScale float32, bScale, bias int) error {
	scaleT, err := c.Need(bScale)
	if err != nil {
		return err
	}
	scales, err := floats.View[float32](scaleT)
	if err != nil {
		return err
	}
	if len(scales) != 1 && len(scales) != plan.N {
		return fmt.Errorf("b_scale has %d values, expected 1 or %d", len(scales), plan.N)
	}
	add, err := vector(c, bias, plan.N, "bias")
	if err != nil {
		return err
	}
	y, err := c.Output(0, tensor.Float32, plan.Shape...)
	if err != nil {
		return err
	}
	out, err := tensor.Data[float32](y)
	if err != nil {
		return err
	}
	return f.MultiplyFloat(c, plan, a, aZero, qgemm.Floats{Scale: aScale, Scales: scales, Bias: add}, out)
}
