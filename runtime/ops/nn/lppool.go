package nn

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/pooling"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// lpPoolDefs defines LpPool (ONNX operator spec, LpPool-22): the p-norm of each
// window, (Σ |v|^p)^(1/p).
//
//	X [N, C, D1…Dn]  →  Y [N, C, o1…on]
//
// In version 1 the attribute p is a float, later an integer; version 18 brought
// ceil_mode and dilations, 22 bfloat16.
func lpPoolDefs() []ops.Def {
	var defs []ops.Def
	for _, since := range []int{1, 2, 11, 18, 22} {
		defs = append(defs, ops.Def{
			Name: "LpPool", Since: since,
			MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
			Infer: inferPool, Compile: compileLpPool,
		})
	}
	return defs
}

// readNorm reads the attribute p of a p-norm.
func readNorm(n *ops.Node) float64 {
	var p float64
	if n.Def.Since == 1 {
		p = float64(n.Float("p", 2))
	} else {
		p = float64(n.Int("p", 2))
	}
	if !(p > 0) {
		n.Fail(fmt.Errorf("attribute %q is %v, expected more than 0", "p", p))
	}
	return p
}

func compileLpPool(n *ops.Node) (ops.Compiled, error) {
	s, norm := readPool(n.Attrs), readNorm(n)
	if err := n.Err(); err != nil {
		return nil, err
	}
	return widen.Func(func(c *ops.Call) error {
		x, err := c.Need(0)
		if err != nil {
			return err
		}
		switch x.DType() {
		case tensor.Float32:
			return runLpPool[float32](c, &s, x, norm)
		case tensor.Float64:
			return runLpPool[float64](c, &s, x, norm)
		}
		return fmt.Errorf("data is %v, expected a float type", x.DType())
	}), nil
}

func runLpPool[T pooling.Float](c *ops.Call, s *spatial, x *tensor.Tensor, norm float64) error {
	src, dst, axes, err := poolData[T](c, s, x)
	if err != nil {
		return err
	}
	pooling.Lp(c.Pool, x.Dim(0)*x.Dim(1), axes, norm, src, dst)
	return nil
}
