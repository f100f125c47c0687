package nn

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/pooling"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// averagePoolDefs defines AveragePool (ONNX operator spec, AveragePool-22): the
// mean of each window, over the values in the input or, with count_include_pad,
// over the padding as well.
//
//	X [N, C, D1…Dn]  →  Y [N, C, o1…on]
//
// Version 7 brought count_include_pad, 10 ceil_mode, 19 dilations, 22 bfloat16.
func averagePoolDefs() []ops.Def {
	var defs []ops.Def
	for _, since := range []int{1, 7, 10, 11, 19, 22} {
		defs = append(defs, ops.Def{
			Name: "AveragePool", Since: since,
			MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
			Infer: inferPool, Compile: compileAveragePool,
		})
	}
	return defs
}

func compileAveragePool(n *ops.Node) (ops.Compiled, error) {
	s, includePad := readPool(n.Attrs), n.Bool("count_include_pad", false)
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
			return runAveragePool[float32](c, &s, x, includePad)
		case tensor.Float64:
			return runAveragePool[float64](c, &s, x, includePad)
		}
		return fmt.Errorf("data is %v, expected a float type", x.DType())
	}), nil
}

func runAveragePool[T pooling.Float](c *ops.Call, s *spatial, x *tensor.Tensor, includePad bool) error {
	src, dst, axes, err := poolData[T](c, s, x)
	if err != nil {
		return err
	}
	pooling.Average(c.Pool, x.Dim(0)*x.Dim(1), axes, includePad, src, dst)
	return nil
}
