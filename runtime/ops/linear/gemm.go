package linear

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/gemm"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Gemm computes Y = alpha·A'·B' + beta·C, where A' and B' are A and B,
// transposed where transA and transB say so, and C broadcasts to [M,N].
//
// ONNX operator spec, Gemm-7, Gemm-9 (integers), Gemm-11 (C may be left out),
// Gemm-13 (bfloat16). Gemm-1 and Gemm-6 broadcast C only where the attribute
// broadcast says so; what they allow means the same here.
func gemmDefs() []ops.Def {
	d := ops.Def{
		Name: "Gemm", MinInputs: 3, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferGemm, Compile: compileGemm,
		Cost: func(n *ops.Inference) int64 { return matMulCost(n, n.Bool("transA", false), n.Bool("transB", false)) },
	}
	list := versions(d, 1, 6, 7, 9)
	d.MinInputs = 2
	return append(list, versions(d, 11, 13)...)
}

func inferGemm(n *ops.Inference) error {
	transA, transB := n.Bool("transA", false), n.Bool("transB", false)
	if err := n.Err(); err != nil {
		return err
	}
	for i, name := range []string{"A", "B"} {
		if r := n.Input(i).Rank(); r >= 0 && r != 2 {
			return fmt.Errorf("%s has rank %d, expected 2", name, r)
		}
	}
	if err := InferProduct(n, n.Input(0).DType(), 0, 1, transA, transB); err != nil {
		return err
	}
	y, c := n.Outputs[0].Type, n.Input(2)
	if added, ok := c.Dims(); ok && y.Shape != nil {
		return checkAdded(added, y.Shape.Dims)
	}
	return nil
}

// checkAdded holds C against the shape that it must broadcast to.
func checkAdded(c, y []onnx.Dim) error {
	both, err := dims.Broadcast(y, c)
	if err != nil {
		return fmt.Errorf("input C: %w", err)
	}
	for i := range both {
		if len(both) != len(y) || dims.Differ(both[i], y[i]) {
			return fmt.Errorf("input C has shape %v, expected one that broadcasts to %v", &onnx.Shape{Dims: c}, &onnx.Shape{Dims: y})
		}
	}
	return nil
}

func compileGemm(n *ops.Node) (ops.Compiled, error) {
	p := Product{
		Alpha: n.Float("alpha", 1), Beta: n.Float("beta", 1), Added: true,
		TransA: n.Bool("transA", false), TransB: n.Bool("transB", false),
	}
	if err := n.Err(); err != nil {
		return nil, err
	}
	for i, name := range []string{"A", "B"} {
		if r := n.Input(i).Rank(); r >= 0 && r != 2 {
			return nil, fmt.Errorf("%s has rank %d, expected 2", name, r)
		}
	}
	f, err := CompileProduct(n, p)
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		for i, name := range []string{"A", "B"} {
			if t := c.Input(i); t != nil && t.Rank() != 2 {
				return fmt.Errorf("%s has rank %d, expected 2", name, t.Rank())
			}
		}
		return f.Run(c)
	}), nil
}

// spread fills out, of a shape of rank 2 that c broadcasts to, with beta·c.
func spread[T gemm.Number](out []T, shape []int, c *tensor.Tensor, beta T) error {
	data, err := load[T](c)
	if err != nil || len(out) == 0 {
		return err
	}
	width := shape[1]
	down, right := 0, 0 // how far the next row and the next column of c are
	if c.Dim(-1) != 1 && c.Rank() > 0 {
		right = 1
	}
	if c.Rank() > 1 && c.Dim(-2) != 1 {
		down = c.Dim(-1)
	}
	for i := range shape[0] {
		row := out[i*width : (i+1)*width]
		from := data[i*down:]
		for j := range row {
			row[j] = beta * from[j*right]
		}
	}
	return nil
}
