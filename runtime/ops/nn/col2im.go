package nn

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/conv"
	"github.com/seed6700ada1/infer/runtime/kernel/window"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// col2ImDefs defines Col2Im (ONNX operator spec, Col2Im-18): columns of window
// values are added where they came from in an image.
//
//	input [N, C·Πblock, L], image_shape [n], block_shape [n]  →  output [N, C, image_shape…]
func col2ImDefs() []ops.Def {
	return []ops.Def{{
		Name: "Col2Im", Since: 18,
		MinInputs: 3, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferCol2Im, Compile: compileCol2Im,
	}}
}

func inferCol2Im(n *ops.Inference) error {
	n.SetDType(0, n.Input(0).DType())
	in, okIn := n.Input(0).Dims()
	block, okBlock := n.Ints(2)
	image := n.Values(1)
	if shape, ok := n.Input(1).Dims(); ok && image == nil && len(shape) == 1 && shape[0].IsKnown() && shape[0].Value <= tensor.MaxRank {
		image = dims.Unknown(int(shape[0].Value))
	}
	if !okIn || image == nil || len(in) != 3 {
		return nil
	}
	channels := onnx.UnknownDim()
	if okBlock && in[1].IsKnown() {
		size := int64(1)
		for _, b := range block {
			if b < 1 || int64(b) > math.MaxInt64/size {
				return fmt.Errorf("block_shape is %v, expected at least 1 on each axis", block)
			}
			size *= int64(b)
		}
		channels = onnx.Known(int(in[1].Value / size))
	}
	n.Set(0, n.Input(0).DType(), append([]onnx.Dim{in[0], channels}, image...)...)
	return nil
}

func compileCol2Im(n *ops.Node) (ops.Compiled, error) {
	s := readSpatial(n.Attrs)
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
			return runCol2Im[float32](c, &s, x)
		case tensor.Float64:
			return runCol2Im[float64](c, &s, x)
		case tensor.Int8:
			return runCol2Im[int8](c, &s, x)
		case tensor.Int16:
			return runCol2Im[int16](c, &s, x)
		case tensor.Int32:
			return runCol2Im[int32](c, &s, x)
		case tensor.Int64:
			return runCol2Im[int64](c, &s, x)
		case tensor.Uint8:
			return runCol2Im[uint8](c, &s, x)
		case tensor.Uint16:
			return runCol2Im[uint16](c, &s, x)
		case tensor.Uint32:
			return runCol2Im[uint32](c, &s, x)
		case tensor.Uint64:
			return runCol2Im[uint64](c, &s, x)
		}
		return fmt.Errorf("data is %v, expected a numeric type", x.DType())
	}), nil
}

func runCol2Im[T conv.Number](c *ops.Call, s *spatial, x *tensor.Tensor) error {
	if x.Rank() != 3 {
		return fmt.Errorf("input is %v, expected rank 3", x)
	}
	axes, err := foldAxes(c, s)
	if err != nil {
		return err
	}
	_, positions, taps := axes.Sizes()
	if x.Dim(1)%taps != 0 || x.Dim(2) != positions {
		return fmt.Errorf("input is %v, expected a multiple of %d rows (the block) and %d columns (its positions)", x, taps, positions)
	}
	size := []int{x.Dim(0), x.Dim(1) / taps}
	for i := range axes {
		size = append(size, axes[i].In)
	}
	dst, err := output[T](c, 0, size)
	if err != nil {
		return err
	}
	src, err := tensor.Data[T](x)
	if err != nil {
		return err
	}
	conv.Fold(c.Pool, size[0]*size[1], axes, src, dst)
	return nil
}

// foldAxes reads the image's and the block's shape.
func foldAxes(c *ops.Call, s *spatial) (window.Axes, error) {
	var lists [2][]int
	for i, name := range []string{"image_shape", "block_shape"} {
		t, err := c.Need(1 + i)
		if err != nil {
			return nil, err
		}
		if lists[i], err = ops.IntsOf(t); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := positive(name, lists[i], 1); err != nil {
			return nil, err
		}
	}
	image, block := lists[0], lists[1]
	if len(image) == 0 || len(image) != len(block) {
		return nil, fmt.Errorf("image_shape is %v and block_shape is %v, expected as many sizes in both", image, block)
	}
	axes, err := s.resolve(nil, image, block)
	if err != nil {
		return nil, err
	}
	for _, list := range [][]int{image, block} {
		if _, err := tensor.NumElements(slices.Clone(list)); err != nil {
			return nil, err
		}
	}
	return axes, nil
}
