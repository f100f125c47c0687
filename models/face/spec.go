package face

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/models/face/picture"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// dynamic stands for a size that a model leaves open.
const dynamic = -1

// imageSpec is a model's one image input.
type imageSpec struct {
	name         string
	channelsLast bool // NHWC rather than NCHW
	w, h         int  // dynamic where the model takes any size
}

// checkMultiple refuses fixed sides that are no multiples of the largest stride:
// the maps of such a model are cut off in ways that differ between exporters.
func (in imageSpec) checkMultiple(stride int) error {
	for _, side := range []int{in.w, in.h} {
		if side != dynamic && side%stride != 0 {
			return fmt.Errorf("input of %d×%d, want multiples of %d", in.w, in.h, stride)
		}
	}
	return nil
}

// outputSpec is the name of an output and its sizes, dynamic where they are open.
type outputSpec struct {
	name string
	dims []int
}

// last is the size of the last axis of an output of three axes, else dynamic.
func (o outputSpec) last() int {
	if len(o.dims) != 3 {
		return dynamic
	}
	return o.dims[2]
}

// imageInput is the input of a model that takes one picture of three channels:
// the only one without a default, of rank 4 and float32.
func imageInput(s runtime.Session) (imageSpec, error) {
	needed := slices.DeleteFunc(slices.Clone(s.Inputs()), func(v runtime.ValueSpec) bool { return v.Optional })
	if len(needed) != 1 {
		return imageSpec{}, fmt.Errorf("has %d inputs, want one picture", len(needed))
	}
	in := needed[0]
	dims, err := tensorDims(in)
	if err != nil {
		return imageSpec{}, err
	}
	if in.Type.DType != tensor.Float32 {
		return imageSpec{}, fmt.Errorf("input %q has elements of %v, want float32", in.Name, in.Type.DType)
	}
	if len(dims) == 4 && (dims[0] == 1 || dims[0] == dynamic) {
		switch {
		case dims[1] == 3:
			return imageSpec{name: in.Name, h: dims[2], w: dims[3]}, nil
		case dims[3] == 3:
			return imageSpec{name: in.Name, h: dims[1], w: dims[2], channelsLast: true}, nil
		}
	}
	return imageSpec{}, fmt.Errorf("input %q is %s, want one picture of three channels, NCHW or NHWC", in.Name, in.Type)
}

// outputsOf describes the outputs of a session; those without a known type have
// no dimensions.
func outputsOf(s runtime.Session) []outputSpec {
	specs := s.Outputs()
	outs := make([]outputSpec, len(specs))
	for i, v := range specs {
		dims, err := tensorDims(v)
		if err != nil {
			dims = nil
		}
		outs[i] = outputSpec{v.Name, dims}
	}
	return outs
}

// probeSide is the side in pixels of the black picture that a model of dynamic
// size is tried on: a multiple of every stride.
const probeSide = 128

// probe fills in the width of outputs whose last axis the file leaves open: it
// runs the model once on a black picture and looks. Where nothing is open it
// does not run.
func probe(ctx context.Context, s runtime.Session, in imageSpec, outs []outputSpec) error {
	known := func(o outputSpec) bool { return len(o.dims) > 0 && o.dims[len(o.dims)-1] != dynamic }
	if !slices.ContainsFunc(outs, func(o outputSpec) bool { return !known(o) }) {
		return nil
	}
	side := func(n int) int {
		if n == dynamic {
			return probeSide
		}
		return n
	}
	t, err := (&input{imageSpec: in, std: ones}).tensor(picture.New(side(in.w), side(in.h)))
	if err != nil {
		return err
	}
	got, err := s.Run(ctx, map[string]tensor.Value{in.name: t})
	if err != nil {
		return fmt.Errorf("trying the model on a black picture: %w", err)
	}
	for i, o := range outs {
		t, ok := got[o.name].(*tensor.Tensor)
		if known(o) || !ok || t.Rank() == 0 {
			continue
		}
		dims := slices.Repeat([]int{dynamic}, t.Rank())
		dims[t.Rank()-1] = t.Dim(t.Rank() - 1)
		outs[i].dims = dims
	}
	return nil
}

func tensorDims(v runtime.ValueSpec) ([]int, error) {
	if v.Type == nil || v.Type.Kind != onnx.TypeTensor || v.Type.Shape == nil {
		return nil, fmt.Errorf("%q is not a tensor of known rank", v.Name)
	}
	dims := make([]int, len(v.Type.Shape.Dims))
	for i, d := range v.Type.Shape.Dims {
		dims[i] = dynamic
		if d.IsKnown() {
			dims[i] = int(d.Value)
		}
	}
	return dims, nil
}

// results are the outputs of a run.
type results map[string]tensor.Value

// rows is an output of shape [1, n, width] as its elements; n may be given as
// dynamic.
func (r results) rows(name string, n, width int) ([]float32, error) {
	v, ok := r[name]
	if !ok {
		return nil, fmt.Errorf("output %q is missing", name)
	}
	t, ok := v.(*tensor.Tensor)
	if !ok {
		return nil, fmt.Errorf("output %q is a %v, want a tensor", name, v.Kind())
	}
	shape := t.Shape()
	if len(shape) != 3 || shape[0] != 1 || shape[2] != width || (n != dynamic && shape[1] != n) {
		want := tensor.FormatShape([]int{1, n, width})
		return nil, fmt.Errorf("output %q has shape %s, want %s", name, tensor.FormatShape(shape), want)
	}
	data, err := tensor.Data[float32](t)
	if err != nil {
		return nil, fmt.Errorf("output %q: %w", name, err)
	}
	return data, nil
}

// vector is an output of n elements of any shape.
func (r results) vector(name string, n int) ([]float32, error) {
	t, ok := r[name].(*tensor.Tensor)
	if !ok {
		return nil, fmt.Errorf("output %q is not a tensor", name)
	}
	if t.Len() != n {
		return nil, fmt.Errorf("output %q has %d elements, want %d", name, t.Len(), n)
	}
	data, err := tensor.Data[float32](t)
	if err != nil {
		return nil, fmt.Errorf("output %q: %w", name, err)
	}
	return data, nil
}
