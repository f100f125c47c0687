package contrib

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/cast"
	kernel "github.com/seed6700ada1/infer/runtime/kernel/qgemm"
	"github.com/seed6700ada1/infer/runtime/kernel/quant"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/ops/linear"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// QGemm computes ((A' - a_zero)·(B' - b_zero) + C)·alpha·a_scale·b_scale of 8-bit
// matrices, transposed where transA and transB say so, and an int32 C that
// broadcasts to the product. With y_scale and y_zero_point the result is
// quantised, else it is float32. Scale and zero point of B are one, or one a
// column.
func qGemmDefs() []ops.Def {
	return []ops.Def{{
		Name: "QGemm", Domain: domain, Since: 1, MinInputs: 6, MaxInputs: 9, MinOutputs: 1, MaxOutputs: 1,
		Infer: func(n *ops.Inference) error {
			d := tensor.Float32
			if n.Has(qgYZero) {
				d = n.Input(qgYZero).DType()
			}
			return linear.InferProduct(n, d, qgA, qgB, n.Bool("transA", false), n.Bool("transB", false))
		},
		Compile: compileQGemm,
	}}
}

// The inputs of QGemm.
const (
	qgA = iota
	qgAScale
	qgAZero
	qgB
	qgBScale
	qgBZero
	qgC
	qgYScale
	qgYZero
)

// qGemm holds the attributes.
type qGemm struct {
	alpha          float32
	transA, transB bool
}

func compileQGemm(n *ops.Node) (ops.Compiled, error) {
	g := qGemm{alpha: n.Float("alpha", 1), transA: n.Bool("transA", false), transB: n.Bool("transB", false)}
	if err := n.Err(); err != nil {
		return nil, err
	}
	if n.Has(qgYScale) != n.Has(qgYZero) {
		return nil, fmt.Errorf("y_scale and y_zero_point must be given together")
	}
	return g, nil
}

// Run multiplies.
func (g qGemm) Run(c *ops.Call) error {
	a, err := c.Need(qgA)
	if err != nil {
		return err
	}
	b, err := c.Need(qgB)
	if err != nil {
		return err
	}
	if a.Rank() != 2 || b.Rank() != 2 {
		return fmt.Errorf("input A has rank %d and B %d, expected 2", a.Rank(), b.Rank())
	}
	m, k := a.Dim(0), a.Dim(1)
	if g.transA {
		m, k = k, m
	}
	rows, n := b.Dim(0), b.Dim(1)
	if g.transB {
		rows, n = n, rows
	}
	if rows != k {
		return fmt.Errorf("input A has %d columns, B has %d rows; expected as many", k, rows)
	}
	packed, err := g.pack(c, b, k, n)
	if err != nil {
		return err
	}
	sums := make([]int32, m*n)
	switch a.DType() {
	case tensor.Uint8:
		err = qGemmSums[uint8](c, g, a, m, k, packed, sums)
	case tensor.Int8:
		err = qGemmSums[int8](c, g, a, m, k, packed, sums)
	default:
		err = fmt.Errorf("input A has %v elements, expected int8 or uint8", a.DType())
	}
	if err != nil {
		return err
	}
	return g.finish(c, sums, m, n)
}

func (g qGemm) pack(c *ops.Call, b *tensor.Tensor, k, n int) (*kernel.PackedB, error) {
	switch b.DType() {
	case tensor.Uint8:
		return qGemmPack[uint8](c, g, b, k, n)
	case tensor.Int8:
		return qGemmPack[int8](c, g, b, k, n)
	default:
		return nil, fmt.Errorf("input B has %v elements, expected int8 or uint8", b.DType())
	}
}

func qGemmPack[T kernel.Int8](c *ops.Call, g qGemm, b *tensor.Tensor, k, n int) (*kernel.PackedB, error) {
	data, err := tensor.Data[T](b)
	if err != nil {
		return nil, err
	}
	var zeros []T
	if t := c.Input(qgBZero); t != nil {
		if zeros, err = tensor.Data[T](t); err != nil {
			return nil, fmt.Errorf("b_zero_point: %w", err)
		}
		if len(zeros) != 1 && len(zeros) != n {
			return nil, fmt.Errorf("b_zero_point has %d values, expected 1 or %d", len(zeros), n)
		}
	}
	if g.transB {
		return kernel.Pack(k, n, data, 1, k, zeros), nil
	}
	return kernel.Pack(k, n, data, n, 1, zeros), nil
}

