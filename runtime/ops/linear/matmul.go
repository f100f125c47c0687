package linear

import (
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/matdims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// MatMul computes Y = A·B under the rules of numpy.matmul: matrices in the last
// two dimensions, broadcasting before them, vectors as rows on the left and
// columns on the right.
//
// ONNX operator spec, MatMul-1, MatMul-9 (integers), MatMul-13 (bfloat16).
func matMulDefs() []ops.Def {
	return versions(ops.Def{
		Name: "MatMul", MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferMatMul, Compile: compileMatMul,
		Cost: func(n *ops.Inference) int64 { return matMulCost(n, false, false) },
	}, 1, 9, 13)
}

func matMulCost(n *ops.Inference, transA, transB bool) int64 {
	a, ok := n.Input(0).Dims()
	b, known := n.Input(1).Dims()
	if !ok || !known {
		return 0
	}
	return matdims.Flops(a, b, transA, transB)
}

func inferMatMul(n *ops.Inference) error {
	return InferProduct(n, n.Input(0).DType(), 0, 1, false, false)
}

// InferProduct sets output 0 to the product of inputs a and b, whose matrices
// are transposed first where the flags say so.
func InferProduct(n *ops.Inference, d tensor.DType, a, b int, transA, transB bool) error {
	da, ok := n.Input(a).Dims()
	db, known := n.Input(b).Dims()
	if !ok || !known {
		n.SetDType(0, d)
		return nil
	}
	out, err := matdims.Infer(da, db, transA, transB)
	if err != nil {
		return err
	}
	n.Set(0, d, out...)
	return nil
}

func compileMatMul(n *ops.Node) (ops.Compiled, error) {
	return CompileProduct(n, Product{Alpha: 1})
}
