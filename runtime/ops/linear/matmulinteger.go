package linear

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/qgemm"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/matdims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// MatMulInteger computes Y = (A - a_zero)·(B - b_zero) of 8-bit integers in
// int32, which wraps around. A zero point is a scalar, or one value a row of A
// and one a column of B; there may be one for each matrix of a batch too.
//
// ONNX operator spec, MatMulInteger-10.
func matMulIntegerDefs() []ops.Def {
	return []ops.Def{{
		Name: "MatMulInteger", Since: 10, MinInputs: 2, MaxInputs: 4, MinOutputs: 1, MaxOutputs: 1,
		Infer: func(n *ops.Inference) error {
			return InferProduct(n, tensor.Int32, 0, 1, false, false)
		},
		Compile: compileMatMulInteger,
		Cost:    func(n *ops.Inference) int64 { return matMulCost(n, false, false) },
	}}
}

func compileMatMulInteger(n *ops.Node) (ops.Compiled, error) {
	f := &IntegerProduct{A: 0, AZero: 2, B: 1, BZero: 3}
	return f, f.Prepare(n)
}

// IntegerProduct multiplies quantised matrices: the inputs that it takes its
// operands from, and B packed where it is constant.
type IntegerProduct struct {
	A, AZero, B, BZero int
	packed             *qgemm.PackedB
}

// Prepare packs a constant B.
func (f *IntegerProduct) Prepare(n *ops.Node) error {
	b, zero := n.Const(f.B), n.Const(f.BZero)
	if b == nil || b.Rank() != 2 || (n.Has(f.BZero) && zero == nil) {
		return nil
	}
	p, err := packConstant(n, b, zero)
	if err != nil {
		return err
	}
	f.packed = p
	return nil
}

// Run computes the product as output 0.
func (f *IntegerProduct) Run(c *ops.Call) error {
	plan, err := f.Plan(c)
	if err != nil {
		return err
	}
	y, err := c.Output(0, tensor.Int32, plan.Shape...)
	if err != nil {
		return err
	}
	out, err := tensor.Data[int32](y)
	if err != nil {
		return err
	}
	return f.Compute(c, plan, out)
}

// Plan works out the product's shape.
func (f *IntegerProduct) Plan(c *ops.Call) (*matdims.Plan, error) {
	a, err := c.Need(f.A)
	if err != nil {
		return nil, err
	}
	b, err := c.Need(f.B)
	if err != nil {
		return nil, err
	}
	return matdims.Of(a.Shape(), b.Shape(), false, false)
}

// Compute fills out, as large as the plan's shape.
func (f *IntegerProduct) Compute(c *ops.Call, plan *matdims.Plan, out []int32) error {
	return f.Multiply(c, plan, c.Input(f.A), c.Input(f.AZero), out)
}

// Multiply is Compute for a left side that is no input.
func (f *IntegerProduct) Multiply(c *ops.Call, plan *matdims.Plan, a, aZero *tensor.Tensor, out []int32) error {
	switch a.DType() {
	case tensor.Uint8:
		return multiply(c, f, plan, a, aZero, intoInts[uint8](c, plan, out))
	case tensor.Int8:
		return multiply(c, f, plan, a, aZero, intoInts[int8](c, plan, out))
	default:
		return fmt.Errorf("input A has %v elements, expected int8 or uint8", a.DType())
	}
}

// MultiplyFloat is Multiply with results that are scaled to float32.
func (f *IntegerProduct) MultiplyFloat(c *ops.Call, plan *matdims.Plan, a, aZero *tensor.Tensor, how qgemm.Floats, out []float32) error {
	switch a.DType() {
	case tensor.Uint8:
		return multiply(c, f, plan, a, aZero, intoFloats[uint8](c, plan, how, out))
	case tensor.Int8:
		return multiply(c, f, plan, a, aZero, intoFloats[int8](c, plan, how, out))
	default:
		return fmt.Errorf("input A has %v elements, expected int8 or uint8", a.DType())
	}
}

