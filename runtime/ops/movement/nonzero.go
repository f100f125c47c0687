package movement

import (
	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/nonzero"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// NonZero gives the coordinates of the elements that are not zero, one column
// for each, in row-major order (ONNX operator spec, NonZero-13). A scalar has no
// coordinates: the result has no rows.
var nonZeroDefs = []ops.Def{{
	Name: "NonZero", Since: 9,
	MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
	Infer:   inferNonZero,
	Compile: compileNonZero,
}}

func inferNonZero(n *ops.Inference) error {
	rows := onnx.UnknownDim()
	if rank := n.Input(0).Rank(); rank >= 0 {
		rows = onnx.Known(rank)
	}
	n.Set(0, tensor.Int64, rows, onnx.UnknownDim())
	return nil
}

func compileNonZero(n *ops.Node) (ops.Compiled, error) {
	return ops.RunFunc(func(c *ops.Call) error {
		in, err := c.Need(0)
		if err != nil {
			return err
		}
		list := nonzero.Places(cells.Load(in), in.DType())
		out, err := c.Output(0, tensor.Int64, in.Rank(), len(list))
		if err != nil {
			return err
		}
		dst, err := tensor.Data[int64](out)
		if err != nil {
			return err
		}
		coordinates(dst, list, in.Shape())
		return nil
	}), n.Err()
}

// coordinates writes the coordinates of places in a tensor of that shape, a row
// of dst for each dimension. It uses up list.
func coordinates(dst []int64, list, shape []int) {
	for k := len(shape) - 1; k >= 0; k-- {
		row := dst[k*len(list):]
		for i, at := range list {
			row[i] = int64(at % shape[k])
			list[i] = at / shape[k]
		}
	}
}
