package norm

import (
	"fmt"
	"slices"

	kernel "github.com/seed6700ada1/infer/runtime/kernel/norm"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// batchGradientDef defines the gradient of BatchNormalization in training mode,
// which has a function of standard operators in the graphs that use it.
//
//	X [N,C,…]  scale [C]  G, the gradient of Y  →  gradients of X, scale and B
var batchGradientDef = ops.Def{
	Name: "BatchNormalizationGradient", Domain: ops.GradientDomain, Since: 1,
	MinInputs: 3, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 3,
	Infer: func(n *ops.Inference) error {
		n.Like(0, 0)
		n.Like(1, 1)
		n.Like(2, 1)
		return nil
	},
	Compile: func(n *ops.Node) (ops.Compiled, error) {
		eps := float64(n.Float("epsilon", 1e-5))
		return widen.Func(func(c *ops.Call) error {
			x, err := c.Need(0)
			if err != nil {
				return err
			}
			if x.DType() == tensor.Float64 {
				return runBatchGradient[float64](c, eps)
			}
			return runBatchGradient[float32](c, eps)
		}), n.Err()
	},
}

func runBatchGradient[T kernel.Float](c *ops.Call, eps float64) error {
	x, scale, g := c.Input(0), c.Input(1), c.Input(2)
	if scale == nil || g == nil || x.Rank() < 2 || !slices.Equal(x.Shape(), g.Shape()) || scale.Len() != x.Dim(1) {
		return fmt.Errorf("data is %v, scale %v and the gradient %v, expected [N,C,…], [C] and the data's shape", x, scale, g)
	}
	var in [3][]T
	for i := range in {
		data, err := tensor.Data[T](c.Input(i))
		if err != nil {
			return fmt.Errorf("input %d: %w", i, err)
		}
		in[i] = data
	}
	var out [3][]T
	for i, like := range []*tensor.Tensor{x, scale, scale} {
		if !c.Wants(i) {
			out[i] = make([]T, like.Len())
			continue
		}
		t, err := c.Output(i, tensor.TypeOf[T](), like.Shape()...)
		if err != nil {
			return err
		}
		if out[i], err = tensor.Data[T](t); err != nil {
			return err
		}
	}
	kernel.BatchGradient(c.Pool, in[0], in[2], in[1], inner(x.Shape()), eps, out[0], out[1], out[2])
	return nil
}
