// Package norm holds the operators that normalise: they shift and scale groups
// of elements by the moments of each group.
package norm

import (
	"fmt"
	"slices"

	kernel "github.com/seed6700ada1/infer/runtime/kernel/norm"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Ops lists the family's definitions.
var Ops = slices.Concat(
	layerNormalizationDefs(),
	rmsNormalizationDefs(),
	batchNormalizationDefs(),
	[]ops.Def{batchGradientDef},
	instanceNormalizationDefs(),
	groupNormalizationDefs(),
	lpNormalizationDefs(),
	meanVarianceNormalizationDefs(),
	lrnDefs(),
)

// versions repeats a definition for versions that differ in the types they
// allow, and not in what the operator does.
func versions(d ops.Def, since ...int) []ops.Def {
	list := make([]ops.Def, len(since))
	for i, v := range since {
		list[i] = d
		list[i].Since = v
	}
	return list
}

// wide reports whether an operator computes on x in float64; float16, bfloat16
// and float32 are computed in float32.
func wide(x *tensor.Tensor) (bool, error) {
	switch x.DType() {
	case tensor.Float64:
		return true, nil
	case tensor.Float32, tensor.Float16, tensor.BFloat16:
		return false, nil
	default:
		return false, fmt.Errorf("elements are %v, expected a floating-point type", x.DType())
	}
}

// same runs an operator whose output has the type and shape of its first input:
// f reads x and writes y. There is one f for each type of computation.
func same(c *ops.Call, f32 func(x *tensor.Tensor, in, out []float32) error, f64 func(x *tensor.Tensor, in, out []float64) error) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	double, err := wide(x)
	if err != nil {
		return err
	}
	if double {
		return through(c, x, f64)
	}
	return through(c, x, f32)
}

func through[T floats.Float](c *ops.Call, x *tensor.Tensor, f func(x *tensor.Tensor, in, out []T) error) error {
	in, err := floats.View[T](x)
	if err != nil {
		return err
	}
	y, err := c.Output(0, x.DType(), x.Shape()...)
	if err != nil {
		return err
	}
	out := floats.Target[T](y)
	if err := f(x, in, out); err != nil {
		return err
	}
	return floats.Flush(y, out)
}

// perChannel reads input i, which must hold one value for each of n channels.
func perChannel[T floats.Float](c *ops.Call, i, n int, name string) ([]T, error) {
	t, err := c.Need(i)
	if err != nil {
		return nil, err
	}
	if t.Len() != n {
		return nil, fmt.Errorf("%s has %d values, expected %d", name, t.Len(), n)
	}
	return floats.View[T](t)
}

// inner is the number of elements of a channel of one image, in a shape
// [batch, channels, …].
func inner(shape []int) int {
	n := 1
	for _, d := range shape[2:] {
		n *= d
	}
	return n
}

// needChannels fails for shapes without a dimension of channels.
func needChannels(x *tensor.Tensor) error {
	if x.Rank() < 2 {
		return fmt.Errorf("input X has rank %d, expected at least 2", x.Rank())
	}
	return nil
}

// affine broadcasts scale and bias, either of which may be nil, to the rows that
// shape is normalised by: those that begin at axis.
func affine[T floats.Float](shape []int, axis int, scale, bias *tensor.Tensor) (a kernel.Affine[T], err error) {
	if a.Scale, a.ScaleStep, err = rows[T](shape, axis, scale); err != nil {
		return a, fmt.Errorf("scale: %w", err)
	}
	if a.Bias, a.BiasStep, err = rows[T](shape, axis, bias); err != nil {
		return a, fmt.Errorf("bias: %w", err)
	}
	return a, nil
}

// rows gives the values of t for a row of shape from axis on, and how far those
// of the next row are.
func rows[T floats.Float](shape []int, axis int, t *tensor.Tensor) ([]T, int, error) {
	if t == nil {
		return nil, 0, nil
	}
	data, err := floats.View[T](t)
	if err != nil {
		return nil, 0, err
	}
	from := t.Shape()
	for len(from) > len(shape)-axis && from[0] == 1 {
		from = from[1:]
	}
	if slices.Equal(from, shape[axis:]) {
		return data, 0, nil
	}
	to, step := shape[axis:], 0
	if len(from) > len(to) {
		to, step = shape, 1
		for _, d := range shape[axis:] {
			step *= d
		}
	}
	out, err := spread(data, from, to)
	return out, step, err
}

// spread copies data of one shape to a larger shape that it broadcasts to.
func spread[T floats.Float](data []T, from, to []int) ([]T, error) {
	both, err := dims.Broadcast(dims.Of(from), dims.Of(to))
	concrete, _ := dims.Concrete(both)
	if err != nil || !slices.Equal(concrete, to) {
		return nil, fmt.Errorf("shape %s does not broadcast to %s", tensor.FormatShape(from), tensor.FormatShape(to))
	}
	n, err := tensor.NumElements(to)
	if err != nil {
		return nil, err
	}
	out := make([]T, n)
	for i := range out {
		at, rest, step := 0, i, 1
		for d := len(to) - 1; d >= len(to)-len(from); d-- {
			k := rest % to[d]
			rest /= to[d]
			if size := from[d-len(to)+len(from)]; size != 1 {
				at += k * step
				step *= size
			}
		}
		out[i] = data[at]
	}
	return out, nil
}

// reducedTo is a shape whose dimensions from axis on have become 1.
func reducedTo(shape []onnx.Dim, axis int) []onnx.Dim {
	out := slices.Clone(shape)
	for i := axis; i < len(out); i++ {
		out[i] = onnx.Known(1)
	}
	return out
}
