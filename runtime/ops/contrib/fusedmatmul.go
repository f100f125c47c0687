package contrib

import (
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/linear"
)

// FusedMatMul is MatMul with the last two dimensions of A or B swapped first
// where transA or transB says so, and the result times alpha. TransposeMatMul is
// its name of old.
func fusedMatMulDefs() []ops.Def {
	d := ops.Def{
		Name: "FusedMatMul", Domain: domain, Since: 1, MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
		Infer: func(n *ops.Inference) error {
			transA, transB := n.Bool("transA", false), n.Bool("transB", false)
			if err := n.Err(); err != nil {
				return err
			}
			if n.Bool("transBatchA", false) || n.Bool("transBatchB", false) {
				n.SetDType(0, n.Input(0).DType()) // refused when it is compiled
				return nil
			}
			return linear.InferProduct(n, n.Input(0).DType(), 0, 1, transA, transB)
		},
		Compile: compileFusedMatMul,
	}
	old := d
	old.Name = "TransposeMatMul"
	return []ops.Def{d, old}
}

func compileFusedMatMul(n *ops.Node) (ops.Compiled, error) {
	p := linear.Product{Alpha: n.Float("alpha", 1), TransA: n.Bool("transA", false), TransB: n.Bool("transB", false)}
	if n.Bool("transBatchA", false) || n.Bool("transBatchB", false) {
		n.Fail(ops.Unsupported("batches that are transposed (transBatchA, transBatchB)"))
	}
	if err := n.Err(); err != nil {
		return nil, err
	}
	return linear.CompileProduct(n, p)
}
