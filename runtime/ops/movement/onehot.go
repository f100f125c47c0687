package movement

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/scatter"
	"github.com/seed6700ada1/infer/runtime/kernel/strided"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// OneHot puts a dimension of depth at axis, all of whose elements are values[0]
// but the one that the index names, which is values[1] (ONNX operator spec,
// OneHot-11). An index beyond the depth names none; since version 11 a negative
// one counts from the end.
var oneHotDefs = []ops.Def{oneHotDef(9, false), oneHotDef(11, true)}

func oneHotDef(since int, wraps bool) ops.Def {
	return ops.Def{
		Name: "OneHot", Since: since,
		MinInputs: 3, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferOneHot,
		Compile: func(n *ops.Node) (ops.Compiled, error) {
			axis := n.Int("axis", -1)
			return ops.RunFunc(func(c *ops.Call) error { return runOneHot(c, axis, wraps) }), n.Err()
		},
	}
}

// oneHotAxis is the place of the new dimension in the output.
func oneHotAxis(axis int64, rank int) (int, error) {
	if axis < -int64(rank)-1 || axis > int64(rank) {
		return 0, fmt.Errorf("axis %d is out of range for an output of rank %d", axis, rank+1)
	}
	if axis < 0 {
		axis += int64(rank) + 1
	}
	return int(axis), nil
}

func inferOneHot(n *ops.Inference) error {
	axis := n.Int("axis", -1)
	d := n.Input(2).DType()
	n.SetDType(0, d)
	shape, ok := n.Input(0).Dims()
	if !ok {
		return n.Err()
	}
	at, err := oneHotAxis(axis, len(shape))
	if err != nil {
		return err
	}
	depth := onnx.UnknownDim()
	if v := n.Values(1); len(v) == 1 {
		depth = v[0]
	}
	n.Set(0, d, slices.Insert(slices.Clone(shape), at, depth)...)
	return n.Err()
}

func runOneHot(c *ops.Call, axis int64, wraps bool) error {
	indices, err := c.Need(0)
	if err != nil {
		return err
	}
	depth, err := wholeNumber(c, 1)
	if err != nil {
		return fmt.Errorf("depth: %w", err)
	}
	values, err := c.Need(2)
	if err != nil {
		return err
	}
	if values.Len() != 2 || values.Rank() != 1 {
		return fmt.Errorf("values are %v, expected two elements, off and on", values)
	}
	list, err := wholeNumbers(indices)
	if err != nil {
		return fmt.Errorf("indices: %w", err)
	}
	shape := indices.Shape()
	at, err := oneHotAxis(axis, len(shape))
	if err != nil {
		return err
	}
	inner := dims.Count(shape[at:])
	out, err := c.Output(0, values.DType(), slices.Insert(slices.Clone(shape), at, int(depth))...)
	if err != nil {
		return err
	}
	dst, src := cells.Dest(out), cells.Load(values)
	strided.New([]int{out.Len()}, []int{1}, []int{0}, 0, 0).Run(c.Pool, dst, src)
	scatter.Fill(dst, secondOf(values), hotPlaces(c, list, int(depth), inner, wraps))
	dst.Flush()
	return nil
}

// hotPlaces is the place of the "on" element of each index that names one.
func hotPlaces(c *ops.Call, list []int64, depth, inner int, wraps bool) []int {
	hot := places(c, len(list))[:0]
	for i, v := range list {
		if v < 0 && wraps {
			v += int64(depth)
		}
		if v >= 0 && v < int64(depth) {
			hot = append(hot, (i/inner*depth+int(v))*inner+i%inner)
		}
	}
	return hot
}

// secondOf is the second element of a tensor of two.
func secondOf(t *tensor.Tensor) cells.Slice {
	s := cells.Load(t)
	s.N = 1
	if s.Size == 0 {
		s.Strings = s.Strings[1:]
	} else {
		s.Bytes = s.Bytes[s.Size:]
	}
	return s
}
