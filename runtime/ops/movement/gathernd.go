package movement

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/gather"
	"github.com/seed6700ada1/infer/runtime/kernel/index"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// GatherND takes slices of data by tuples of indices, the last dimension of
// indices: a tuple of k names a place in data's first k dimensions, after the
// batch_dims that both inputs share (ONNX operator spec, GatherND-13; batch_dims
// since version 12).
var gatherNDDefs = []ops.Def{gatherNDDef(11), gatherNDDef(12)}

func gatherNDDef(since int) ops.Def {
	return ops.Def{
		Name: "GatherND", Since: since,
		MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
		Infer:   inferGatherND,
		Compile: compileGatherND,
	}
}

func inferGatherND(n *ops.Inference) error {
	batch := n.Int("batch_dims", 0)
	d := n.Input(0).DType()
	n.SetDType(0, d)
	data, ok := n.Input(0).Dims()
	indices, ok2 := n.Input(1).Dims()
	if !ok || !ok2 || len(indices) == 0 || !indices[len(indices)-1].IsKnown() {
		return n.Err()
	}
	width := int(indices[len(indices)-1].Value)
	if err := checkTuples(len(data), len(indices), width, batch); err != nil {
		return err
	}
	out := slices.Concat([]onnx.Dim{}, indices[:len(indices)-1], data[int(batch)+width:])
	n.Set(0, d, out...)
	return n.Err()
}

// checkTuples checks the ranks of data and indices against the width of a tuple
// and the number of batch dimensions.
func checkTuples(data, indices, width int, batch int64) error {
	switch {
	case data < 1 || indices < 1:
		return fmt.Errorf("data has rank %d and indices have rank %d, expected at least 1", data, indices)
	case batch < 0 || batch >= int64(min(data, indices)):
		return fmt.Errorf("batch_dims %d is out of range for ranks %d and %d", batch, data, indices)
	case width < 1 || width > data-int(batch):
		return fmt.Errorf("indices are tuples of %d, data has %d dimensions for them", width, data-int(batch))
	}
	return nil
}

func compileGatherND(n *ops.Node) (ops.Compiled, error) {
	batch := n.Int("batch_dims", 0)
	return ops.RunFunc(func(c *ops.Call) error {
		data, indices, err := needTwo(c)
		if err != nil {
			return err
		}
		list, block, err := tuplePlaces(c, data, indices, batch)
		if err != nil {
			return err
		}
		width := indices.Dim(-1)
		shape := slices.Concat(indices.Shape()[:indices.Rank()-1], data.Shape()[int(batch)+width:])
		out, err := c.Output(0, data.DType(), shape...)
		if err != nil {
			return err
		}
		dst := cells.Dest(out)
		gather.Blocks(c.Pool, dst, cells.Load(data), list, 1, block, 1, 0)
		dst.Flush()
		return nil
	}), n.Err()
}

// tuplePlaces is the place in data of the block that each tuple names, and the
// length of a block, as GatherND and ScatterND read them.
func tuplePlaces(c *ops.Call, data, indices *tensor.Tensor, batch int64) (list []int, block int, err error) {
	in, shape := data.Shape(), indices.Shape()
	width := indices.Dim(-1)
	if err := checkTuples(len(in), len(shape), width, batch); err != nil {
		return nil, 0, err
	}
	b := int(batch)
	if !slices.Equal(in[:b], shape[:b]) {
		return nil, 0, fmt.Errorf("data has shape %v, indices %v: the first %d dimensions differ", in, shape, b)
	}
	block = dims.Count(in[b+width:])
	stride := dims.Count(in[b:])
	list = places(c, dims.Count(shape[:len(shape)-1]))
	batches := dims.Count(in[:b])
	switch indices.DType() {
	case tensor.Int64:
		v, err := tensor.Data[int64](indices)
		if err != nil {
			return nil, 0, err
		}
		return list, block, index.Tuples(list, v, in[b:b+width], block, batches, stride)
	case tensor.Int32:
		v, err := tensor.Data[int32](indices)
		if err != nil {
			return nil, 0, err
		}
		return list, block, index.Tuples(list, v, in[b:b+width], block, batches, stride)
	default:
		return nil, 0, indexTypeError(indices)
	}
}
