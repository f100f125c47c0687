package shape

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/strided"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// ConstantOfShape fills a tensor of the shape that its input says with the one
// element of value, a float32 zero by default (ONNX operator spec,
// ConstantOfShape-25).
var constantOfShapeDefs = []ops.Def{{
	Name: "ConstantOfShape", Since: 9,
	MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
	Infer:   inferConstantOfShape,
	Compile: compileConstantOfShape,
}}

// fillValue reads the attribute value.
func fillValue(a *ops.Attrs) (*tensor.Tensor, error) {
	v := a.Tensor("value")
	if err := a.Err(); err != nil {
		return nil, err
	}
	if v == nil {
		return tensor.Vector[float32](0), nil
	}
	if v.Len() != 1 {
		return nil, fmt.Errorf("attribute \"value\" has %d elements, expected one", v.Len())
	}
	return v, nil
}

func inferConstantOfShape(n *ops.Inference) error {
	v, err := fillValue(n.Attrs)
	if err != nil {
		return err
	}
	target := n.Values(0)
	if target == nil {
		n.SetDType(0, v.DType())
		if s, ok := n.Input(0).Dims(); ok && len(s) == 1 && s[0].IsKnown() && s[0].Value <= tensor.MaxRank {
			out := make([]onnx.Dim, s[0].Value)
			for i := range out {
				out[i] = onnx.UnknownDim()
			}
			n.Set(0, v.DType(), out...)
		}
		return nil
	}
	n.Set(0, v.DType(), target...)
	if fill, err := ops.IntsOf(v); err == nil && len(target) == 1 && target[0].IsKnown() && target[0].Value <= 64 {
		value := make([]onnx.Dim, target[0].Value)
		for i := range value {
			value[i] = onnx.Dim{Value: max(int64(fill[0]), -1)}
		}
		n.SetValue(0, value)
	}
	return nil
}

func compileConstantOfShape(n *ops.Node) (ops.Compiled, error) {
	v, err := fillValue(n.Attrs)
	if err != nil {
		return nil, err
	}
	source, err := n.IntsInput(0, "shape")
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		target, err := source.Read(c)
		if err != nil {
			return err
		}
		out, err := c.Output(0, v.DType(), target...)
		if err != nil {
			return err
		}
		dst := cells.Dest(out)
		strided.New([]int{out.Len()}, []int{1}, []int{0}, 0, 0).Run(c.Pool, dst, cells.Load(v))
		dst.Flush()
		return nil
	}), nil
}
