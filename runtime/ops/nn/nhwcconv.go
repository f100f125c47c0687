package nn

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/conv"
	"github.com/seed6700ada1/infer/runtime/kernel/strided"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// nhwcConvDefs defines com.microsoft.NhwcConv (ONNX Runtime, ContribOperators): Conv,
// with its attributes, of tensors whose channels come last, those of the weights too:
//
//	X [N, D1…Dn, C]   W [M, k1…kn, C/group]   B [M], optional   →  Y [N, o1…on, M]
//
// ONNX Runtime's optimizer writes it into diffusion models meant for CUDA, and has no
// kernel of it for the CPU.
func nhwcConvDefs() []ops.Def {
	return []ops.Def{{
		Name: "NhwcConv", Domain: "com.microsoft", Since: 1,
		MinInputs: 2, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferNhwcConv, Compile: compileNhwcConv, Cost: costConv,
	}}
}

// inferNhwcConv asks the inference of Conv, with the channels in its place.
func inferNhwcConv(n *ops.Inference) error {
	inner := *n
	inner.Inputs, inner.Outputs = slices.Clone(n.Inputs), make([]ops.Result, 1)
	for i := range min(len(inner.Inputs), 2) {
		arg := &inner.Inputs[i]
		shape, ok := arg.Dims()
		if !ok {
			continue
		}
		if len(shape) < 2 {
			return fmt.Errorf("input %d has rank %d, expected at least 2: the channels come last", i, len(shape))
		}
		arg.Type = onnx.TensorOf(arg.DType(), channelsFirst(shape)...)
	}
	if err := inferConv(&inner); err != nil {
		return err
	}
	t := inner.Outputs[0].Type
	if t == nil || t.Shape == nil {
		n.SetType(0, t)
		return nil
	}
	n.Set(0, t.DType, channelsLast(t.Shape.Dims)...)
	return nil
}

// channelsFirst moves the last of a list behind its first.
func channelsFirst[T any](shape []T) []T {
	last := len(shape) - 1
	return append([]T{shape[0], shape[last]}, shape[1:last]...)
}

// channelsLast is the way back.
func channelsLast[T any](shape []T) []T {
	return append(append([]T{shape[0]}, shape[2:]...), shape[1])
}

func compileNhwcConv(n *ops.Node) (ops.Compiled, error) {
	k := &convolution{spatial: readSpatial(n.Attrs), group: readGroup(n.Attrs)}
	return widen.Func(k.runNhwc), n.Err()
}

func (k *convolution) runNhwc(c *ops.Call) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	switch x.DType() {
	case tensor.Float32:
		return runNhwcConv[float32](c, k)
	case tensor.Float64:
		return runNhwcConv[float64](c, k)
	}
	return fmt.Errorf("data is %v, expected a float type", x.DType())
}

func runNhwcConv[T conv.Float](c *ops.Call, k *convolution) error {
	x, err := straightened[T](c, 0)
	if err != nil {
		return err
	}
	w, err := straightened[T](c, 1)
	if err != nil {
		return err
	}
	shape := c.State(func() any { return new(conv.Shape) }).(*conv.Shape)
	if err := k.shape(shape, x, w); err != nil {
		return fmt.Errorf("with the channels before the spatial axes: %w", err)
	}
	var in [3][]T // X and W as they lie, B
	if err := inputs(c, in[:]); err != nil {
		return err
	}
	size := outputShape(shape.Batch, shape.Groups*shape.Out, shape.Axes)
	if b := c.Input(2); b != nil && b.Len() != size[1] {
		return fmt.Errorf("bias is %v, expected [%d]", b, size[1])
	}
	y, err := c.Output(0, x.DType(), channelsLast(size)...)
	if err != nil {
		return err
	}
	planes, err := tensor.New(x.DType(), size...)
	if err != nil {
		return err
	}
	for i, t := range []*tensor.Tensor{x, w} {
		if in[i], err = tensor.Data[T](t); err != nil {
			return err
		}
	}
	out, err := tensor.Data[T](planes)
	if err != nil {
		return err
	}
	conv.Run(c.Pool, shape, in[0], in[1], conv.Epilogue[T]{Bias: in[2]}, out)
	moved := strided.New(y.Shape(), strided.Strides(y.Shape()), channelsLast(strided.Strides(size)), 0, 0)
	moved.Run(c.Pool, cells.Dest(y), cells.Load(planes))
	return nil
}

// straightened is an input of elements of T with its channels before the spatial axes.
func straightened[T conv.Float](c *ops.Call, i int) (*tensor.Tensor, error) {
	from, err := c.Need(i)
	if err != nil {
		return nil, err
	}
	if from.Rank() < 3 || from.DType() != tensor.TypeOf[T]() {
		return nil, fmt.Errorf("input %d is %v, expected a %v of rank 3 or more", i, from, tensor.TypeOf[T]())
	}
	shape := channelsFirst(from.Shape())
	to, err := tensor.New(from.DType(), shape...)
	if err != nil {
		return nil, err
	}
	moved := strided.New(shape, strided.Strides(shape), channelsFirst(strided.Strides(from.Shape())), 0, 0)
	moved.Run(c.Pool, cells.Dest(to), cells.Load(from))
	return to, nil
}
