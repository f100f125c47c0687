package movement

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/strided"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
)

// Transpose permutes dimensions: dimension i of the output is dimension perm[i]
// of the input; without perm their order is reversed (ONNX operator spec,
// Transpose-25). Later versions only take more types.
var transposeDefs = []ops.Def{{
	Name: "Transpose", Since: 1,
	MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
	Infer:   inferTranspose,
	Compile: compileTranspose,
}}

// permutation checks perm, or makes the one that reverses.
func permutation(perm []int, rank int) ([]int, error) {
	if perm == nil {
		perm = make([]int, rank)
		for i := range perm {
			perm[i] = rank - 1 - i
		}
		return perm, nil
	}
	if len(perm) != rank {
		return nil, fmt.Errorf("perm %v has %d entries, the input has rank %d", perm, len(perm), rank)
	}
	for _, p := range perm {
		if p < 0 {
			return nil, fmt.Errorf("perm %v has a negative entry", perm)
		}
	}
	if _, err := dims.Axes(perm, rank); err != nil {
		return nil, fmt.Errorf("perm %v is no permutation: %w", perm, err)
	}
	return perm, nil
}

func inferTranspose(n *ops.Inference) error {
	perm := n.Attrs.Ints("perm")
	in := n.Input(0)
	shape, ok := in.Dims()
	if !ok {
		n.SetDType(0, in.DType())
		if perm != nil {
			n.Set(0, in.DType(), dims.Unknown(len(perm))...)
		}
		return n.Err()
	}
	perm, err := permutation(perm, len(shape))
	if err != nil {
		return err
	}
	out := make([]onnx.Dim, len(perm))
	for i, p := range perm {
		out[i] = shape[p]
	}
	n.Set(0, in.DType(), out...)
	if len(perm) <= 1 {
		n.SetValue(0, n.Values(0))
	}
	return n.Err()
}

func compileTranspose(n *ops.Node) (ops.Compiled, error) {
	perm := n.Ints("perm")
	return ops.RunFunc(func(c *ops.Call) error {
		in, err := c.Need(0)
		if err != nil {
			return err
		}
		k := lastCopying(c)
		if !k.fits(in.Shape()) {
			if err := k.transpose(in.Shape(), perm); err != nil {
				return err
			}
		}
		return k.run(c, in)
	}), n.Err()
}

// transpose plans the transpose of a tensor of that shape.
func (k *copying) transpose(in, perm []int) error {
	k.made = false // until all is well
	order, err := permutation(perm, len(in))
	if err != nil {
		return err
	}
	shape, strides := make([]int, len(order)), make([]int, len(order))
	from := strided.Strides(in)
	for i, p := range order {
		shape[i], strides[i] = in[p], from[p]
	}
	k.shape, k.plan = shape, strided.New(shape, strided.Strides(shape), strides, 0, 0)
	k.made = true
	return nil
}
