package nn

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/conv"
	"github.com/seed6700ada1/infer/runtime/kernel/planes"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// convGradientDefs defines the gradients of Conv over one or two spatial axes, with
// its attributes strides, dilations, pads and group:
//
//	ConvDataGradient     G [N, M, o1…on]   W [M, C/group, k1…kn]   shape of X  →  gradient of X
//	ConvWeightsGradient  X [N, C, D1…Dn]   G [N, M, o1…on]  →  gradient of W; kernel_shape says its last sizes
func convGradientDefs() []ops.Def {
	return []ops.Def{
		{
			Name: "ConvDataGradient", Domain: ops.GradientDomain, Since: 1,
			MinInputs: 3, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
			Infer: inferConvDataGradient, Compile: compileConvDataGradient,
		},
		{
			Name: "ConvWeightsGradient", Domain: ops.GradientDomain, Since: 1,
			MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
			Infer: inferConvWeightsGradient, Compile: compileConvWeightsGradient,
		},
	}
}

func inferConvDataGradient(n *ops.Inference) error {
	if v := n.Values(2); v != nil {
		n.Set(0, n.Input(0).DType(), v...)
		return nil
	}
	if g, ok := n.Input(0).Dims(); ok {
		n.Set(0, n.Input(0).DType(), dims.Unknown(len(g))...)
		return nil
	}
	n.SetDType(0, n.Input(0).DType())
	return nil
}

func inferConvWeightsGradient(n *ops.Inference) error {
	x, okX := n.Input(0).Dims()
	g, okG := n.Input(1).Dims()
	kernel, group := n.Attrs.Ints("kernel_shape"), n.Int("group", 1)
	if !okX || !okG || len(x) < 3 || len(g) != len(x) || len(kernel) != len(x)-2 || group < 1 {
		n.SetDType(0, n.Input(0).DType())
		return n.Err()
	}
	out := []onnx.Dim{g[1], dims.Div(x[1], onnx.Known(int(group)))}
	for _, k := range kernel {
		out = append(out, onnx.Known(k))
	}
	n.Set(0, n.Input(0).DType(), out...)
	return n.Err()
}

// convGradient is one of the two made ready.
type convGradient struct{ *convolution }

func readConvGradient(n *ops.Node) (convGradient, error) {
	k := convGradient{&convolution{spatial: readSpatial(n.Attrs), group: readGroup(n.Attrs)}}
	return k, n.Err()
}

// geometry is the convolution of x [N, C, …] with w [M, C/group, …]; dy, the
// gradient of its output, must have that output's shape.
func (k convGradient) geometry(x, w, dy []int) (*conv.Shape, error) {
	if len(x) < 3 || len(x) > 4 || len(w) != len(x) || len(dy) != len(x) {
		return nil, fmt.Errorf("data is %v, weights are %v and the gradient is %v, expected one or two spatial axes", x, w, dy)
	}
	if slices.Contains(w[2:], 0) || x[1] != w[1]*k.group || w[0]%k.group != 0 {
		return nil, fmt.Errorf("weights are %v, which does not suit data of %v in %d groups", w, x, k.group)
	}
	axes, err := k.resolve(nil, x[2:], w[2:])
	if err != nil {
		return nil, err
	}
	s := &conv.Shape{Batch: x[0], Groups: k.group, In: w[1], Out: w[0] / k.group, Axes: axes}
	if want := outputShape(s.Batch, w[0], axes); !slices.Equal(dy, want) {
		return nil, fmt.Errorf("the gradient is %v, expected %v", dy, want)
	}
	return s, nil
}

func compileConvDataGradient(n *ops.Node) (ops.Compiled, error) {
	k, err := readConvGradient(n)
	if err != nil {
		return nil, err
	}
	return widen.Func(func(c *ops.Call) error {
		g, err := c.Need(0)
		if err != nil {
			return err
		}
		if g.DType() == tensor.Float64 {
			return runConvDataGradient[float64](c, k)
		}
		return runConvDataGradient[float32](c, k)
	}), nil
}

func runConvDataGradient[T conv.Float](c *ops.Call, k convGradient) error {
	var in [2][]T
	if err := inputs(c, in[:]); err != nil {
		return err
	}
	size, err := c.Need(2)
	if err != nil {
		return err
	}
	shape, err := ops.IntsOf(size)
	if err != nil {
		return err
	}
	if c.Input(1) == nil || slices.ContainsFunc(shape, func(d int) bool { return d < 0 }) {
		return fmt.Errorf("weights are missing, or the shape %v is none", shape)
	}
	s, err := k.geometry(shape, c.Input(1).Shape(), c.Input(0).Shape())
	if err != nil {
		return err
	}
	dx, err := output[T](c, 0, shape)
	if err != nil {
		return err
	}
	planes.Data(c.Pool, s, in[0], in[1], nil, dx)
	return nil
}

func compileConvWeightsGradient(n *ops.Node) (ops.Compiled, error) {
	k, err := readConvGradient(n)
	if err != nil {
		return nil, err
	}
	if k.kernel == nil {
		return nil, fmt.Errorf("attribute %q is missing", "kernel_shape")
	}
	return widen.Func(func(c *ops.Call) error {
		x, err := c.Need(0)
		if err != nil {
			return err
		}
		if x.DType() == tensor.Float64 {
			return runConvWeightsGradient[float64](c, k)
		}
		return runConvWeightsGradient[float32](c, k)
	}), nil
}

func runConvWeightsGradient[T conv.Float](c *ops.Call, k convGradient) error {
	var in [2][]T
	if err := inputs(c, in[:]); err != nil {
		return err
	}
	x, g := c.Input(0), c.Input(1)
	if g == nil || g.Rank() < 3 || x.Rank() != g.Rank() {
		return fmt.Errorf("data is %v and the gradient %v, expected both of the same rank, at least 3", x, g)
	}
	shape := append([]int{g.Dim(1), x.Dim(1) / k.group}, k.kernel...)
	s, err := k.geometry(x.Shape(), shape, g.Shape())
	if err != nil {
		return err
	}
	dw, err := output[T](c, 0, shape)
	if err != nil {
		return err
	}
	planes.Weights(c.Pool, s, in[0], in[1], dw)
	return nil
}
