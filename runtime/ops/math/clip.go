package math

import (
	"fmt"
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/cast"
	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// clipDefs defines Clip: min(max(x, lo), hi), so that hi wins where the two
// cross, and NaN stays (ONNX operator spec, Clip-13). A limit that is left out
// is the type's own. Versions 1 and 6 have the limits as attributes, later ones
// as inputs, scalars of the type of x.
func clipDefs() []ops.Def {
	def := ops.Def{
		Name: "Clip", MinInputs: 1, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		InPlace: []int{0},
		Infer:   inferClip,
		Compile: compileClip,
	}
	old := def
	old.MaxInputs = 1
	old.Compile = func(n *ops.Node) (ops.Compiled, error) {
		lo := n.Float("min", -math.MaxFloat32)
		hi := n.Float("max", math.MaxFloat32)
		return unary{grain: elementwise.GrainCheap, kernels: []unaryKernel{
			one(elementwise.Clip(lo, hi)), one(elementwise.Clip(float64(lo), float64(hi))),
		}}, n.Err()
	}
	return append(at(old, 1, 6), at(def, 11, 12, 13)...)
}

// inferClip gives the output the type of input 0, where the limits have it too.
func inferClip(n *ops.Inference) error {
	if _, err := commonType(n.Inputs...); err != nil {
		return err
	}
	if d := n.Input(0).DType(); d != tensor.Undefined {
		if _, err := clipper(d); err != nil {
			return err
		}
	}
	return ops.InferLike(n)
}

func compileClip(n *ops.Node) (ops.Compiled, error) {
	d := n.Input(0).DType()
	fixed := (!n.Has(1) || n.Const(1) != nil) && (!n.Has(2) || n.Const(2) != nil)
	if n.Err() != nil || d == tensor.Undefined || !fixed {
		return ops.RunFunc(runClip), n.Err()
	}
	// the limits never change: make the loop once
	k, err := clipKernel(d, n.Const(1), n.Const(2))
	if err != nil {
		return nil, err
	}
	return unary{grain: elementwise.GrainCheap, kernels: []unaryKernel{k}}, nil
}

func runClip(c *ops.Call) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	k, err := clipKernel(x.DType(), c.Input(1), c.Input(2))
	if err != nil {
		return err
	}
	return unary{grain: elementwise.GrainCheap, kernels: []unaryKernel{k}}.Run(c)
}

// clipKernel makes the kernel for elements of type d between the given limits,
// nil for none.
func clipKernel(d tensor.DType, lo, hi *tensor.Tensor) (unaryKernel, error) {
	for i, limit := range []*tensor.Tensor{lo, hi} {
		switch {
		case limit == nil:
		case limit.DType() != d:
			return nil, fmt.Errorf("input %d is %v, expected %v", i+1, limit.DType(), d)
		case limit.Len() != 1:
			return nil, fmt.Errorf("input %d has shape %s, expected a scalar", i+1, tensor.FormatShape(limit.Shape()))
		}
	}
	build, err := clipper(d)
	if err != nil {
		return nil, err
	}
	return build(lo, hi)
}

func clipper(d tensor.DType) (func(lo, hi *tensor.Tensor) (unaryKernel, error), error) {
	switch d {
	case tensor.Float32, tensor.Float16, tensor.BFloat16:
		return clipBetween[float32], nil
	case tensor.Float64:
		return clipBetween[float64], nil
	case tensor.Int64:
		return clipBetween[int64], nil
	case tensor.Int32:
		return clipBetween[int32], nil
	case tensor.Int16:
		return clipBetween[int16], nil
	case tensor.Int8:
		return clipBetween[int8], nil
	case tensor.Uint64:
		return clipBetween[uint64], nil
	case tensor.Uint32:
		return clipBetween[uint32], nil
	case tensor.Uint16:
		return clipBetween[uint16], nil
	case tensor.Uint8:
		return clipBetween[uint8], nil
	default:
		return nil, fmt.Errorf("elements are %v, expected real numbers", d)
	}
}

// numeric is what elementwise computes with, as elements of tensors.
type numeric interface {
	elementwise.Number
	tensor.Element
}

func clipBetween[T numeric](lo, hi *tensor.Tensor) (unaryKernel, error) {
	from, to := elementwise.Limits[T]()
	for _, limit := range []struct {
		t *tensor.Tensor
		v *T
	}{{lo, &from}, {hi, &to}} {
		if limit.t == nil {
			continue
		}
		var one [1]T
		t, err := tensor.FromSlice(one[:], limit.t.Shape()...)
		if err != nil {
			return nil, err
		}
		if err := cast.Convert(nil, t, limit.t, cast.Options{}); err != nil {
			return nil, err
		}
		*limit.v = one[0]
	}
	return typedUnary[T, T]{elementwise.Clip(from, to)}, nil
}
