package text

import (
	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/strided"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// StringConcat joins strings element by element, with broadcasting (ONNX
// operator spec, StringConcat-20).
var stringConcatDefs = []ops.Def{{
	Name: "StringConcat", Since: 20,
	MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
	Infer:   inferStringConcat,
	Compile: compileStringConcat,
}}

func inferStringConcat(n *ops.Inference) error {
	n.SetDType(0, tensor.String)
	a, ok := n.Input(0).Dims()
	b, ok2 := n.Input(1).Dims()
	if !ok || !ok2 {
		return nil
	}
	shape, err := dims.Broadcast(a, b)
	if err != nil {
		return err
	}
	n.Set(0, tensor.String, shape...)
	return nil
}

func compileStringConcat(*ops.Node) (ops.Compiled, error) {
	return ops.RunFunc(func(c *ops.Call) error {
		a, _, err := needStrings(c, 0)
		if err != nil {
			return err
		}
		b, _, err := needStrings(c, 1)
		if err != nil {
			return err
		}
		both, err := dims.Broadcast(dims.Of(a.Shape()), dims.Of(b.Shape()))
		if err != nil {
			return err
		}
		shape, _ := dims.Concrete(both) // all dimensions are known
		out, err := output[string](c, 0, shape...)
		if err != nil {
			return err
		}
		spread(out, a, shape)
		tails := make([]string, len(out))
		spread(tails, b, shape)
		for i, s := range tails {
			out[i] += s
		}
		return nil
	}), nil
}

// spread writes t, broadcast to a shape, to dst.
func spread(dst []string, t *tensor.Tensor, shape []int) {
	strides := make([]int, len(shape))
	own := strided.Strides(t.Shape())
	for i, d := range t.Shape() {
		if d != 1 {
			strides[len(shape)-len(own)+i] = own[i]
		}
	}
	to := cells.Slice{Strings: dst, N: len(dst)}
	strided.New(shape, strided.Strides(shape), strides, 0, 0).Run(nil, to, cells.Load(t))
}
