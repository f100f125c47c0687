package nn

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/pooling"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// maxUnpoolDefs defines MaxUnpool (ONNX operator spec, MaxUnpool-22), a partial
// inverse of MaxPool: the values go back to where they were, all else is zero.
//
//	X [N, C, D1…Dn], I (int64, X's shape), output_shape (optional)  →  Y [N, C, o1…on]
//
//	o = (D − 1)·stride + k − pads
//
// The indices count within the whole of that shape; where output_shape is larger,
// what it has more is zero. Version 11 gave strides a default, 22 added bfloat16.
func maxUnpoolDefs() []ops.Def {
	var defs []ops.Def
	for _, since := range []int{9, 11, 22} {
		defs = append(defs, ops.Def{
			Name: "MaxUnpool", Since: since,
			MinInputs: 2, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
			Infer: inferMaxUnpool, Compile: compileMaxUnpool,
		})
	}
	return defs
}

// unpooled is the size along spatial axis i that was pooled to in.
func (s *spatial) unpooled(i, rank, in int) int {
	a := s.axis(i, rank)
	return (in-1)*a.Stride + a.Kernel - a.Begin - a.End
}

func inferMaxUnpool(n *ops.Inference) error {
	batch, channels, sizes, ok, err := spatialDims(n, 0)
	if err != nil || !ok {
		n.SetDType(0, n.Input(0).DType())
		return err
	}
	s := readPool(n.Attrs)
	if err := n.Err(); err != nil {
		return err
	}
	rank := len(sizes)
	if err := s.check(rank); err != nil {
		return err
	}
	out := append([]onnx.Dim{batch, channels}, dims.Unknown(rank)...)
	switch {
	case n.Has(2):
		if shape, ok := n.Ints(2); ok && len(shape) == len(out) {
			out = dims.Of(shape)
		} else if v := n.Input(2).Value; len(v) == len(out) {
			out = v
		}
	default:
		for i, d := range sizes {
			if d.IsKnown() {
				out[2+i] = onnx.Known(max(s.unpooled(i, rank, int(d.Value)), 0))
			}
		}
	}
	n.Set(0, n.Input(0).DType(), out...)
	return nil
}

func compileMaxUnpool(n *ops.Node) (ops.Compiled, error) {
	s := readPool(n.Attrs)
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
			return runMaxUnpool[float32](c, &s, x)
		case tensor.Float64:
			return runMaxUnpool[float64](c, &s, x)
		}
		return fmt.Errorf("data is %v, expected a float type", x.DType())
	}), nil
}

func runMaxUnpool[T pooling.Float](c *ops.Call, s *spatial, x *tensor.Tensor) error {
	indices, err := c.Need(1)
	if err != nil {
		return err
	}
	if x.Rank() < 3 || !slices.Equal(indices.Shape(), x.Shape()) {
		return fmt.Errorf("data is %v and indices are %v, expected the same shape, of rank 3 at least", x, indices)
	}
	at, err := tensor.Data[int64](indices)
	if err != nil {
		return fmt.Errorf("indices: %w", err)
	}
	src, err := tensor.Data[T](x)
	if err != nil {
		return err
	}
	rank := x.Rank() - 2
	if err := s.check(rank); err != nil {
		return err
	}
	inner := []int{x.Dim(0), x.Dim(1)}
	for i, d := range x.Shape()[2:] {
		inner = append(inner, max(s.unpooled(i, rank, d), 0))
	}
	outer := inner
	if t := c.Input(2); t != nil {
		if outer, err = ops.IntsOf(t); err != nil {
			return fmt.Errorf("output_shape: %w", err)
		}
		if len(outer) != len(inner) {
			return fmt.Errorf("output_shape is %v, expected %d sizes", outer, len(inner))
		}
	}
	if _, err := tensor.NumElements(inner); err != nil {
		return err
	}
	dst, err := output[T](c, 0, outer)
	if err != nil {
		return err
	}
	return pooling.Unpool(inner, outer, src, at, dst)
}
