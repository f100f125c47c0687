package linear

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/activation"
	"github.com/seed6700ada1/infer/runtime/kernel/gemm"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// fusedMatMulDefs defines FusedMatMul, of the project's own domain, which passes
// make of a MatMul and what follows it:
//
//	Y = activation(A·W + B + Z)
//
//	A [..., K] float32   W [K, N], constant   B [N], constant, optional   Z as Y, optional
//
// Attributes activation and activation_params name a function that
// [activation.Parse] knows.
func fusedMatMulDefs() []ops.Def {
	return []ops.Def{{
		Name: "FusedMatMul", Domain: "infer", Since: 1, MinInputs: 2, MaxInputs: 4, MinOutputs: 1, MaxOutputs: 1,
		InPlace: []int{3}, Packed: []int{1, 2}, Infer: inferFusedMatMul, Compile: compileFusedMatMul,
		Cost: func(n *ops.Inference) int64 { return matMulCost(n, false, false) },
	}}
}

func inferFusedMatMul(n *ops.Inference) error {
	a, ok := n.Input(0).Dims()
	w, known := n.Input(1).Dims()
	if !ok || !known {
		n.SetDType(0, tensor.Float32)
		return nil
	}
	if len(a) == 0 || len(w) != 2 || dims.Differ(a[len(a)-1], w[0]) {
		return fmt.Errorf("A is %v and W is %v, expected [...,K] and [K,N]", n.Input(0).Type, n.Input(1).Type)
	}
	out := slices.Clone(a)
	out[len(out)-1] = w[1]
	n.Set(0, tensor.Float32, out...)
	return nil
}

// fusedMatMul is a node made ready.
type fusedMatMul struct {
	k, n  int
	w     *gemm.PackedB[float32]
	bias  []float32
	after func(row []float32) // nil where there is no activation
}

func compileFusedMatMul(n *ops.Node) (ops.Compiled, error) {
	act, err := activation.Parse(n.String("activation", ""), n.Floats("activation_params"))
	if err != nil {
		return nil, err
	}
	w := n.Const(1)
	if w == nil || w.Rank() != 2 {
		return nil, fmt.Errorf("W must be a constant matrix")
	}
	data, err := tensor.Data[float32](w)
	if err != nil {
		return nil, err
	}
	f := &fusedMatMul{k: w.Dim(0), n: w.Dim(1)}
	f.w, err = ops.Pack(n, "", []*tensor.Tensor{w}, func() (*gemm.PackedB[float32], error) {
		return gemm.Pack(f.k, f.n, data, f.n, false), nil
	})
	if err != nil {
		return nil, err
	}
	if n.Has(2) {
		if n.Const(2) == nil || n.Const(2).Len() != f.n {
			return nil, fmt.Errorf("B must be constant, of %d values", f.n)
		}
		if f.bias, err = tensor.Data[float32](n.Const(2)); err != nil {
			return nil, err
		}
	}
	if act.Kind != activation.None {
		f.after = func(row []float32) { activation.Apply(act, row) }
	}
	return f, n.Err()
}

func (f *fusedMatMul) Run(c *ops.Call) error {
	a, err := c.Need(0)
	if err != nil {
		return err
	}
	left, err := tensor.Data[float32](a)
	if err != nil {
		return err
	}
	if a.Rank() == 0 || a.Dim(-1) != f.k {
		return fmt.Errorf("A is %v, expected [...,%d]", a, f.k)
	}
	shape := append(make([]int, 0, tensor.MaxRank), a.Shape()...)
	shape[len(shape)-1] = f.n
	y, err := c.Output(0, tensor.Float32, shape...)
	if err != nil {
		return err
	}
	out, err := tensor.Data[float32](y)
	if err != nil {
		return err
	}
	g := gemm.Args[float32]{
		N: f.n, K: f.k, A: left, LDA: f.k, Packed: f.w, C: out, LDC: f.n,
		Alpha: 1, Bias: f.bias, After: f.after,
	}
	if f.n > 0 {
		g.M = len(out) / f.n
	}
	if c.Has(3) {
		z, err := c.Need(3)
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
		g.Beta = 1
	}
	gemm.Mul(c.Pool, g)
	return nil
}
