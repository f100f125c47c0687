package movement

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/scatter"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// ScatterElements copies data and writes each update to the coordinates of its
// index, but for the one along axis, which is the index: with axis 1,
// out[i, indices[i, j, k], k] = updates[i, j, k] (ONNX operator spec,
// ScatterElements-18). Scatter is its name in versions 9 and 10.
//
//	11 replaces elements
//	16 reduction: add, mul
//	18 reduction: max, min
var scatterElementsDefs = []ops.Def{
	scatterElementsDef("Scatter", 9, "none"),
	{Name: "Scatter", Since: 11, Deprecated: true},
	scatterElementsDef("ScatterElements", 11, "none"),
	scatterElementsDef("ScatterElements", 16, "none", "add", "mul"),
	scatterElementsDef("ScatterElements", 18, "none", "add", "mul", "max", "min"),
}

func scatterElementsDef(name string, since int, reductions ...string) ops.Def {
	return ops.Def{
		Name: name, Since: since,
		MinInputs: 3, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		InPlace: []int{0},
		Infer: func(n *ops.Inference) error {
			n.OneOf("reduction", reductions...)
			if rank := n.Input(0).Rank(); rank >= 0 {
				if _, err := dims.Axis(n.Int("axis", 0), rank); err != nil {
					return err
				}
			}
			n.Like(0, 0)
			return n.Err()
		},
		Compile: func(n *ops.Node) (ops.Compiled, error) {
			axis, r := n.Int("axis", 0), readReduction(n.Attrs, reductions)
			return ops.RunFunc(func(c *ops.Call) error { return runScatterElements(c, axis, r) }), n.Err()
		},
	}
}

func readReduction(a *ops.Attrs, allowed []string) scatter.Reduction {
	name := a.OneOf("reduction", allowed...)
	return scatter.Reduction(slices.Index([]string{"none", "add", "mul", "max", "min"}, name))
}

func runScatterElements(c *ops.Call, axis int64, r scatter.Reduction) error {
	data, indices, updates, err := needThree(c)
	if err != nil {
		return err
	}
	if !slices.Equal(indices.Shape(), updates.Shape()) {
		return fmt.Errorf("indices have shape %v, updates %v", indices.Shape(), updates.Shape())
	}
	list, err := elementPlaces(c, data, indices, axis)
	if err != nil {
		return err
	}
	return scatterBlocks(c, data, updates, list, 1, r)
}

// needThree gives inputs 0, 1 and 2, of which 0 and 2 must be of one type.
func needThree(c *ops.Call) (data, indices, updates *tensor.Tensor, err error) {
	if data, indices, err = needTwo(c); err != nil {
		return nil, nil, nil, err
	}
	if updates, err = c.Need(2); err != nil {
		return nil, nil, nil, err
	}
	if updates.DType() != data.DType() {
		return nil, nil, nil, fmt.Errorf("updates are %v, data is %v", updates.DType(), data.DType())
	}
	return data, indices, updates, nil
}

// scatterBlocks makes output 0 a copy of data and joins the blocks of updates
// into it.
func scatterBlocks(c *ops.Call, data, updates *tensor.Tensor, list []int, block int, r scatter.Reduction) error {
	reduce, err := reducer(data.DType(), r)
	if err != nil {
		return err
	}
	out, err := c.Output(0, data.DType(), data.Shape()...)
	if err != nil {
		return err
	}
	if r == scatter.None {
		dst, src := cells.Dest(out), cells.Load(data)
		copyCells(dst, src)
		scatter.Blocks(dst, cells.Load(updates), list, block)
		dst.Flush()
		return nil
	}
	moveAll(c, out, data)
	return reduce(out, updates, list, block, r)
}

// copyCells copies all of src; it does nothing where both are one buffer.
func copyCells(dst, src cells.Slice) {
	copy(dst.Strings, src.Strings)
	if len(dst.Bytes) > 0 && &dst.Bytes[0] != &src.Bytes[0] {
		copy(dst.Bytes, src.Bytes)
	}
}

type reduceFunc func(out, updates *tensor.Tensor, list []int, block int, r scatter.Reduction) error

// reducer is the reduction for an element type.
func reducer(d tensor.DType, r scatter.Reduction) (reduceFunc, error) {
	switch d {
	case tensor.Float32:
		return reduceNumbers[float32], nil
	case tensor.Float64:
		return reduceNumbers[float64], nil
	case tensor.Int8:
		return reduceNumbers[int8], nil
	case tensor.Int16:
		return reduceNumbers[int16], nil
	case tensor.Int32:
		return reduceNumbers[int32], nil
	case tensor.Int64:
		return reduceNumbers[int64], nil
	case tensor.Uint8:
		return reduceNumbers[uint8], nil
	case tensor.Uint16:
		return reduceNumbers[uint16], nil
	case tensor.Uint32:
		return reduceNumbers[uint32], nil
	case tensor.Uint64:
		return reduceNumbers[uint64], nil
	case tensor.Float16:
		return reduceAs(tensor.F16.Float32, tensor.F16From), nil
	case tensor.BFloat16:
		return reduceAs(tensor.BF16.Float32, tensor.BF16From), nil
	case tensor.Bool: // adding is or, multiplying is and
		return reduceAs(
			func(b bool) uint8 {
				if b {
					return 1
				}
				return 0
			},
			func(v uint8) bool { return v != 0 },
		), nil
	}
	if r == scatter.None {
		return nil, nil
	}
	return nil, fmt.Errorf("a reduction of %v elements is not defined", d)
}

func reduceNumbers[T interface {
	tensor.Element
	scatter.Number
}](out, updates *tensor.Tensor, list []int, block int, r scatter.Reduction) error {
	dst, src, err := twoSlices[T](out, updates)
	if err != nil {
		return err
	}
	scatter.Reduce(dst, src, list, block, r)
	return nil
}

func reduceAs[T tensor.Element, N scatter.Number](load func(T) N, store func(N) T) reduceFunc {
	return func(out, updates *tensor.Tensor, list []int, block int, r scatter.Reduction) error {
		dst, src, err := twoSlices[T](out, updates)
		if err != nil {
			return err
		}
		scatter.ReduceAs(dst, src, list, block, r, load, store)
		return nil
	}
}

func twoSlices[T tensor.Element](a, b *tensor.Tensor) (x, y []T, err error) {
	if x, err = tensor.Data[T](a); err != nil {
		return nil, nil, err
	}
	y, err = tensor.Data[T](b)
	return x, y, err
}
