package norm

import (
	kernel "github.com/seed6700ada1/infer/runtime/kernel/norm"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// RMSNormalization computes Y = X/√(mean(X²) + epsilon)·scale, with the mean
// over the dimensions from axis on. Y has the type of scale.
//
// ONNX operator spec, RMSNormalization-23.
func rmsNormalizationDefs() []ops.Def {
	return []ops.Def{{
		Name: "RMSNormalization", Since: 23, MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
		InPlace: []int{0}, Infer: InferRMS, Compile: CompileRMS,
	}}
}

// InferRMS infers RMSNormalization, and operators like it that have the inverse
// of the root as output 1.
func InferRMS(n *ops.Inference) error {
	l, err := readLayer(n.Attrs)
	if err != nil {
		return err
	}
	d := n.Input(1).DType()
	shape, ok := n.Input(0).Dims()
	if !ok {
		n.SetDType(0, d)
		n.SetDType(1, l.stash)
		return nil
	}
	axis, err := dims.Axis(l.axis, len(shape))
	if err != nil {
		return err
	}
	n.Set(0, d, append([]onnx.Dim{}, shape...)...)
	n.Set(1, l.stash, reducedTo(shape, axis)...)
	return nil
}

// CompileRMS compiles what [InferRMS] infers.
func CompileRMS(n *ops.Node) (ops.Compiled, error) {
	l, err := readLayer(n.Attrs)
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		x, err := c.Need(0)
		if err != nil {
			return err
		}
		double, err := wide(x)
		switch {
		case err != nil:
			return err
		case double:
			return runRMS[float64](c, l, x)
		default:
			return runRMS[float32](c, l, x)
		}
	}), nil
}

func runRMS[T floats.Float](c *ops.Call, l layer, x *tensor.Tensor) error {
	axis, err := dims.Axis(l.axis, x.Rank())
	if err != nil {
		return err
	}
	scale, err := c.Need(1)
	if err != nil {
		return err
	}
	a, err := affine[T](x.Shape(), axis, scale, nil)
	if err != nil {
		return err
	}
	in, err := floats.View[T](x)
	if err != nil {
		return err
	}
	y, err := c.Output(0, scale.DType(), x.Shape()...)
	if err != nil {
		return err
	}
	out := floats.Target[T](y)
	n := 1
	for _, d := range x.Shape()[axis:] {
		n *= d
	}
	var root *tensor.Tensor
	var inv []T
	if c.Wants(1) {
		shape, _ := dims.Concrete(reducedTo(dims.Of(x.Shape()), axis)) // all dimensions are known
		if root, err = c.Output(1, l.stash, shape...); err != nil {
			return err
		}
		inv = floats.Target[T](root)
	}
	kernel.RMS(c.Pool, out, in, n, T(l.epsilon), a, inv)
	if root != nil {
		if err := floats.Flush(root, inv); err != nil {
			return err
		}
	}
	return floats.Flush(y, out)
}
