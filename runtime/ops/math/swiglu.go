package math

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// swiGLUDefs defines SwiGLU (ONNX operator spec, SwiGLU-28): Swish of the gate a, times
// b, which has the same shape.
func swiGLUDefs() []ops.Def {
	return []ops.Def{{
		Name: "SwiGLU", Since: 28, MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
		InPlace: []int{0, 1},
		Infer:   func(n *ops.Inference) error { return swiGLU(n.Attrs).infer(n) },
		Compile: compileSwiGLU,
	}}
}

func swiGLU(a *ops.Attrs) binary {
	alpha := float64(a.Float("alpha", 1))
	return binary{grain: elementwise.GrainCostly, kernels: []binaryKernel{
		two(elementwise.SwiGLU[float32](alpha)), two(elementwise.SwiGLU[float64](alpha)),
	}}
}

func compileSwiGLU(n *ops.Node) (ops.Compiled, error) {
	op := swiGLU(n.Attrs)
	return ops.RunFunc(func(c *ops.Call) error {
		a, b := c.Input(0), c.Input(1)
		if a != nil && b != nil && !slices.Equal(a.Shape(), b.Shape()) {
			return fmt.Errorf("the inputs have shapes %s and %s, expected the same", tensor.FormatShape(a.Shape()), tensor.FormatShape(b.Shape()))
		}
		return op.Run(c)
	}), n.Err()
}
