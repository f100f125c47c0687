package linear

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/gemm"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/matdims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Product is what operators that multiply matrices ask of [CompileProduct]:
// Y = Alpha·A·B + Beta·C of inputs 0, 1 and 2.
type Product struct {
	Alpha, Beta    float32
	TransA, TransB bool // swap the last two dimensions first
	Added          bool // input 2 is C, which broadcasts to Y and may be absent
}

// CompileProduct makes a product of inputs of one type. A constant B that is one
// matrix is packed.
func CompileProduct(n *ops.Node, p Product) (ops.Compiled, error) {
	b := n.Const(1)
	d := n.Input(1).DType()
	if b != nil {
		d = b.DType()
	}
	if d == tensor.Undefined { // told apart when the node runs
		return ops.RunFunc(func(c *ops.Call) error {
			t, err := c.Need(1)
			if err != nil {
				return err
			}
			f, err := typedProduct(n, p, t.DType(), nil)
			if err != nil {
				return err
			}
			return f.Run(c)
		}), nil
	}
	return typedProduct(n, p, d, b)
}

func typedProduct(n *ops.Node, p Product, d tensor.DType, b *tensor.Tensor) (ops.Compiled, error) {
	switch promote(d) {
	case tensor.Float32:
		return newProduct[float32](n, p, b)
	case tensor.Float64:
		return newProduct[float64](n, p, b)
	case tensor.Int32:
		return newProduct[int32](n, p, b)
	case tensor.Int64:
		return newProduct[int64](n, p, b)
	case tensor.Uint32:
		return newProduct[uint32](n, p, b)
	case tensor.Uint64:
		return newProduct[uint64](n, p, b)
	default:
		return nil, fmt.Errorf("elements are %v, expected a float or a 32- or 64-bit integer type", d)
	}
}

// product computes in T.
type product[T gemm.Number] struct {
	Product
	packed *gemm.PackedB[T] // nil where B changes or is a batch of matrices
}

func newProduct[T gemm.Number](n *ops.Node, p Product, b *tensor.Tensor) (ops.Compiled, error) {
	f := &product[T]{Product: p}
	if b == nil || b.Rank() == 0 || b.Len() == 0 {
		return f, nil
	}
	for _, d := range b.Shape()[:max(0, b.Rank()-2)] {
		if d != 1 {
			return f, nil
		}
	}
	var err error
	f.packed, err = ops.Pack(n, fmt.Sprint(p.TransB), []*tensor.Tensor{b}, func() (*gemm.PackedB[T], error) {
		return packMatrix[T](b, p.TransB)
	})
	return f, err
}

// packMatrix packs b, whose leading dimensions are 1.
func packMatrix[T gemm.Number](b *tensor.Tensor, trans bool) (*gemm.PackedB[T], error) {
	data, err := load[T](b)
	if err != nil {
		return nil, err
	}
	rows, cols := b.Dim(-2), b.Dim(-1)
	switch {
	case b.Rank() == 1:
		return gemm.Pack(cols, 1, data, 1, false), nil
	case trans:
		return gemm.Pack(cols, rows, data, cols, true), nil
	default:
		return gemm.Pack(rows, cols, data, cols, false), nil
	}
}

func (f *product[T]) Run(c *ops.Call) error {
	a, err := c.Need(0)
	if err != nil {
		return err
	}
	b, err := c.Need(1)
	if err != nil {
		return err
	}
	if a.DType() != b.DType() {
		return fmt.Errorf("input A is %v and B is %v, expected one type", a.DType(), b.DType())
	}
	plan, err := matdims.Of(a.Shape(), b.Shape(), f.TransA, f.TransB)
	if err != nil {
		return err
	}
	var added *tensor.Tensor
	if f.Added {
		added = c.Input(2)
	}
	if added != nil {
		if err := checkAdded(dims.Of(added.Shape()), dims.Of(plan.Shape)); err != nil {
			return err
		}
	}
	y, err := c.Output(0, a.DType(), plan.Shape...)
	if err != nil {
		return err
	}
	return f.compute(c, plan, a, b, added, y)
}

// compute fills y.
func (f *product[T]) compute(c *ops.Call, plan *matdims.Plan, a, b, added, y *tensor.Tensor) error {
	left, err := load[T](a)
	if err != nil {
		return err
	}
	var right []T
	if f.packed == nil {
		if right, err = load[T](b); err != nil {
			return err
		}
	}
	out, err := target[T](y)
	if err != nil {
		return err
	}
	g := gemm.Args[T]{
		M: plan.M, N: plan.N, K: plan.K, Alpha: T(f.Alpha),
		A: left, LDA: plan.LDA(), TransA: f.TransA && a.Rank() > 1,
		B: right, LDB: plan.LDB(), TransB: f.TransB && b.Rank() > 1, Packed: f.packed,
		C: out, LDC: plan.N,
	}
	later := f.scaledIntegers(y.DType())
	switch {
	case later:
		g.Alpha = 1
	case added != nil:
		if err := spread(out, y.Shape(), added, T(f.Beta)); err != nil {
			return err
		}
		g.Beta = 1
	}
	gemm.Batch(c.Pool, g, plan.Batch, func(i int) (int, int, int) {
		ia, ib := plan.At(i)
		return ia * plan.M * plan.K, ib * plan.K * plan.N, i * plan.M * plan.N
	})
	if later {
		return f.scale(out, y.Shape(), added)
	}
	return store(y, out)
}

// scaledIntegers reports whether integers are scaled by numbers that are none.
func (f *product[T]) scaledIntegers(d tensor.DType) bool {
	whole := f.Alpha == float32(int64(f.Alpha)) && (!f.Added || f.Beta == float32(int64(f.Beta)))
	return d.IsInteger() && !whole
}

// scale turns a product of integers into alpha·product + beta·C, rounded toward
// zero.
func (f *product[T]) scale(out []T, shape []int, added *tensor.Tensor) error {
	sum := make([]T, len(out))
	if added != nil {
		if err := spread(sum, shape, added, 1); err != nil {
			return err
		}
	}
	for i, v := range out {
		out[i] = T(float64(f.Alpha)*float64(v) + float64(f.Beta)*float64(sum[i]))
	}
	return nil
}
