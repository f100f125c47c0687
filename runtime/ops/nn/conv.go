package nn

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/activation"
	"github.com/seed6700ada1/infer/runtime/kernel/conv"
	"github.com/seed6700ada1/infer/runtime/kernel/planes"
	"github.com/seed6700ada1/infer/runtime/kernel/window"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Domain is the project's own operator domain: operators that only passes make.
const Domain = "infer"

// convDefs defines Conv (ONNX operator spec, Conv-22): windows of X, weighed by W
// and summed over the channels of a group, plus B.
//
//	X [N, C, D1…Dn]   W [M, C/group, k1…kn]   B [M], optional   →  Y [N, M, o1…on]
//
// Version 11 gave strides and dilations defaults for every rank, which the earlier
// version has in practice; version 22 added bfloat16.
//
// FusedConv, of the project's own domain and of com.microsoft, is Conv with what passes
// found behind it: an optional input Z of the output's shape is added, then the
// attribute activation (a name that [activation.Parse] knows, with activation_params)
// is applied.
func convDefs() []ops.Def {
	var defs []ops.Def
	for _, since := range []int{1, 11, 22} {
		defs = append(defs, ops.Def{
			Name: "Conv", Since: since,
			MinInputs: 2, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
			Infer: inferConv, Compile: compileConv, Cost: costConv,
		})
	}
	for _, domain := range []string{Domain, "com.microsoft"} {
		defs = append(defs, ops.Def{
			Name: "FusedConv", Domain: domain, Since: 1,
			MinInputs: 2, MaxInputs: 4, MinOutputs: 1, MaxOutputs: 1,
			InPlace: []int{3},
			Infer:   inferConv, Compile: compileConv, Cost: costConv,
		})
	}
	return defs
}

func inferConv(n *ops.Inference) error {
	batch, channels, sizes, ok, err := spatialDims(n, 0)
	if err != nil || !ok {
		n.SetDType(0, n.Input(0).DType())
		return err
	}
	s := readSpatial(n.Attrs)
	group := n.Int("group", 1)
	if err := n.Err(); err != nil {
		return err
	}
	out, kernel := onnx.UnknownDim(), []onnx.Dim(nil)
	if w, ok := n.Input(1).Dims(); ok {
		if len(w) != len(sizes)+2 {
			return fmt.Errorf("weights have rank %d, data has %d", len(w), len(sizes)+2)
		}
		if w[1].IsKnown() && channels.IsKnown() && w[1].Value*group != channels.Value {
			return fmt.Errorf("weights have %d input channels in %d groups, data has %d", w[1].Value*group, group, channels.Value)
		}
		out, kernel = w[0], w[2:]
	} else if s.kernel == nil {
		kernel = slices.Repeat([]onnx.Dim{onnx.UnknownDim()}, len(sizes))
	}
	spatial, err := s.infer(sizes, kernel)
	if err != nil {
		return err
	}
	n.Set(0, n.Input(0).DType(), append([]onnx.Dim{batch, out}, spatial...)...)
	return nil
}

// costConv counts a multiply-add for each tap of each output value.
func costConv(n *ops.Inference) int64 {
	w, ok := n.Input(1).Dims()
	if !ok || n.Outputs[0].Type == nil || n.Outputs[0].Type.Shape == nil || len(w) < 2 {
		return 0
	}
	cost := int64(2)
	for _, d := range slices.Concat(n.Outputs[0].Type.Shape.Dims, w[1:]) {
		if !d.IsKnown() {
			return 0
		}
		cost *= d.Value
	}
	return cost
}

// convolution is a Conv or FusedConv made ready.
type convolution struct {
	spatial
	group   int
	changes bool // the weights are not the same in every run
	act     activation.Func
}

func compileConv(n *ops.Node) (ops.Compiled, error) {
	k := &convolution{spatial: readSpatial(n.Attrs), group: readGroup(n.Attrs), changes: n.Const(1) == nil}
	if n.Def.Name == "FusedConv" {
		var err error
		k.act, err = activation.Parse(n.String("activation", ""), n.Floats("activation_params"))
		n.Fail(err)
	}
	if err := n.Err(); err != nil {
		return nil, err
	}
	return widen.Func(k.run), nil
}