// into computes product i of a batch: left, with the zero points of its rows,
// times b.
type into[A qgemm.Int8] func(i int, left, zeros []A, b *qgemm.PackedB)

func intoInts[A qgemm.Int8](c *ops.Call, plan *matdims.Plan, out []int32) into[A] {
	return func(i int, left, zeros []A, b *qgemm.PackedB) {
		qgemm.Mul(c.Pool, plan.M, left, plan.K, zeros, b, out[i*plan.M*plan.N:], plan.N)
	}
}

func intoFloats[A qgemm.Int8](c *ops.Call, plan *matdims.Plan, how qgemm.Floats, out []float32) into[A] {
	return func(i int, left, zeros []A, b *qgemm.PackedB) {
		qgemm.MulFloat(c.Pool, plan.M, left, plan.K, zeros, b, how, out[i*plan.M*plan.N:], plan.N)
	}
}

func multiply[A qgemm.Int8](c *ops.Call, f *IntegerProduct, plan *matdims.Plan, a, aZero *tensor.Tensor, to into[A]) error {
	left, err := tensor.Data[A](a)
	if err != nil {
		return err
	}
	zeros, err := zeroPoints[A](aZero, a.Len()/max(1, plan.K), "a_zero_point")
	if err != nil {
		return err
	}
	packed, last := f.packed, 0
	for i := range plan.Batch {
		ia, ib := plan.At(i)
		if packed == nil || (f.packed == nil && ib != last) {
			if packed, err = packInteger(c.Input(f.B), c.Input(f.BZero), ib, plan.K, plan.N); err != nil {
				return err
			}
			last = ib
		}
		rows := zeros
		if len(zeros) > 1 {
			rows = zeros[ia*plan.M:][:plan.M]
		}
		to(i, left[ia*plan.M*plan.K:], rows, packed)
	}
	return nil
}

// packConstant packs a matrix of a node's constants.
func packConstant(n *ops.Node, b, zero *tensor.Tensor) (*qgemm.PackedB, error) {
	return ops.Pack(n, "", []*tensor.Tensor{b, zero}, func() (*qgemm.PackedB, error) {
		return packInteger(b, zero, 0, b.Dim(0), b.Dim(1))
	})
}

// packInteger packs the i-th matrix of b, k×n.
func packInteger(b, zero *tensor.Tensor, i, k, n int) (*qgemm.PackedB, error) {
	switch b.DType() {
	case tensor.Uint8:
		return packTyped[uint8](b, zero, i, k, n)
	case tensor.Int8:
		return packTyped[int8](b, zero, i, k, n)
	default:
		return nil, fmt.Errorf("input B has %v elements, expected int8 or uint8", b.DType())
	}
}

func packTyped[B qgemm.Int8](b, zero *tensor.Tensor, i, k, n int) (*qgemm.PackedB, error) {
	data, err := tensor.Data[B](b)
	if err != nil {
		return nil, err
	}
	zeros, err := zeroPoints[B](zero, max(1, b.Len()/max(1, k*n))*n, "b_zero_point", n)
	if err != nil {
		return nil, err
	}
	if len(zeros) > n && n > 0 {
		zeros = zeros[i*n:]
	}
	if len(zeros) > 1 {
		zeros = zeros[:n]
	}
	return qgemm.Pack(k, n, data[i*k*n:], n, 1, zeros), nil
}

// zeroPoints reads a zero point that may be absent: one value, or as many as one
// of counts.
func zeroPoints[T qgemm.Int8](t *tensor.Tensor, count int, name string, counts ...int) ([]T, error) {
	if t == nil {
		return nil, nil
	}
	data, err := tensor.Data[T](t)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if slices.Contains(append(counts, 1, count), len(data)) {
		return data, nil
	}
	return nil, fmt.Errorf("%s has %d values, expected 1 or %d", name, len(data), count)
}
