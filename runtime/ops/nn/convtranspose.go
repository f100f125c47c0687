package nn

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/conv"
	"github.com/seed6700ada1/infer/runtime/kernel/planes"
	"github.com/seed6700ada1/infer/runtime/kernel/window"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// convTransposeDefs defines ConvTranspose (ONNX operator spec, ConvTranspose-22):
// every value of X adds its multiple of the kernel to Y, plus B.
//
//	X [N, C, D1…Dn]   W [C, M/group, k1…kn]   B [M], optional   →  Y [N, M, o1…on]
//
//	o = stride·(D − 1) + output_padding + (k − 1)·dilation + 1 − pads
//
// where output_shape does not say o; then the pads follow from it. Version 11
// gave the attributes defaults for every rank, 22 added bfloat16.
func convTransposeDefs() []ops.Def {
	var defs []ops.Def
	for _, since := range []int{1, 11, 22} {
		defs = append(defs, ops.Def{
			Name: "ConvTranspose", Since: since,
			MinInputs: 2, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
			Infer: inferConvTranspose, Compile: compileConvTranspose, Cost: costConvTranspose,
		})
	}
	return defs
}

// transposition holds the attributes of a ConvTranspose.
type transposition struct {
	spatial
	group                      int
	outputPadding, outputShape []int
}

func readTransposition(a *ops.Attrs) *transposition {
	k := &transposition{
		spatial: readSpatial(a), group: readGroup(a),
		outputPadding: a.Ints("output_padding"), outputShape: a.Ints("output_shape"),
	}
	a.Fail(positive("output_padding", k.outputPadding, 0))
	a.Fail(positive("output_shape", k.outputShape, 0))
	return k
}

// checkAll fails where a list does not suit the number of spatial axes.
func (k *transposition) checkAll(rank int) error {
	if k.outputPadding != nil && len(k.outputPadding) != rank {
		return fmt.Errorf("attribute %q has %d values, expected %d", "output_padding", len(k.outputPadding), rank)
	}
	// some exporters give batch and channels too
	if n := len(k.outputShape); n > 0 && n != rank && n != rank+2 {
		return fmt.Errorf("attribute %q has %d values, expected %d", "output_shape", len(k.outputShape), rank)
	}
	return k.check(rank)
}

// place works out the window on axis i, of which the sizes are those of the
// convolution that is transposed: Out is the size of X, In that of Y.
func (k *transposition) place(i, rank, in, kernel int) (window.Axis, error) {
	a := k.axis(i, rank)
	a.Kernel, a.Out = kernel, in
	extra := 0
	if k.outputPadding != nil {
		extra = k.outputPadding[i]
	}
	full := a.Stride*(in-1) + extra + a.Extent()
	same := k.autoPad == "SAME_UPPER" || k.autoPad == "SAME_LOWER"
	switch {
	case len(k.outputShape) > 0:
		a.In = k.outputShape[len(k.outputShape)-rank+i]
	case same:
		a.In = in * a.Stride
	default:
		a.In = full - a.Begin - a.End
		if a.In < 0 {
			return a, fmt.Errorf("spatial axis %d: the padding of %d takes more than the output of %d", i, a.Begin+a.End, full)
		}
		return a, nil
	}
	pad := max(full-a.In, 0)
	a.Begin = pad - pad/2
	if k.autoPad == "SAME_UPPER" {
		a.Begin = pad / 2
	}
	a.End = pad - a.Begin
	return a, nil
}

func inferConvTranspose(n *ops.Inference) error {
	batch, _, sizes, ok, err := spatialDims(n, 0)
	if err != nil || !ok {
		n.SetDType(0, n.Input(0).DType())
		return err
	}
	k := readTransposition(n.Attrs)
	if err := n.Err(); err != nil {
		return err
	}
	rank := len(sizes)
	if err := k.checkAll(rank); err != nil {
		return err
	}
	w, ok := n.Input(1).Dims()
	if ok && len(w) != rank+2 {
		return fmt.Errorf("weights have rank %d, data has %d", len(w), rank+2)
	}
	out := append([]onnx.Dim{batch, onnx.UnknownDim()}, dims.Unknown(rank)...)
	if ok {
		out[1] = dims.Mul(w[1], onnx.Known(k.group))
	}
	for i, size := range sizes {
		kernel := onnx.UnknownDim()
		switch {
		case ok:
			kernel = w[2+i]
		case k.kernel != nil:
			kernel = onnx.Known(k.kernel[i])
		}
		if size.IsKnown() && kernel.IsKnown() {
			a, err := k.place(i, rank, int(size.Value), int(kernel.Value))
			if err != nil {
				return err
			}
			out[2+i] = onnx.Known(a.In)
		}
	}
	n.Set(0, n.Input(0).DType(), out...)
	return nil
}

