package quant

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/cast"
	"github.com/seed6700ada1/infer/runtime/kernel/gemm"
	kernel "github.com/seed6700ada1/infer/runtime/kernel/quant"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/ops/linear"
	"github.com/seed6700ada1/infer/runtime/ops/matdims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// QLinearMatMul multiplies quantised matrices, and quantises the product:
//
//	y = saturate(round(Σ (a - a_zero)·(b - b_zero) · a_scale·b_scale/y_scale) + y_zero)
//
// with the sum in int32. Scales and zero points of a are one, or one a row; of
// b one, or one a column.
//
// ONNX operator spec, QLinearMatMul-10, QLinearMatMul-21 (scales in float16 and
// bfloat16; float8 operands, which are multiplied in float32).
func qLinearMatMulDefs() []ops.Def {
	return versions(ops.Def{
		Name: "QLinearMatMul", MinInputs: 8, MaxInputs: 8, MinOutputs: 1, MaxOutputs: 1,
		Infer: func(n *ops.Inference) error {
			return linear.InferProduct(n, n.Input(7).DType(), 0, 3, false, false)
		},
		Compile: compileQLinearMatMul,
	}, 10, 21)
}

// qLinearMatMul is a compiled node.
type qLinearMatMul struct {
	product linear.IntegerProduct
}

func compileQLinearMatMul(n *ops.Node) (ops.Compiled, error) {
	f := &qLinearMatMul{linear.IntegerProduct{A: 0, AZero: 2, B: 3, BZero: 5}}
	if n.Input(3).DType().Bits() == 8 && n.Input(3).DType().IsInteger() {
		if err := f.product.Prepare(n); err != nil {
			return nil, err
		}
	}
	return f, n.Err()
}

// Run multiplies.
func (f *qLinearMatMul) Run(c *ops.Call) error {
	for i := range 8 {
		if _, err := c.Need(i); err != nil {
			return err
		}
	}
	plan, err := f.product.Plan(c)
	if err != nil {
		return err
	}
	y, err := c.Output(0, c.Input(7).DType(), plan.Shape...)
	if err != nil {
		return err
	}
	product := make([]float32, y.Len())
	if c.Input(0).DType().IsFloat() {
		err = floatProduct(c, plan, product)
	} else {
		err = f.integerProduct(c, plan, product)
	}
	if err != nil {
		return err
	}
	return requantize(c, plan, product, y)
}

// integerProduct is the sum of products, without scales.
func (f *qLinearMatMul) integerProduct(c *ops.Call, plan *matdims.Plan, out []float32) error {
	sums := make([]int32, len(out))
	if err := f.product.Compute(c, plan, sums); err != nil {
		return err
	}
	for i, v := range sums {
		out[i] = float32(v)
	}
	return nil
}

// floatProduct is integerProduct for float8 operands, whose zero points are 0.
func floatProduct(c *ops.Call, plan *matdims.Plan, out []float32) error {
	a, err := floats.View[float32](c.Input(0))
	if err != nil {
		return err
	}
	b, err := floats.View[float32](c.Input(3))
	if err != nil {
		return err
	}
	g := gemm.Args[float32]{
		M: plan.M, N: plan.N, K: plan.K, Alpha: 1,
		A: a, LDA: plan.LDA(), B: b, LDB: plan.LDB(), C: out, LDC: plan.N,
	}
	gemm.Batch(c.Pool, g, plan.Batch, func(i int) (int, int, int) {
		ia, ib := plan.At(i)
		return ia * plan.M * plan.K, ib * plan.K * plan.N, i * plan.M * plan.N
	})
	return nil
}

// requantize multiplies with the scales of rows and columns and stores the
// quantised product.
func requantize(c *ops.Call, plan *matdims.Plan, product []float32, y *tensor.Tensor) error {
	rows, err := scales(c, 1, plan.M, c.Input(0).Len()/max(1, plan.K))
	if err != nil {
		return err
	}
	columns, err := scales(c, 4, plan.N, c.Input(3).Len()/max(1, plan.K))
	if err != nil {
		return err
	}
	scale, err := scales(c, 6, 1, 1)
	if err != nil {
		return err
	}
	zero, err := floats.View[float32](c.Input(7))
	if err != nil {
		return err
	}
	if len(zero) != 1 {
		return fmt.Errorf("y_zero_point has %d values, expected 1", len(zero))
	}
	for i := range plan.Batch {
		ia, ib := plan.At(i)
		for r := range plan.M {
			row := product[(i*plan.M+r)*plan.N:][:plan.N]
			a := rows[min(ia*plan.M+r, len(rows)-1)%len(rows)]
			for j := range row {
				row[j] *= a * columns[(ib*plan.N+j)%len(columns)] / scale[0]
			}
		}
	}
	l := kernel.Layout{Outer: 1, N: 1, Inner: len(product)}
	to, ok := integers(y.DType())
	if ok {
		kernel.Quantize(c.Pool, product, product, l, []float32{1}, zero, to, nil)
	} else {
		kernel.Quotient(c.Pool, product, product, l, []float32{1}, zero)
	}
	return cast.FromFloat32(c.Pool, y, product)
}

// scales reads input i: one scale, n, or all.
func scales(c *ops.Call, i, n, all int) ([]float32, error) {
	v, err := floats.View[float32](c.Input(i))
	if err != nil {
		return nil, err
	}
	if len(v) == 0 || (len(v) != 1 && len(v) != n && len(v) != all) {
		return nil, fmt.Errorf("input %d has %d scales, expected 1 or %d", i, len(v), n)
	}
	return v, nil
}
