package quant

import (
	kernel "github.com/seed6700ada1/infer/runtime/kernel/quant"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// DynamicQuantizeLinear quantises x to uint8 with the scale and zero point by
// which its values, 0 among them, fill the range; those are outputs too.
//
// ONNX operator spec, DynamicQuantizeLinear-11.
func dynamicQuantizeLinearDefs() []ops.Def {
	return []ops.Def{{
		Name: "DynamicQuantizeLinear", Since: 11, MinInputs: 1, MaxInputs: 1, MinOutputs: 3, MaxOutputs: 3,
		Infer: func(n *ops.Inference) error {
			inferLike(n, tensor.Uint8)
			n.Set(1, tensor.Float32)
			n.Set(2, tensor.Uint8)
			return nil
		},
		Compile: func(n *ops.Node) (ops.Compiled, error) { return ops.RunFunc(runDynamic), n.Err() },
	}}
}

func runDynamic(c *ops.Call) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	in, err := tensor.Data[float32](x)
	if err != nil {
		return err
	}
	scale, zero := kernel.Dynamic(c.Pool, in)
	y, err := c.Output(0, tensor.Uint8, x.Shape()...)
	if err != nil {
		return err
	}
	out, err := tensor.Data[uint8](y)
	if err != nil {
		return err
	}
	kernel.Uint8(c.Pool, out, in, scale, zero)
	if err := putScalar(c, 1, scale); err != nil {
		return err
	}
	return putScalar(c, 2, zero)
}

// putScalar makes output i a tensor of rank 0.
func putScalar[T float32 | uint8](c *ops.Call, i int, v T) error {
	t, err := c.Output(i, tensor.TypeOf[T]())
	if err != nil {
		return err
	}
	data, err := tensor.Data[T](t)
	if err != nil {
		return err
	}
	data[0] = v
	return nil
}