func (k *convolution) run(c *ops.Call) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	switch x.DType() {
	case tensor.Float32:
		return runConv[float32](c, k)
	case tensor.Float64:
		return runConv[float64](c, k)
	}
	return fmt.Errorf("data is %v, expected a float type", x.DType())
}

func runConv[T conv.Float](c *ops.Call, k *convolution) error {
	var in [4][]T // X, W, B, Z
	if err := inputs(c, in[:]); err != nil {
		return err
	}
	shape := c.State(func() any { return new(conv.Shape) }).(*conv.Shape)
	if err := k.shape(shape, c.Input(0), c.Input(1)); err != nil {
		return err
	}
	channels := shape.Groups * shape.Out
	if b := c.Input(2); b != nil && b.Len() != channels {
		return fmt.Errorf("bias is %v, expected [%d]", b, channels)
	}
	if k.act.Kind == activation.PRelu && len(k.act.Slopes) != channels {
		return fmt.Errorf("activation PRelu has %d slopes, expected %d", len(k.act.Slopes), channels)
	}
	size := outputShape(shape.Batch, channels, shape.Axes)
	if z := c.Input(3); z != nil && !slices.Equal(z.Shape(), size) {
		return fmt.Errorf("the tensor to add is %v, expected %s", z, tensor.FormatShape(size))
	}
	dst, err := output[T](c, 0, size)
	if err != nil {
		return err
	}
	if k.changes && in[3] == nil && planes.Supports(len(shape.Axes)) {
		planes.Run(c.Pool, shape, in[0], in[1], in[2], dst)
		if k.act.Kind != activation.None {
			activate(c, k.act, channels, dst, len(dst)/max(1, shape.Batch*channels))
		}
		return nil
	}
	e := conv.Epilogue[T]{Bias: in[2], Residual: in[3], Act: k.act}
	conv.Run(c.Pool, shape, in[0], in[1], e, dst)
	return nil
}

// activate applies an activation to values [batch, channels, size].
func activate[T conv.Float](c *ops.Call, f activation.Func, channels int, x []T, size int) {
	if size == 0 {
		return
	}
	const perTask = 1 << 14
	c.Pool.For(len(x)/size, max(1, perTask/size), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			activation.Apply(f.Channel(i%channels), x[i*size:][:size])
		}
	})
}

// shape checks data and weights against each other and the attributes.
func (k *convolution) shape(s *conv.Shape, x, w *tensor.Tensor) error {
	if w == nil {
		return fmt.Errorf("input 1 is missing")
	}
	if x.Rank() < 3 || w.Rank() != x.Rank() {
		return fmt.Errorf("data is %v and weights are %v, expected both of the same rank, at least 3", x, w)
	}
	channels, inner, outer := x.Dim(1), w.Dim(1), w.Dim(0)
	if channels != inner*k.group {
		return fmt.Errorf("weights have %d input channels in %d groups, data has %d", inner*k.group, k.group, channels)
	}
	if outer%k.group != 0 {
		return fmt.Errorf("weights have %d output channels, which %d groups do not divide", outer, k.group)
	}
	kernel := w.Shape()[2:]
	if k.kernel != nil && !slices.Equal(k.kernel, kernel) {
		return fmt.Errorf("attribute %q is %v, weights have %v", "kernel_shape", k.kernel, kernel)
	}
	if slices.Contains(kernel, 0) {
		return fmt.Errorf("weights are %v, expected a kernel of at least 1 on each axis", w)
	}
	axes, err := k.resolve(s.Axes, x.Shape()[2:], kernel)
	if err != nil {
		return err
	}
	*s = conv.Shape{Batch: x.Dim(0), Groups: k.group, In: inner, Out: outer / k.group, Axes: axes}
	return nil
}

// outputShape is [batch, channels, output sizes…].
func outputShape(batch, channels int, axes window.Axes) []int {
	shape := make([]int, 0, len(axes)+2)
	shape = append(shape, batch, channels)
	for i := range axes {
		shape = append(shape, axes[i].Out)
	}
	return shape
}
