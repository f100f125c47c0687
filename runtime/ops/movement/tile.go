package movement

import (
	"errors"
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/strided"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Tile lays copies of a tensor side by side, repeats[i] of them along dimension
// i (ONNX operator spec, Tile-13).
//
//	1 repeats along one axis, both of them scalars in the type of the data
//	6 repeats along every axis
var tileDefs = []ops.Def{
	{
		Name: "Tile", Since: 1,
		MinInputs: 3, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		Infer:   inferTileAxis,
		Compile: compileTileAxis,
	},
	{
		Name: "Tile", Since: 6,
		MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
		Infer:   inferTile,
		Compile: compileTile,
	},
}

func inferTile(n *ops.Inference) error {
	in := n.Input(0)
	shape, ok := in.Dims()
	if !ok {
		n.SetDType(0, in.DType())
		return nil
	}
	repeats := n.Values(1)
	if repeats == nil {
		n.Set(0, in.DType(), dims.Unknown(len(shape))...)
		return nil
	}
	if len(repeats) != len(shape) {
		return fmt.Errorf("there are %d repeats for rank %d", len(repeats), len(shape))
	}
	out := make([]onnx.Dim, len(shape))
	for i, d := range shape {
		out[i] = dims.Mul(d, repeats[i])
	}
	n.Set(0, in.DType(), out...)
	return nil
}

func compileTile(n *ops.Node) (ops.Compiled, error) {
	source, err := n.IntsInput(1, "repeats")
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		in, err := c.Need(0)
		if err != nil {
			return err
		}
		repeats, err := source.Read(c)
		if err != nil {
			return err
		}
		return runTile(c, in, repeats)
	}), nil
}

func runTile(c *ops.Call, in *tensor.Tensor, repeats []int) error {
	if len(repeats) != in.Rank() {
		return fmt.Errorf("there are %d repeats for rank %d", len(repeats), in.Rank())
	}
	shape := make([]int, in.Rank())
	block, strides := make([]int, 2*in.Rank()), make([]int, 2*in.Rank()) // copies, then elements
	own := strided.Strides(in.Shape())
	for i, d := range in.Shape() {
		if repeats[i] < 0 {
			return fmt.Errorf("repeats %v has a negative entry", repeats)
		}
		if d > 0 && repeats[i] > maxPad/d {
			return fmt.Errorf("%d repeats of dimension %d, %d, are too many", repeats[i], i, d)
		}
		shape[i] = d * repeats[i]
		block[2*i], block[2*i+1], strides[2*i+1] = repeats[i], d, own[i]
	}
	out, err := c.Output(0, in.DType(), shape...)
	if err != nil {
		return err
	}
	dst := cells.Dest(out)
	strided.New(block, strided.Strides(block), strides, 0, 0).Run(c.Pool, dst, cells.Load(in))
	dst.Flush()
	return nil
}

func inferTileAxis(n *ops.Inference) error {
	in := n.Input(0)
	n.SetDType(0, in.DType())
	if rank := in.Rank(); rank >= 0 {
		n.Set(0, in.DType(), dims.Unknown(rank)...)
	}
	return nil
}

func compileTileAxis(n *ops.Node) (ops.Compiled, error) {
	return ops.RunFunc(func(c *ops.Call) error {
		in, err := c.Need(0)
		if err != nil {
			return err
		}
		times, err := wholeNumber(c, 1)
		if err != nil {
			return fmt.Errorf("tiles: %w", err)
		}
		axis, err := wholeNumber(c, 2)
		if err != nil {
			return fmt.Errorf("axis: %w", err)
		}
		at, err := dims.Axis(axis, in.Rank())
		if err != nil {
			return err
		}
		repeats := make([]int, in.Rank())
		for i := range repeats {
			repeats[i] = 1
		}
		repeats[at] = int(times)
		return runTile(c, in, repeats)
	}), n.Err()
}

// wholeNumber reads input i, one element of any type that numbers have, as an
// integer.
func wholeNumber(c *ops.Call, i int) (int64, error) {
	t, err := c.Need(i)
	if err != nil {
		return 0, err
	}
	list, err := wholeNumbers(t)
	if err != nil {
		return 0, err
	}
	if len(list) != 1 {
		return 0, errors.New("expected one element")
	}
	return list[0], nil
}
