package sequence

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/movement"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// SplitToSequence cuts a tensor along an axis into a sequence (ONNX operator
// spec, SplitToSequence-24): into parts of the lengths that split lists, of the
// one length that a scalar split says (the last part may be shorter), or of
// length 1, which keepdims = 0 then takes out of the shape.
var splitToSequenceDefs = []ops.Def{{
	Name: "SplitToSequence", Since: 11,
	MinInputs: 1, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
	Infer:   inferSplitToSequence,
	Compile: compileSplitToSequence,
}}

func inferSplitToSequence(n *ops.Inference) error {
	in := n.Input(0)
	elem := &onnx.Type{Kind: onnx.TypeTensor, DType: in.DType()}
	if shape, ok := in.Dims(); ok {
		at, err := dims.Axis(n.Int("axis", 0), len(shape))
		if err != nil {
			return err
		}
		part := slices.Clone(shape)
		switch {
		case n.Has(1):
			part[at] = onnx.UnknownDim()
		case n.Bool("keepdims", true):
			part[at] = onnx.Known(1)
		default:
			part = slices.Delete(part, at, at+1)
		}
		elem = onnx.TensorOf(in.DType(), part...)
	}
	n.SetType(0, sequenceOf(elem))
	return n.Err()
}

func compileSplitToSequence(n *ops.Node) (ops.Compiled, error) {
	axis := n.Int("axis", 0)
	keep := n.Bool("keepdims", true) || n.Has(1)
	split, err := n.IntsInput(1, "split")
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		in, err := c.Need(0)
		if err != nil {
			return err
		}
		at, err := dims.Axis(axis, in.Rank())
		if err != nil {
			return err
		}
		want, err := split.Read(c)
		if err != nil {
			return err
		}
		scalar := want != nil && c.Input(1) != nil && c.Input(1).Rank() == 0
		lengths, err := partLengths(want, scalar, in.Dim(at))
		if err != nil {
			return err
		}
		s, err := splitAt(in, at, lengths, keep)
		if err != nil {
			return err
		}
		c.Set(0, s)
		return nil
	}), nil
}

// partLengths is the length of each part of a dimension of that size.
func partLengths(want []int, scalar bool, size int) ([]int, error) {
	if want != nil && !scalar {
		left := size
		for _, n := range want {
			if n < 0 || n > left {
				return nil, fmt.Errorf("split %v does not add up to the dimension of %d", want, size)
			}
			left -= n
		}
		if left != 0 {
			return nil, fmt.Errorf("split %v does not add up to the dimension of %d", want, size)
		}
		return want, nil
	}
	each := 1
	if scalar && len(want) == 1 {
		each = want[0]
	}
	if each < 1 {
		return nil, fmt.Errorf("split is %d, expected at least 1", each)
	}
	var list []int
	for ; size > 0; size -= each {
		list = append(list, min(each, size))
	}
	return list, nil
}

func splitAt(in *tensor.Tensor, at int, lengths []int, keep bool) (*tensor.Sequence, error) {
	s := &tensor.Sequence{DType: in.DType()}
	first := 0
	for _, n := range lengths {
		part, err := movement.Part(in, at, first, n)
		if err != nil {
			return nil, err
		}
		if !keep {
			if part, err = part.Reshape(slices.Delete(slices.Clone(part.Shape()), at, at+1)...); err != nil {
				return nil, err
			}
		}
		s.Items = append(s.Items, part)
		first += n
	}
	return s, nil
}

// ConcatFromSequence joins the tensors of a sequence along an axis, or along a
// new one (ONNX operator spec, ConcatFromSequence-11).
var concatFromSequenceDefs = []ops.Def{{
	Name: "ConcatFromSequence", Since: 11,
	MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
	Infer:   inferConcatFromSequence,
	Compile: compileConcatFromSequence,
}}

func inferConcatFromSequence(n *ops.Inference) error {
	if !n.Attrs.Has("axis") {
		return fmt.Errorf("attribute %q is missing", "axis")
	}
	elem := elemOf(n, 0)
	if elem == nil || elem.Kind != onnx.TypeTensor {
		return nil
	}
	n.SetDType(0, elem.DType)
	if elem.Shape == nil {
		return nil
	}
	shape := slices.Clone(elem.Shape.Dims)
	rank := len(shape)
	fresh := n.Bool("new_axis", false)
	if fresh {
		rank++
	}
	at, err := dims.Axis(n.Int("axis", 0), rank)
	if err != nil {
		return err
	}
	if fresh {
		shape = slices.Insert(shape, at, onnx.UnknownDim())
	}
	shape[at] = onnx.UnknownDim()
	n.Set(0, elem.DType, shape...)
	return n.Err()
}

func compileConcatFromSequence(n *ops.Node) (ops.Compiled, error) {
	axis, fresh := n.Int("axis", 0), n.Bool("new_axis", false)
	return ops.RunFunc(func(c *ops.Call) error {
		s, err := needSequence(c, 0)
		if err != nil {
			return err
		}
		list := make([]*tensor.Tensor, len(s.Items))
		for i, v := range s.Items {
			t, ok := v.(*tensor.Tensor)
			if !ok {
				return fmt.Errorf("item %d is a %v, expected a tensor", i, v.Kind())
			}
			list[i] = t
		}
		if fresh {
			return movement.Stack(c, 0, list, axis)
		}
		return movement.Join(c, 0, list, axis)
	}), n.Err()
}
