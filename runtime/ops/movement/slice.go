package movement

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/runtime/kernel/strided"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
)

// Slice cuts a part out of a tensor as numpy's x[start:end:step] does (ONNX
// operator spec, Slice-13).
//
//	1  starts, ends and axes are attributes
//	10 they are inputs, and there are steps
//	11 axes may count from the end
var sliceDefs = []ops.Def{sliceDef(1, 1, 1), sliceDef(10, 3, 5)}

func sliceDef(since, least, most int) ops.Def {
	return ops.Def{
		Name: "Slice", Since: since,
		MinInputs: least, MaxInputs: most, MinOutputs: 1, MaxOutputs: 1,
		Infer:   inferSlice,
		Compile: compileSlice,
	}
}

// span is the part of one dimension: n elements from start on.
type span struct{ start, step, n int }

// spanOf clamps a part to a dimension of that size.
func spanOf(start, end, step, size int) span {
	if start < 0 {
		start += size
	}
	if end < 0 && end >= -size {
		end += size
	} else if end < 0 {
		end = -1 // in front of everything, whatever the size
	}
	if step > 0 {
		start, end = min(max(start, 0), size), min(max(end, 0), size)
		if end <= start {
			return span{step: 1}
		}
		return span{start: start, step: step, n: (end-start-1)/step + 1}
	}
	start, end = min(max(start, 0), size-1), min(max(end, -1), size-1)
	if size == 0 || start <= end {
		return span{step: 1}
	}
	step = max(step, -math.MaxInt)
	return span{start: start, step: step, n: (start-end-1)/-step + 1}
}

// request is what a node asks for, one entry for each axis that it names.
type request struct{ starts, ends, axes, steps []int }

// check completes axes and steps for a tensor of that rank.
func (r request) check(rank int) (request, error) {
	if r.starts == nil || r.ends == nil {
		return r, errors.New("starts or ends is missing")
	}
	if len(r.ends) != len(r.starts) {
		return r, fmt.Errorf("there are %d starts and %d ends", len(r.starts), len(r.ends))
	}
	if r.axes == nil {
		r.axes = make([]int, len(r.starts))
		for i := range r.axes {
			r.axes[i] = i
		}
	}
	if r.steps == nil {
		r.steps = make([]int, len(r.starts))
		for i := range r.steps {
			r.steps[i] = 1
		}
	}
	if len(r.axes) != len(r.starts) || len(r.steps) != len(r.starts) {
		return r, fmt.Errorf("there are %d starts, %d axes and %d steps", len(r.starts), len(r.axes), len(r.steps))
	}
	if slices.Contains(r.steps, 0) {
		return r, errors.New("a step is 0")
	}
	var err error
	r.axes, err = dims.Axes(r.axes, rank)
	return r, err
}

func inferSlice(n *ops.Inference) error {
	in := n.Input(0)
	shape, ok := in.Dims()
	if !ok {
		n.SetDType(0, in.DType())
		return nil
	}
	starts, ok0 := n.IntsInput(1, "starts")
	ends, ok1 := n.IntsInput(2, "ends")
	axes, ok2 := n.IntsInput(3, "axes")
	steps, ok3 := n.IntsInput(4, "steps")
	if err := n.Err(); err != nil {
		return err
	}
	if !ok0 || !ok1 || !ok2 || !ok3 {
		inferOpenSlice(n, shape, axes, ok2)
		return nil
	}
	r, err := request{starts, ends, axes, steps}.check(len(shape))
	if err != nil {
		return err
	}
	out := append([]onnx.Dim{}, shape...)
	for i, axis := range r.axes {
		out[axis] = inferSpan(shape[axis], r.starts[i], r.ends[i], r.steps[i])
	}
	n.Set(0, in.DType(), out...)
	if v := n.Values(0); len(shape) == 1 && len(r.axes) == 1 && v != nil {
		s := spanOf(r.starts[0], r.ends[0], r.steps[0], len(v))
		value := make([]onnx.Dim, s.n)
		for i := range value {
			value[i] = v[s.start+i*s.step]
		}
		n.SetValue(0, value)
	}
	return nil
}

func inferSpan(d onnx.Dim, start, end, step int) onnx.Dim {
	switch {
	case d.IsKnown():
		return onnx.Known(spanOf(start, end, step, int(d.Value)).n)
	case start == 0 && end >= math.MaxInt32 && step == 1, // all of it
		start == -1 && end <= math.MinInt32 && step == -1: // backwards
		return d
	case start >= 0 && end >= 0 && end <= start && step > 0:
		return onnx.Known(0)
	}
	return onnx.UnknownDim()
}

// inferOpenSlice keeps the dimensions that are not cut, and finds those where
// the part runs from 0 to a symbol.
func inferOpenSlice(n *ops.Inference, shape []onnx.Dim, axes []int, known bool) {
	out := dims.Unknown(len(shape))
	starts, ends := n.Values(1), n.Values(2)
	if axes == nil && known {
		for i := range max(len(starts), len(ends)) {
			axes = append(axes, i)
		}
		known = axes != nil
	}
	list, err := dims.Axes(axes, len(shape))
	if known && err == nil {
		copy(out, shape)
		steps, fixed := n.IntsInput(4, "steps")
		for i, axis := range list {
			one := fixed && (steps == nil || i < len(steps) && steps[i] == 1)
			out[axis] = onnx.UnknownDim()
			if one && i < len(starts) && i < len(ends) && dims.Equal(starts[i], onnx.Known(0)) && !strings.Contains(ends[i].Param, "-") {
				out[axis] = dims.Min(shape[axis], ends[i]) // an end with a minus might count from the end
			}
		}
	}
	n.Set(0, n.Input(0).DType(), out...)
}

func compileSlice(n *ops.Node) (ops.Compiled, error) {
	var sources [4]ops.IntsInput
	for i, what := range []string{"starts", "ends", "axes", "steps"} {
		var err error
		if sources[i], err = n.IntsInput(i+1, what); err != nil {
			return nil, err
		}
	}
	return ops.RunFunc(func(c *ops.Call) error {
		var lists [4][]int
		for i, s := range sources {
			var err error
			if lists[i], err = s.Read(c); err != nil {
				return err
			}
		}
		return runSlice(c, request{lists[0], lists[1], lists[2], lists[3]})
	}), nil
}

func runSlice(c *ops.Call, r request) error {
	in, err := c.Need(0)
	if err != nil {
		return err
	}
	k := lastCopying(c)
	if !k.fits(in.Shape(), r.starts, r.ends, r.axes, r.steps) {
		if err := k.slice(in.Shape(), r); err != nil {
			return err
		}
	}
	return k.run(c, in)
}

// slice plans the part that r asks for of a tensor of that shape.
func (k *copying) slice(in []int, r request) error {
	k.made = false // until all is well
	r, err := r.check(len(in))
	if err != nil {
		return err
	}
	shape := append([]int{}, in...)
	strides := strided.Strides(shape)
	offset := 0
	for i, axis := range r.axes {
		s := spanOf(r.starts[i], r.ends[i], r.steps[i], shape[axis])
		offset += s.start * strides[axis]
		shape[axis] = s.n
		if s.n > 1 { // else the stride is not used, and might overflow
			strides[axis] *= s.step
		}
	}
	k.shape, k.plan = shape, strided.New(shape, strided.Strides(shape), strides, 0, offset)
	k.made = true
	return nil
}
