package math

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/vec"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// reluGradientDef defines the gradient of Relu, which has a function of standard
// operators in the graphs that use it.
//
//	G, the gradient of Y   Y, of the same shape  →  G where Y > 0, else 0
var reluGradientDef = ops.Def{
	Name: "ReluGradient", Domain: ops.GradientDomain, Since: 1,
	MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1, InPlace: []int{0, 1},
	Infer: func(n *ops.Inference) error {
		n.Like(0, 1)
		return nil
	},
	Compile: func(*ops.Node) (ops.Compiled, error) { return widen.Func(runReluGradient), nil },
}

// gateChunk is how many elements threads take at a time.
const gateChunk = 1 << 15

func runReluGradient(c *ops.Call) error {
	g, y := c.Input(0), c.Input(1)
	if g == nil || y == nil || g.Len() != y.Len() || g.DType() != y.DType() {
		return fmt.Errorf("the gradient is %v and the output %v, expected the same shape and type", g, y)
	}
	out, err := c.Output(0, y.DType(), y.Shape()...)
	if err != nil {
		return err
	}
	if y.DType() == tensor.Float64 {
		return gate(c, g, y, out, func(dst, a, b []float64) {
			for i, v := range a {
				if !(b[i] > 0) {
					v = 0
				}
				dst[i] = v
			}
		})
	}
	return gate(c, g, y, out, vec.Gate)
}

func gate[T tensor.Element](c *ops.Call, g, y, out *tensor.Tensor, f func(dst, a, b []T)) error {
	var list [3][]T
	for i, t := range []*tensor.Tensor{out, g, y} {
		data, err := tensor.Data[T](t)
		if err != nil {
			return err
		}
		list[i] = data
	}
	c.Pool.For(len(list[0]), gateChunk, func(lo, hi int) { f(list[0][lo:hi], list[1][lo:hi], list[2][lo:hi]) })
	return nil
}
