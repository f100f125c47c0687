package norm

import (
	"fmt"

	kernel "github.com/seed6700ada1/infer/runtime/kernel/norm"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// LayerNormalization computes Y = (X - mean)/√(variance + epsilon)·Scale + B,
// with the moments of the dimensions from axis on. Its other outputs are the
// means and the inverse standard deviations, of the type that stash_type names.
//
// float64 is computed in float64 whatever the stash type.
//
// ONNX operator spec, LayerNormalization-17.
func layerNormalizationDefs() []ops.Def {
	return []ops.Def{{
		Name: "LayerNormalization", Since: 17, MinInputs: 2, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 3,
		InPlace: []int{0}, Infer: inferLayerNormalization, Compile: compileLayerNormalization,
	}}
}

// layer holds the attributes of LayerNormalization and RMSNormalization.
type layer struct {
	axis    int64
	epsilon float32
	stash   tensor.DType
}

func readLayer(a *ops.Attrs) (layer, error) {
	l := layer{axis: a.Int("axis", -1), epsilon: a.Float("epsilon", 1e-5), stash: a.DType("stash_type", tensor.Float32)}
	if err := a.Err(); err != nil {
		return l, err
	}
	if l.stash != tensor.Float32 && l.stash != tensor.BFloat16 {
		return l, fmt.Errorf("attribute %q is %v, expected float32 or bfloat16", "stash_type", l.stash)
	}
	return l, nil
}

func inferLayerNormalization(n *ops.Inference) error {
	l, err := readLayer(n.Attrs)
	if err != nil {
		return err
	}
	n.Like(0, 0)
	n.SetDType(1, l.stash)
	n.SetDType(2, l.stash)
	shape, ok := n.Input(0).Dims()
	if !ok {
		return nil
	}
	axis, err := dims.Axis(l.axis, len(shape))
	if err != nil {
		return err
	}
	moments := reducedTo(shape, axis)
	n.Set(1, l.stash, moments...)
	n.Set(2, l.stash, moments...)
	return nil
}

func compileLayerNormalization(n *ops.Node) (ops.Compiled, error) {
	l, err := readLayer(n.Attrs)
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		return same(c,
			func(x *tensor.Tensor, in, out []float32) error { return runLayer(c, l, x, in, out) },
			func(x *tensor.Tensor, in, out []float64) error { return runLayer(c, l, x, in, out) })
	}), nil
}

func runLayer[T floats.Float](c *ops.Call, l layer, x *tensor.Tensor, in, out []T) error {
	axis, err := dims.Axis(l.axis, x.Rank())
	if err != nil {
		return err
	}
	a, err := affine[T](x.Shape(), axis, c.Input(1), c.Input(2))
	if err != nil {
		return err
	}
	n := 1
	for _, d := range x.Shape()[axis:] {
		n *= d
	}
	var stats [2]*tensor.Tensor
	var values [2][]T
	for i := range stats {
		if !c.Wants(i + 1) {
			continue
		}
		shape, _ := dims.Concrete(reducedTo(dims.Of(x.Shape()), axis)) // all dimensions are known
		if stats[i], err = c.Output(i+1, l.stash, shape...); err != nil {
			return err
		}
		values[i] = floats.Target[T](stats[i])
	}
	kernel.Layer(c.Pool, out, in, n, T(l.epsilon), a, values[0], values[1])
	for i, t := range stats {
		if t == nil {
			continue
		}
		if err := floats.Flush(t, values[i]); err != nil {
			return err
		}
	}
	return nil
}
