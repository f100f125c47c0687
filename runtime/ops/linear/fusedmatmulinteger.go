package linear

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/activation"
	"github.com/seed6700ada1/infer/runtime/kernel/qgemm"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// fusedMatMulIntegerDefs defines FusedMatMulInteger, of the project's own domain,
// which passes make of a MatMulInteger and what follows it:
//
//	Y = activation((A - a_zero)·(B - b_zero)·(a_scale·b_scale) + bias + Z)
//
//	A [..., K] int8 or uint8        B [K, N] int8 or uint8, constant
//	a_zero []  as A, optional       b_zero [] or [N] as B, constant, optional
//	a_scale [] float32              b_scale [], [1] or [N] float32, constant
//	bias [N] constant, optional     Z as Y, optional
//
// Attributes activation and activation_params name a function that
// [activation.Parse] knows. Each step rounds as the nodes that it replaces do.
func fusedMatMulIntegerDefs() []ops.Def {
	return []ops.Def{{
		Name: "FusedMatMulInteger", Domain: "infer", Since: 1, MinInputs: 2, MaxInputs: 8, MinOutputs: 1, MaxOutputs: 1,
		InPlace: []int{fmiAdd}, Infer: inferFusedMatMul, Compile: compileFusedMatMulInteger,
		Cost: func(n *ops.Inference) int64 { return matMulCost(n, false, false) },
	}}
}

// The inputs of FusedMatMulInteger.
const (
	fmiA = iota
	fmiB
	fmiAZero
	fmiBZero
	fmiAScale
	fmiBScale
	fmiBias
	fmiAdd
)

// fusedMatMulInteger is a node made ready.
type fusedMatMulInteger struct {
	b            *qgemm.PackedB
	scales, bias []float32
	after        func(row []float32) // nil where there is no activation
}

func compileFusedMatMulInteger(n *ops.Node) (ops.Compiled, error) {
	act, err := activation.Parse(n.String("activation", ""), n.Floats("activation_params"))
	if err != nil {
		return nil, err
	}
	b, scale := n.Const(fmiB), n.Const(fmiBScale)
	if !n.Has(fmiAScale) {
		return nil, errors.New("a_scale is missing")
	}
	if b == nil || b.Rank() != 2 || scale == nil || n.Has(fmiBZero) && n.Const(fmiBZero) == nil {
		return nil, fmt.Errorf("B must be a constant matrix, its zero points and scales constant")
	}
	f := &fusedMatMulInteger{}
	if f.b, err = packConstant(n, b, n.Const(fmiBZero)); err != nil {
		return nil, err
	}
	if f.scales, err = tensor.Data[float32](scale); err != nil {
		return nil, fmt.Errorf("b_scale: %w", err)
	}
	if len(f.scales) != 1 && len(f.scales) != f.b.N {
		return nil, fmt.Errorf("b_scale has %d values, expected 1 or %d", len(f.scales), f.b.N)
	}
	if n.Has(fmiBias) {
		if n.Const(fmiBias) == nil || n.Const(fmiBias).Len() != f.b.N {
			return nil, fmt.Errorf("bias must be constant, of %d values", f.b.N)
		}
		if f.bias, err = tensor.Data[float32](n.Const(fmiBias)); err != nil {
			return nil, fmt.Errorf("bias: %w", err)
		}
	}
	if act.Kind != activation.None {
		f.after = func(row []float32) { activation.Apply(act, row) }
	}
	return f, n.Err()
}

func (f *fusedMatMulInteger) Run(c *ops.Call) error {
	a, err := c.Need(fmiA)
	if err != nil {
		return err
	}
	if a.Rank() == 0 || a.Dim(-1) != f.b.K {
		return fmt.Errorf("A is %v, expected [...,%d]", a, f.b.K)
	}
	scale, err := scalar[float32](c, fmiAScale, "a_scale")
	if err != nil {
		return err
	}
	shape := append(make([]int, 0, tensor.MaxRank), a.Shape()...)
	shape[len(shape)-1] = f.b.N
	y, err := c.Output(0, tensor.Float32, shape...)
	if err != nil {
		return err
	}
	out, err := tensor.Data[float32](y)
	if err != nil {
		return err
	}
	how := qgemm.Floats{Scale: scale, Scales: f.scales, Bias: f.bias, After: f.after}
	if c.Has(fmiAdd) {
		z, err := c.Need(fmiAdd)
		if err != nil {
			return err
		}
		add, err := tensor.Data[float32](z)
		if err != nil {
			return err
		}
		if !slices.Equal(z.Shape(), shape) {
			return fmt.Errorf("the tensor to add is %v, expected %s", z, tensor.FormatShape(shape))
		}
		copy(out, add) // nothing happens where Y took Z's memory over
		how.Add = true
	}
	switch a.DType() {
	case tensor.Uint8:
		return runFusedInteger[uint8](c, f, a, how, out)
	case tensor.Int8:
		return runFusedInteger[int8](c, f, a, how, out)
	default:
		return fmt.Errorf("A has %v elements, expected int8 or uint8", a.DType())
	}
}

func runFusedInteger[T qgemm.Int8](c *ops.Call, f *fusedMatMulInteger, a *tensor.Tensor, how qgemm.Floats, out []float32) error {
	left, err := tensor.Data[T](a)
	if err != nil {
		return err
	}
	zero := T(0)
	if c.Has(fmiAZero) {
		if zero, err = scalar[T](c, fmiAZero, "a_zero"); err != nil {
			return err
		}
	}
	if f.b.N == 0 {
		return nil
	}
	zeros := [1]T{zero}
	qgemm.MulFloat(c.Pool, len(out)/f.b.N, left, f.b.K, zeros[:], f.b, how, out, f.b.N)
	return nil
}

// scalar reads input i, of one value.
func scalar[T tensor.Element](c *ops.Call, i int, name string) (T, error) {
	var none T
	t, err := c.Need(i)
	if err != nil {
		return none, err
	}
	data, err := tensor.Data[T](t)
	if err != nil {
		return none, fmt.Errorf("%s: %w", name, err)
	}
	if len(data) != 1 {
		return none, fmt.Errorf("%s has %d values, expected 1", name, len(data))
	}
	return data[0], nil
}
