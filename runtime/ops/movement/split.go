package movement

import (
	"errors"
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/strided"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Split cuts a tensor into parts along an axis (ONNX operator spec, Split-18).
//
//	1  the lengths of the parts are an attribute or an input; without, equal
//	2  an attribute only
//	11 a negative axis counts from the end
//	13 an input only
//	18 num_outputs; without lengths the last part may be shorter
var splitDefs = []ops.Def{
	splitDef(1, 2, split{}),
	splitDef(2, 1, split{}),
	splitDef(13, 2, split{}),
	splitDef(18, 2, split{uneven: true}),
}

type split struct{ uneven bool }

func splitDef(since, inputs int, s split) ops.Def {
	return ops.Def{
		Name: "Split", Since: since,
		MinInputs: 1, MaxInputs: inputs, MinOutputs: 1, MaxOutputs: ops.Variadic,
		Infer:   s.infer,
		Compile: s.compile,
	}
}

// checkCount compares num_outputs with the outputs that the node has.
func (s split) checkCount(a *ops.Attrs, outputs int) error {
	if !s.uneven || !a.Has("num_outputs") {
		return a.Err()
	}
	if n := a.Int("num_outputs", 0); a.Err() == nil && n != int64(outputs) {
		return fmt.Errorf("attribute \"num_outputs\" is %d, the node has %d outputs", n, outputs)
	}
	return a.Err()
}

// lengths gives the length of each part of a dimension of that size, where want
// is what the node asks for, nil for parts of equal length.
func (s split) lengths(want []int, parts, size int) ([]int, error) {
	if want != nil {
		if len(want) != parts {
			return nil, fmt.Errorf("split %v has %d lengths, the node has %d outputs", want, len(want), parts)
		}
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
	if parts == 0 {
		return nil, errors.New("node has no outputs")
	}
	if !s.uneven && size%parts != 0 {
		return nil, fmt.Errorf("dimension of %d does not split into %d equal parts", size, parts)
	}
	list := make([]int, parts)
	each := (size + parts - 1) / parts
	for i := range list {
		list[i] = min(each, size)
		size -= list[i]
	}
	return list, nil
}

func (s split) infer(n *ops.Inference) error {
	axis := n.Int("axis", 0)
	in := n.Input(0)
	for i := range n.Outputs {
		n.SetDType(i, in.DType())
	}
	if err := s.checkCount(n.Attrs, len(n.Outputs)); err != nil {
		return err
	}
	want, known := n.IntsInput(1, "split")
	shape, ok := in.Dims()
	if !ok {
		return n.Err()
	}
	at, err := dims.Axis(axis, len(shape))
	if err != nil {
		return err
	}
	lengths := dims.Unknown(len(n.Outputs))
	switch {
	case known && shape[at].IsKnown():
		list, err := s.lengths(want, len(n.Outputs), int(shape[at].Value))
		if err != nil {
			return err
		}
		lengths = fromInts(list)
	case known && len(want) == len(lengths):
		lengths = fromInts(want)
	case known && want == nil && !s.uneven:
		for i := range lengths {
			lengths[i] = dims.Div(shape[at], onnx.Known(len(lengths)))
		}
	}
	for i, d := range lengths {
		out := append([]onnx.Dim{}, shape...)
		out[at] = d
		n.Set(i, in.DType(), out...)
	}
	return n.Err()
}

func (s split) compile(n *ops.Node) (ops.Compiled, error) {
	axis := n.Int("axis", 0)
	if err := s.checkCount(n.Attrs, len(n.Outputs)); err != nil {
		return nil, err
	}
	want, err := n.IntsInput(1, "split")
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
		list, err := want.Read(c)
		if err != nil {
			return err
		}
		if list, err = s.lengths(list, len(c.Outputs), in.Dim(at)); err != nil {
			return err
		}
		return cut(c, in, at, list)
	}), nil
}

// cut copies the parts of in, of those lengths along axis at, to the outputs.
func cut(c *ops.Call, in *tensor.Tensor, at int, lengths []int) error {
	shape := append([]int{}, in.Shape()...)
	outer, row, inner := dims.Count(shape[:at]), dims.Count(shape[at:]), dims.Count(shape[at+1:])
	src := cells.Load(in)
	offset := 0
	for i, n := range lengths {
		shape[at] = n
		out, err := c.Output(i, in.DType(), shape...)
		if err != nil {
			return err
		}
		dst := cells.Dest(out)
		strided.CopyRows(c.Pool, dst, src, strided.Rows{Stride: n * inner}, strided.Rows{Offset: offset, Stride: row}, outer, n*inner)
		dst.Flush()
		offset += n * inner
	}
	return nil
}