// costConvTranspose counts a multiply-add for each tap of each input value.
func costConvTranspose(n *ops.Inference) int64 {
	x, okX := n.Input(0).Dims()
	w, okW := n.Input(1).Dims()
	if !okX || !okW || len(w) < 2 {
		return 0
	}
	return max(0, 2*dims.Mul(dims.Product(x), dims.Product(w[1:])).Value)
}

func compileConvTranspose(n *ops.Node) (ops.Compiled, error) {
	k := readTransposition(n.Attrs)
	if err := n.Err(); err != nil {
		return nil, err
	}
	return widen.Func(func(c *ops.Call) error {
		x, err := c.Need(0)
		if err != nil {
			return err
		}
		switch x.DType() {
		case tensor.Float32:
			return runConvTranspose[float32](c, k)
		case tensor.Float64:
			return runConvTranspose[float64](c, k)
		}
		return fmt.Errorf("data is %v, expected a float type", x.DType())
	}), nil
}

func runConvTranspose[T conv.Float](c *ops.Call, k *transposition) error {
	var in [3][]T
	if err := inputs(c, in[:]); err != nil {
		return err
	}
	s, err := k.shape(c.Input(0), c.Input(1))
	if err != nil {
		return err
	}
	channels := s.Groups * s.Out
	if b := c.Input(2); b != nil && b.Len() != channels {
		return fmt.Errorf("bias is %v, expected [%d]", b, channels)
	}
	size := []int{s.Batch, channels}
	for i := range s.Axes {
		size = append(size, s.Axes[i].In)
	}
	dst, err := output[T](c, 0, size)
	if err != nil {
		return err
	}
	if planes.Supports(len(s.Axes)) {
		turned := *s // the convolution whose gradient it is
		turned.In, turned.Out = s.Out, s.In
		planes.Data(c.Pool, &turned, in[0], in[1], in[2], dst)
		return nil
	}
	conv.Transpose(c.Pool, s, in[0], in[1], conv.Epilogue[T]{Bias: in[2]}, dst)
	return nil
}

// shape checks data and weights against each other and the attributes.
func (k *transposition) shape(x, w *tensor.Tensor) (*conv.Shape, error) {
	if w == nil {
		return nil, fmt.Errorf("input 1 is missing")
	}
	if x.Rank() < 3 || w.Rank() != x.Rank() {
		return nil, fmt.Errorf("data is %v and weights are %v, expected both of the same rank, at least 3", x, w)
	}
	if x.Dim(1) != w.Dim(0) || x.Dim(1)%k.group != 0 {
		return nil, fmt.Errorf("data is %v, expected %d channels in %d groups", x, w.Dim(0), k.group)
	}
	kernel := w.Shape()[2:]
	if k.kernel != nil && !slices.Equal(k.kernel, kernel) {
		return nil, fmt.Errorf("attribute %q is %v, weights have %v", "kernel_shape", k.kernel, kernel)
	}
	if slices.Contains(kernel, 0) {
		return nil, fmt.Errorf("weights are %v, expected a kernel of at least 1 on each axis", w)
	}
	rank := len(kernel)
	if err := k.checkAll(rank); err != nil {
		return nil, err
	}
	s := &conv.Shape{Batch: x.Dim(0), Groups: k.group, In: x.Dim(1) / k.group, Out: w.Dim(1)}
	for i, n := range x.Shape()[2:] {
		a, err := k.place(i, rank, n, kernel[i])
		if err != nil {
			return nil, err
		}
		s.Axes = append(s.Axes, a)
	}
	return s, nil
}
