package norm

import (
	"fmt"

	kernel "github.com/seed6700ada1/infer/runtime/kernel/norm"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// LRN computes Y = X/(bias + alpha/size·s)^beta, where s is the sum of squares
// over size neighbouring channels, X being [N,C,…].
//
// ONNX operator spec, LRN-1, LRN-13 (bfloat16).
func lrnDefs() []ops.Def {
	return versions(ops.Def{
		Name: "LRN", MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
		Infer: ops.InferLike, Compile: compileLRN,
	}, 1, 13)
}

// response holds the attributes of LRN.
type response struct {
	size              int
	alpha, beta, bias float64
}

func compileLRN(n *ops.Node) (ops.Compiled, error) {
	r := response{
		size:  int(n.Int("size", 0)),
		alpha: float64(n.Float("alpha", 1e-4)), beta: float64(n.Float("beta", 0.75)), bias: float64(n.Float("bias", 1)),
	}
	if err := n.Err(); err != nil {
		return nil, err
	}
	if r.size < 1 {
		return nil, fmt.Errorf("attribute %q is %d, expected at least 1", "size", r.size)
	}
	return ops.RunFunc(func(c *ops.Call) error {
		return same(c,
			func(x *tensor.Tensor, in, out []float32) error { return runLRN(c, r, x, in, out) },
			func(x *tensor.Tensor, in, out []float64) error { return runLRN(c, r, x, in, out) })
	}), nil
}

func runLRN[T floats.Float](c *ops.Call, r response, x *tensor.Tensor, in, out []T) error {
	if err := needChannels(x); err != nil {
		return err
	}
	kernel.LRN(c.Pool, out, in, x.Dim(1), inner(x.Shape()), r.size, r.alpha, r.beta, r.bias)
	return nil
}
