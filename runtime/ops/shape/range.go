package shape

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/ranges"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/ops/half"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Range gives the numbers start, start + delta, … up to and without limit (ONNX
// operator spec, Range-27), for float32, float64, int16, int32 and int64; since version
// 27 for float16 and bfloat16 too, computed in float32.
var rangeDefs = []ops.Def{rangeDef(11), rangeDef(27)}

func rangeDef(since int) ops.Def {
	return ops.Def{
		Name: "Range", Since: since,
		MinInputs: 3, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferRange,
		Compile: func(n *ops.Node) (ops.Compiled, error) {
			return ops.RunFunc(func(c *ops.Call) error { return runRange(c, since >= 27) }), n.Err()
		},
	}
}

func inferRange(n *ops.Inference) error {
	d := n.Input(0).DType()
	n.Set(0, d, onnx.UnknownDim())
	if half.Is(d) {
		return nil
	}
	start, limit, delta := n.Const(0), n.Const(1), n.Const(2)
	if start != nil && limit != nil && delta != nil {
		count, err := rangeCount(start, limit, delta)
		if err != nil {
			return err
		}
		n.Set(0, d, onnx.Known(count))
		inferRangeValue(n, count)
		return nil
	}
	from, to := n.Values(0), n.Values(1)
	if step, ok := n.Ints(2); ok && len(step) == 1 && step[0] == 1 && len(from) == 1 && len(to) == 1 {
		if from[0].IsKnown() && from[0].Value == 0 {
			n.Set(0, d, to[0])
		} else if v := dims.Sub(to[0], from[0]); v.IsKnown() {
			n.Set(0, d, v)
		}
	}
	return nil
}

// inferRangeValue gives the numbers themselves where they are few.
func inferRangeValue(n *ops.Inference, count int) {
	start, ok := n.Ints(0)
	step, ok2 := n.Ints(2)
	if !ok || !ok2 || count > 64 {
		return
	}
	value := make([]int, count)
	for i := range value {
		value[i] = start[0] + i*step[0]
	}
	n.SetValue(0, fromInts(value))
}

func runRange(c *ops.Call, halves bool) error {
	var in [3]*tensor.Tensor
	for i := range in {
		t, err := c.Need(i)
		if err != nil {
			return err
		}
		in[i] = t
	}
	if halves && half.Is(in[0].DType()) {
		return runHalfRange(c, in)
	}
	count, err := rangeCount(in[0], in[1], in[2])
	if err != nil {
		return err
	}
	out, err := c.Output(0, in[0].DType(), count)
	if err != nil {
		return err
	}
	switch out.DType() {
	case tensor.Float32:
		return fillRange[float32](out, in[0], in[2])
	case tensor.Float64:
		return fillRange[float64](out, in[0], in[2])
	case tensor.Int16:
		return fillRange[int16](out, in[0], in[2])
	case tensor.Int32:
		return fillRange[int32](out, in[0], in[2])
	default: // rangeCount let nothing else through
		return fillRange[int64](out, in[0], in[2])
	}
}

// runHalfRange computes a range of float16 or bfloat16 in float32.
func runHalfRange(c *ops.Call, in [3]*tensor.Tensor) error {
	var v [3]float32
	for i, t := range in {
		if t.DType() != in[0].DType() {
			return fmt.Errorf("input %d is %v, start is %v", i, t.DType(), in[0].DType())
		}
		data, err := floats.View[float32](t)
		if err != nil {
			return err
		}
		if len(data) != 1 {
			return fmt.Errorf("input %d has shape %v, expected a scalar", i, t.Shape())
		}
		v[i] = data[0]
	}
	count, err := ranges.Count(v[0], v[1], v[2])
	if err != nil {
		return err
	}
	out, err := c.Output(0, in[0].DType(), count)
	if err != nil {
		return err
	}
	dst := floats.Target[float32](out)
	ranges.Fill(dst, v[0], v[2])
	return floats.Flush(out, dst)
}

func rangeCount(start, limit, delta *tensor.Tensor) (int, error) {
	switch d := start.DType(); d {
	case tensor.Float32:
		return countOf[float32](start, limit, delta)
	case tensor.Float64:
		return countOf[float64](start, limit, delta)
	case tensor.Int16:
		return countOf[int16](start, limit, delta)
	case tensor.Int32:
		return countOf[int32](start, limit, delta)
	case tensor.Int64:
		return countOf[int64](start, limit, delta)
	default:
		return 0, fmt.Errorf("start is %v, expected float32, float64, int16, int32 or int64", d)
	}
}

func countOf[T ranges.Number](tensors ...*tensor.Tensor) (int, error) {
	var v [3]T
	for i, t := range tensors {
		data, err := tensor.Data[T](t)
		if err != nil {
			return 0, fmt.Errorf("input %d: %w", i, err)
		}
		if len(data) != 1 {
			return 0, fmt.Errorf("input %d has shape %v, expected a scalar", i, t.Shape())
		}
		v[i] = data[0]
	}
	return ranges.Count(v[0], v[1], v[2])
}

func fillRange[T ranges.Number](out, start, delta *tensor.Tensor) error {
	dst, err := tensor.Data[T](out)
	if err != nil {
		return err
	}
	first, err := tensor.Data[T](start)
	if err != nil {
		return err
	}
	step, err := tensor.Data[T](delta)
	if err != nil {
		return err
	}
	ranges.Fill(dst, first[0], step[0])
	return nil
}