func qGemmSums[T kernel.Int8](c *ops.Call, g qGemm, a *tensor.Tensor, m, k int, b *kernel.PackedB, sums []int32) error {
	data, err := tensor.Data[T](a)
	if err != nil {
		return err
	}
	var zeros []T
	if t := c.Input(qgAZero); t != nil {
		if zeros, err = tensor.Data[T](t); err != nil {
			return fmt.Errorf("a_zero_point: %w", err)
		}
		if len(zeros) != 1 {
			return fmt.Errorf("a_zero_point has %d values, expected 1", len(zeros))
		}
	}
	if g.transA {
		straight := make([]T, len(data))
		for i := range straight {
			straight[i] = data[i%k*m+i/k]
		}
		data = straight
	}
	kernel.Mul(c.Pool, m, data, k, zeros, b, sums, b.N)
	return nil
}

// finish adds C, scales, and quantises where that is wanted.
func (g qGemm) finish(c *ops.Call, sums []int32, m, n int) error {
	if err := addC(sums, m, n, c.Input(qgC)); err != nil {
		return err
	}
	aScale, err := one(c, qgAScale, "a_scale")
	if err != nil {
		return err
	}
	bScale, err := c.Need(qgBScale)
	if err != nil {
		return err
	}
	scales, err := floats.View[float32](bScale)
	if err != nil {
		return err
	}
	if len(scales) != 1 && len(scales) != n {
		return fmt.Errorf("b_scale has %d values, expected 1 or %d", len(scales), n)
	}
	values := make([]float32, len(sums))
	kernel.Scale(values, sums, n, g.alpha*aScale, scales)
	return g.put(c, values, m, n)
}

// put writes the output.
func (g qGemm) put(c *ops.Call, values []float32, m, n int) error {
	zero := c.Input(qgYZero)
	if zero == nil {
		y, err := c.Output(0, tensor.Float32, m, n)
		if err != nil {
			return err
		}
		out, err := tensor.Data[float32](y)
		copy(out, values)
		return err
	}
	scale, err := one(c, qgYScale, "y_scale")
	if err != nil {
		return err
	}
	z, err := one(c, qgYZero, "y_zero_point")
	if err != nil {
		return err
	}
	to := quant.Range{Max: 255}
	if zero.DType() == tensor.Int8 {
		to = quant.Range{Min: -128, Max: 127}
	} else if zero.DType() != tensor.Uint8 {
		return fmt.Errorf("y_zero_point is %v, expected int8 or uint8", zero.DType())
	}
	y, err := c.Output(0, zero.DType(), m, n)
	if err != nil {
		return err
	}
	l := quant.Layout{Outer: 1, N: 1, Inner: len(values)}
	quant.Quantize(c.Pool, values, values, l, []float32{scale}, []float32{z}, to, nil)
	return cast.FromFloat32(c.Pool, y, values)
}

// addC adds a matrix that broadcasts to m×n.
func addC(sums []int32, m, n int, t *tensor.Tensor) error {
	if t == nil {
		return nil
	}
	add, err := tensor.Data[int32](t)
	if err != nil {
		return fmt.Errorf("input C: %w", err)
	}
	down, right := 0, 0
	rows, columns := 1, 1
	if t.Rank() > 0 {
		columns = t.Dim(-1)
	}
	if t.Rank() > 1 {
		rows = t.Dim(-2)
	}
	if t.Rank() > 2 || (rows != 1 && rows != m) || (columns != 1 && columns != n) {
		return fmt.Errorf("input C has shape %s, expected one that broadcasts to [%d,%d]", tensor.FormatShape(t.Shape()), m, n)
	}
	if columns != 1 {
		right = 1
	}
	if rows != 1 {
		down = columns
	}
	for i := range sums {
		sums[i] += add[i/n*down+i%n*right]
	}
	return nil
}
