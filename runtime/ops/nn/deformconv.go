package nn

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/conv"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// deformConvDefs defines DeformConv (ONNX operator spec, DeformConv-22): Conv
// over two axes whose taps are moved, and weighed where there is a mask, by
// amounts of their own at each output position.
//
//	X [N, C, H, W]   W [M, C/group, kH, kW]
//	offset [N, offset_group·kH·kW·2, oH, oW]   B [M], optional
//	mask [N, offset_group·kH·kW, oH, oW], optional   →  Y [N, M, oH, oW]
//
// Version 22 added bfloat16.
func deformConvDefs() []ops.Def {
	var defs []ops.Def
	for _, since := range []int{19, 22} {
		defs = append(defs, ops.Def{
			Name: "DeformConv", Since: since,
			MinInputs: 3, MaxInputs: 5, MinOutputs: 1, MaxOutputs: 1,
			Infer: inferConv, Compile: compileDeformConv, Cost: costConv,
		})
	}
	return defs
}

// deformable is a DeformConv's attributes.
type deformable struct {
	convolution
	offsetGroups int
}

func compileDeformConv(n *ops.Node) (ops.Compiled, error) {
	k := &deformable{offsetGroups: int(n.Int("offset_group", 1))}
	k.spatial, k.group = readSpatial(n.Attrs), int(n.Int("group", 1))
	for name, v := range map[string]int{"group": k.group, "offset_group": k.offsetGroups} {
		if v < 1 || v > maxWindow {
			n.Fail(fmt.Errorf("attribute %q is %d, expected at least 1", name, v))
		}
	}
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
			return runDeformConv[float32](c, k)
		case tensor.Float64:
			return runDeformConv[float64](c, k)
		}
		return fmt.Errorf("data is %v, expected a float type", x.DType())
	}), nil
}

func runDeformConv[T conv.Float](c *ops.Call, k *deformable) error {
	var in [5][]T // X, W, offset, B, mask
	if err := inputs(c, in[:]); err != nil {
		return err
	}
	shape := new(conv.Shape)
	if err := k.shape(shape, c.Input(0), c.Input(1)); err != nil {
		return err
	}
	if err := k.checkMoves(c, shape); err != nil {
		return err
	}
	dst, err := output[T](c, 0, outputShape(shape.Batch, shape.Groups*shape.Out, shape.Axes))
	if err != nil {
		return err
	}
	d := conv.Deformation[T]{Groups: k.offsetGroups, Offsets: in[2], Mask: in[4]}
	conv.Deform(c.Pool, shape, in[0], in[1], d, conv.Epilogue[T]{Bias: in[3]}, dst)
	return nil
}

// checkMoves checks offset, bias and mask against the shape.
func (k *deformable) checkMoves(c *ops.Call, s *conv.Shape) error {
	if len(s.Axes) != 2 {
		return fmt.Errorf("data is %v, expected rank 4: DeformConv moves taps over two axes", c.Input(0))
	}
	if channels := s.Groups * s.In; channels%k.offsetGroups != 0 {
		return fmt.Errorf("data has %d channels, which %d offset groups do not divide", channels, k.offsetGroups)
	}
	_, _, taps := s.Axes.Sizes()
	moves := k.offsetGroups * taps
	offset, err := c.Need(2)
	if err != nil {
		return err
	}
	if want := outputShape(s.Batch, 2*moves, s.Axes); !slices.Equal(offset.Shape(), want) {
		return fmt.Errorf("offset is %v, expected %s", offset, tensor.FormatShape(want))
	}
	if b := c.Input(3); b != nil && b.Len() != s.Groups*s.Out {
		return fmt.Errorf("bias is %v, expected [%d]", b, s.Groups*s.Out)
	}
	if want := outputShape(s.Batch, moves, s.Axes); c.Input(4) != nil && !slices.Equal(c.Input(4).Shape(), want) {
		return fmt.Errorf("mask is %v, expected %s", c.Input(4), tensor.FormatShape(want))
	}
	return nil
}
