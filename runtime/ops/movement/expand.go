package movement

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/strided"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Expand repeats a tensor along dimensions of 1, so that it has the shape that
// it and the target broadcast to (ONNX operator spec, Expand-13).
var expandDefs = []ops.Def{{
	Name: "Expand", Since: 8,
	MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
	Infer:   inferExpand,
	Compile: compileExpand,
}}

func inferExpand(n *ops.Inference) error {
	d := n.Input(0).DType()
	n.SetDType(0, d)
	shape, ok := n.Input(0).Dims()
	if !ok {
		return nil
	}
	target := n.Values(1)
	if target == nil {
		if s, ok := n.Input(1).Dims(); ok && len(s) == 1 && s[0].IsKnown() && s[0].Value <= tensor.MaxRank {
			out := dims.Unknown(max(len(shape), int(s[0].Value)))
			for i, dim := range shape {
				if dim.IsKnown() && dim.Value != 1 { // which nothing can change
					out[len(out)-len(shape)+i] = dim
				}
			}
			n.Set(0, d, out...)
		}
		return nil
	}
	out, err := dims.Broadcast(shape, target)
	if err != nil {
		return err
	}
	n.Set(0, d, out...)
	return nil
}

func compileExpand(n *ops.Node) (ops.Compiled, error) {
	source, err := n.IntsInput(1, "shape")
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		in, err := c.Need(0)
		if err != nil {
			return err
		}
		target, err := source.Read(c)
		if err != nil {
			return err
		}
		k := lastCopying(c)
		if !k.fits(in.Shape(), target) {
			if err := k.expand(in.Shape(), target); err != nil {
				return err
			}
		}
		return k.run(c, in)
	}), nil
}

// expand plans the broadcast of a tensor of that shape to a target.
func (k *copying) expand(in, target []int) error {
	k.made = false // until all is well
	shape, strides, err := broadcast(in, target)
	if err != nil {
		return err
	}
	k.shape, k.plan = shape, strided.New(shape, strided.Strides(shape), strides, 0, 0)
	k.made = true
	return nil
}

// broadcast is the shape that in and target broadcast to, and the strides of a
// tensor of shape in within it.
func broadcast(in, target []int) (shape, strides []int, err error) {
	rank := max(len(in), len(target))
	shape, strides = make([]int, rank), make([]int, rank)
	own := strided.Strides(in)
	for i := range shape {
		a, b := 1, 1
		k := i - rank + len(in)
		if k >= 0 {
			a = in[k]
		}
		if j := i - rank + len(target); j >= 0 {
			b = target[j]
		}
		switch {
		case b < 0:
			return nil, nil, fmt.Errorf("target shape %v has a negative dimension", target)
		case a == b || b == 1:
			shape[i] = a
		case a == 1:
			shape[i] = b
		default:
			return nil, nil, fmt.Errorf("shape %v does not broadcast with target %v", in, target)
		}
		if k >= 0 && a != 1 {
			strides[i] = own[k]
		}
	}
	return shape, strides, nil
}
