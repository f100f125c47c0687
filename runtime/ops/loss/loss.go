// Package loss holds the operators that measure how wrong predictions are.
package loss

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/cast"
	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/kernel/loss"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/half"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Ops lists the operators of the family.
var Ops = slices.Concat(nllDefs(), crossEntropyDefs())

// settings are the attributes that both losses have.
type settings struct {
	reduction string
	ignore    int64
	hasIgnore bool
}

func settingsOf(a *ops.Attrs) settings {
	return settings{
		reduction: a.OneOf("reduction", "mean", "sum", "none"),
		ignore:    a.Int("ignore_index", 0),
		hasIgnore: a.Has("ignore_index"),
	}
}

// infer gives output 0 the shape of the targets, or none where they are reduced
// to one number.
func (s settings) infer(n *ops.Inference) error {
	d := n.Input(0).DType()
	if d == tensor.Undefined || n.Err() != nil {
		return n.Err()
	}
	if err := checkFloat(d); err != nil {
		return err
	}
	if s.reduction != "none" {
		n.Set(0, d)
		return nil
	}
	n.SetDType(0, d)
	if shape, ok := n.Input(1).Dims(); ok {
		n.Set(0, d, shape...)
	} else if x, ok := n.Input(0).Dims(); ok && len(x) >= 2 {
		n.Set(0, d, append([]onnx.Dim{x[0]}, x[2:]...)...)
	}
	return nil
}

func checkFloat(d tensor.DType) error {
	if d = half.Computed(d); d != tensor.Float32 && d != tensor.Float64 {
		return fmt.Errorf("elements are %v, expected float32, float64, float16 or bfloat16", d)
	}
	return nil
}

// run computes output 0 from x, logarithms of probabilities [N, C, …], the
// targets in input 1 and the weights in input 2.
func (s settings) run(c *ops.Call, x *tensor.Tensor) error {
	t, err := s.targets(c, x)
	if err != nil {
		return err
	}
	weight := c.Input(2)
	if weight != nil && (weight.DType() != x.DType() || weight.Rank() != 1 || weight.Len() != t.Classes) {
		return fmt.Errorf("weight is %v, expected %v[%d]", weight, x.DType(), t.Classes)
	}
	var shape []int
	if s.reduction == "none" {
		shape = c.Input(1).Shape()
	}
	y, err := c.Output(0, x.DType(), shape...)
	if err != nil {
		return err
	}
	return half.Run(c, y, []*tensor.Tensor{x, weight}, func(y *tensor.Tensor, in []*tensor.Tensor) error {
		if y.DType() == tensor.Float64 {
			return reduced[float64](s, y, in[0], in[1], t)
		}
		return reduced[float32](s, y, in[0], in[1], t)
	})
}

// targets checks input 1 against the shape of x and reads it.
func (s settings) targets(c *ops.Call, x *tensor.Tensor) (*loss.Targets, error) {
	target, err := c.Need(1)
	if err != nil {
		return nil, err
	}
	if err := checkFloat(x.DType()); err != nil {
		return nil, err
	}
	if x.Rank() < 2 {
		return nil, fmt.Errorf("input 0 has shape %s, expected at least [N,C]", tensor.FormatShape(x.Shape()))
	}
	want := slices.Concat(x.Shape()[:1], x.Shape()[2:])
	if !slices.Equal(target.Shape(), want) {
		return nil, fmt.Errorf("target has shape %s, expected %s for predictions of shape %s",
			tensor.FormatShape(target.Shape()), tensor.FormatShape(want), tensor.FormatShape(x.Shape()))
	}
	if d := target.DType(); d != tensor.Int64 && d != tensor.Int32 {
		return nil, fmt.Errorf("target is %v, expected int64 or int32", d)
	}
	t := &loss.Targets{N: x.Dim(0), Classes: x.Dim(1), Inner: 1, Ignore: s.ignore, HasIgnore: s.hasIgnore}
	for _, d := range x.Shape()[2:] {
		t.Inner *= d
	}
	t.Class = make([]int64, target.Len())
	classes, err := tensor.FromSlice(t.Class, target.Shape()...)
	if err != nil {
		return nil, err
	}
	return t, cast.Convert(c.Pool, classes, target, cast.Options{})
}

// reduced writes the losses, their sum or their weighted mean to y.
func reduced[T interface {
	elementwise.Float
	tensor.Element
}](s settings, y, x, weight *tensor.Tensor, t *loss.Targets) error {
	out, err := tensor.Data[T](y)
	if err != nil {
		return err
	}
	in, err := tensor.Data[T](x)
	if err != nil {
		return err
	}
	var w []T
	if weight != nil {
		if w, err = tensor.Data[T](weight); err != nil {
			return err
		}
	}
	if s.reduction == "none" {
		_, _, err = loss.NegativeLogLikelihood(out, in, w, t)
		return err
	}
	sum, weights, err := loss.NegativeLogLikelihood(nil, in, w, t)
	if err != nil {
		return err
	}
	if s.reduction == "mean" {
		sum /= weights
	}
	out[0] = T(sum)
	return nil
}
