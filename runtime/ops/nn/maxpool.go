package nn

import (
	"cmp"
	"fmt"
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/pooling"
	"github.com/seed6700ada1/infer/runtime/kernel/window"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// maxPoolDefs defines MaxPool (ONNX operator spec, MaxPool-22): the largest value
// of each window.
//
//	X [N, C, D1…Dn]  →  Y [N, C, o1…on], Indices (int64, same shape), optional
//
// Version 8 brought Indices and storage_order, 10 ceil_mode and dilations, 12 the
// 8-bit integer types, 22 bfloat16. An earlier version has a subset of the
// attributes with the same meaning.
func maxPoolDefs() []ops.Def {
	var defs []ops.Def
	for _, since := range []int{1, 8, 10, 11, 12, 22} {
		outputs := 2
		if since < 8 {
			outputs = 1
		}
		defs = append(defs, ops.Def{
			Name: "MaxPool", Since: since,
			MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: outputs,
			Infer: inferMaxPool, Compile: compileMaxPool,
		})
	}
	return defs
}

func inferMaxPool(n *ops.Inference) error {
	if err := inferPool(n); err != nil {
		return err
	}
	n.SetDType(1, tensor.Int64)
	if t := n.Outputs[0].Type; t != nil && t.Shape != nil {
		n.Set(1, tensor.Int64, t.Shape.Dims...)
	}
	return nil
}

// inferPool infers output 0 of the operators that slide a window over each
// channel.
func inferPool(n *ops.Inference) error {
	batch, channels, sizes, ok, err := spatialDims(n, 0)
	if err != nil || !ok {
		n.SetDType(0, n.Input(0).DType())
		return err
	}
	s := readPool(n.Attrs)
	if err := n.Err(); err != nil {
		return err
	}
	spatial, err := s.infer(sizes, nil)
	if err != nil {
		return err
	}
	n.Set(0, n.Input(0).DType(), append(append(sizes[:0:0], batch, channels), spatial...)...)
	return nil
}

// readPool reads the window of a pool, which must name its kernel.
func readPool(a *ops.Attrs) spatial {
	s := readSpatial(a)
	if s.kernel == nil {
		a.Fail(fmt.Errorf("attribute %q is missing", "kernel_shape"))
	}
	return s
}

type maxPool struct {
	spatial
	columnMajor bool
}

func compileMaxPool(n *ops.Node) (ops.Compiled, error) {
	k := &maxPool{spatial: readPool(n.Attrs), columnMajor: n.Bool("storage_order", false)}
	if err := n.Err(); err != nil {
		return nil, err
	}
	return widen.Func(k.run), nil
}

func (k *maxPool) run(c *ops.Call) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	switch x.DType() {
	case tensor.Float32:
		return runMaxPool(c, k, x, float32(math.Inf(-1)))
	case tensor.Float64:
		return runMaxPool(c, k, x, math.Inf(-1))
	case tensor.Int8:
		return runMaxPool(c, k, x, int8(math.MinInt8))
	case tensor.Uint8:
		return runMaxPool(c, k, x, uint8(0))
	}
	return fmt.Errorf("data is %v, expected a float type, int8 or uint8", x.DType())
}

// ordered lists the element types that have a maximum.
type ordered interface {
	cmp.Ordered
	tensor.Element
}

func runMaxPool[T ordered](c *ops.Call, k *maxPool, x *tensor.Tensor, lowest T) error {
	src, dst, axes, err := poolData[T](c, &k.spatial, x)
	if err != nil {
		return err
	}
	planes := x.Dim(0) * x.Dim(1)
	if !c.Wants(1) {
		pooling.Max(c.Pool, planes, axes, lowest, src, dst)
		return nil
	}
	indices, err := c.Output(1, tensor.Int64, outputShape(x.Dim(0), x.Dim(1), axes)...)
	if err != nil {
		return err
	}
	at, err := tensor.Data[int64](indices)
	if err != nil {
		return err
	}
	pooling.MaxIndices(c.Pool, planes, axes, lowest, k.columnMajor, src, dst, at)
	return nil
}

// poolData resolves a pool's windows over x and makes its output.
func poolData[T tensor.Element](c *ops.Call, s *spatial, x *tensor.Tensor) (src, dst []T, axes window.Axes, err error) {
	if x.Rank() < 3 {
		return nil, nil, nil, fmt.Errorf("data is %v, expected a rank of at least 3: [batch, channels, spatial…]", x)
	}
	state := c.State(func() any { return new(window.Axes) }).(*window.Axes)
	if axes, err = s.resolve(*state, x.Shape()[2:], nil); err != nil {
		return nil, nil, nil, err
	}
	*state = axes
	y, err := c.Output(0, x.DType(), outputShape(x.Dim(0), x.Dim(1), axes)...)
	if err != nil {
		return nil, nil, nil, err
	}
	if src, err = tensor.Data[T](x); err != nil {
		return nil, nil, nil, err
	}
	dst, err = tensor.Data[T](y)
	return src, dst, axes, err
}
