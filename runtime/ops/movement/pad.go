package movement

import (
	"errors"
	"fmt"
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/pad"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Pad adds elements before and after along each axis, or cuts some off where a
// pad is negative (ONNX operator spec, Pad-25).
//
//	1  attributes paddings, mode, value
//	2  attributes pads, mode, value
//	11 pads and the value are inputs
//	18 axes
//	19 mode wrap
var padDefs = []ops.Def{
	padDef(1, 1, padForm{attribute: "paddings"}, "constant", "reflect", "edge"),
	padDef(2, 1, padForm{attribute: "pads"}, "constant", "reflect", "edge"),
	padDef(11, 3, padForm{}, "constant", "reflect", "edge"),
	padDef(18, 4, padForm{}, "constant", "reflect", "edge"),
	padDef(19, 4, padForm{}, "constant", "reflect", "edge", "wrap"),
}

// padForm says where a version has its pads.
type padForm struct {
	attribute string // "" where they are an input
	modes     []string
}

func padDef(since, inputs int, f padForm, modes ...string) ops.Def {
	f.modes = modes
	return ops.Def{
		Name: "Pad", Since: since,
		MinInputs: min(inputs, 2), MaxInputs: inputs, MinOutputs: 1, MaxOutputs: 1,
		Infer:   f.infer,
		Compile: f.compile,
	}
}

// amounts completes pads for each axis of a tensor of that rank.
func amounts(pads, axes []int, rank int) (before, after []int, err error) {
	if axes == nil {
		for i := range rank {
			axes = append(axes, i)
		}
	}
	if axes, err = dims.Axes(axes, rank); err != nil {
		return nil, nil, err
	}
	if pads == nil || len(pads) != 2*len(axes) {
		return nil, nil, fmt.Errorf("there are %d pads for %d axes, expected two for each", len(pads), len(axes))
	}
	before, after = make([]int, rank), make([]int, rank)
	for i, a := range axes {
		before[a], after[a] = pads[i], pads[len(axes)+i]
	}
	return before, after, nil
}

func (f padForm) infer(n *ops.Inference) error {
	n.OneOf("mode", f.modes...)
	in := n.Input(0)
	shape, ok := in.Dims()
	if !ok {
		n.SetDType(0, in.DType())
		return n.Err()
	}
	n.Set(0, in.DType(), dims.Unknown(len(shape))...)
	var pads []int
	if ok = true; f.attribute != "" {
		pads = n.Attrs.Ints(f.attribute)
	} else {
		pads, ok = n.Ints(1)
	}
	axes, ok2 := n.IntsInput(3, "axes")
	if !ok || !ok2 {
		return n.Err()
	}
	before, after, err := amounts(pads, axes, len(shape))
	if err != nil {
		return err
	}
	out := make([]onnx.Dim, len(shape))
	for i, d := range shape {
		switch grow := before[i] + after[i]; {
		case grow >= 0:
			out[i] = dims.Add(d, onnx.Known(grow))
		case d.IsKnown() && d.Value+int64(grow) < 0:
			return fmt.Errorf("pads %d and %d leave less than nothing of dimension %d, %d", before[i], after[i], i, d.Value)
		case d.IsKnown():
			out[i] = onnx.Known(int(d.Value) + grow)
		default:
			out[i] = onnx.UnknownDim()
		}
	}
	n.Set(0, in.DType(), out...)
	return n.Err()
}

func (f padForm) compile(n *ops.Node) (ops.Compiled, error) {
	mode := n.OneOf("mode", f.modes...)
	value := n.Float("value", 0)
	source, err := n.IntsInput(1, f.attribute)
	if err != nil {
		return nil, err
	}
	axesFrom, err := n.IntsInput(3, "axes")
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		in, err := c.Need(0)
		if err != nil {
			return err
		}
		pads, err := source.Read(c)
		if err != nil {
			return err
		}
		axes, err := axesFrom.Read(c)
		if err != nil {
			return err
		}
		before, after, err := amounts(pads, axes, in.Rank())
		if err != nil {
			return err
		}
		fill := c.Input(2)
		if f.attribute != "" {
			if fill, err = floatFill(in.DType(), value); err != nil {
				return err
			}
		}
		return runPad(c, in, before, after, fill, mode)
	}), nil
}

// floatFill makes the fill value of the versions that have it as an attribute.
func floatFill(d tensor.DType, v float32) (*tensor.Tensor, error) {
	switch {
	case v == 0:
		return nil, nil
	case d == tensor.Float32:
		return tensor.Scalar(v), nil
	case d == tensor.Float64:
		return tensor.Scalar(float64(v)), nil
	case d == tensor.Float16:
		return tensor.Scalar(tensor.F16From(v)), nil
	}
	return nil, fmt.Errorf("input is %v, expected float16, float32 or float64", d)
}

// maxPad bounds a single pad, so that sums of pads and dimensions do not
// overflow.
const maxPad = math.MaxInt / 8

// runPad pads in; fill is nil where it is zero.
func runPad(c *ops.Call, in *tensor.Tensor, before, after []int, fill *tensor.Tensor, mode string) error {
	if fill == nil {
		var err error
		if fill, err = tensor.New(in.DType(), 1); err != nil {
			return err
		}
	}
	if fill.DType() != in.DType() || fill.Len() != 1 {
		return fmt.Errorf("constant_value is %v, expected one element of %v", fill, in.DType())
	}
	shape := make([]int, in.Rank())
	for i, d := range in.Shape() {
		if max(before[i], after[i]) > maxPad || min(before[i], after[i]) < -maxPad {
			return fmt.Errorf("pads %d and %d of axis %d are too large", before[i], after[i], i)
		}
		if shape[i] = d + before[i] + after[i]; shape[i] < 0 {
			return fmt.Errorf("pads %d and %d leave less than nothing of dimension %d, %d", before[i], after[i], i, d)
		}
	}
	out, err := c.Output(0, in.DType(), shape...)
	if err != nil || out.Len() == 0 {
		return err
	}
	tables := make([][]int, len(shape))
	for i := range tables {
		if tables[i], err = padTable(shape[i], before[i], in.Dim(i), mode); err != nil {
			return fmt.Errorf("axis %d: %w", i, err)
		}
	}
	dst := cells.Dest(out)
	pad.Run(c.Pool, dst, cells.Load(in), cells.Load(fill), in.Shape(), tables)
	dst.Flush()
	return nil
}

// padTable says, for each of n coordinates of the output, which coordinate of
// an input dimension of that size it is taken from.
func padTable(n, before, size int, mode string) ([]int, error) {
	table := make([]int, n)
	for i := range table {
		at := i - before
		switch {
		case at >= 0 && at < size:
		case mode == "constant":
			at = pad.Fill
		case size == 0:
			return nil, errors.New("a dimension of 0 has nothing to repeat")
		case mode == "edge":
			at = min(max(at, 0), size-1)
		case mode == "wrap":
			at = ((at % size) + size) % size
		case size == 1:
			at = 0
		default: // reflect, without repeating the edge
			period := 2 * (size - 1)
			at = ((at % period) + period) % period
			at = min(at, period-at)
		}
		table[i] = at
	}
	return table, nil
}
