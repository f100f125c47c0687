package movement

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/strided"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
)

// ReverseSequence turns around the first sequence_lens[b] steps of each batch b
// along the time axis (ONNX operator spec, ReverseSequence-10). The batch and
// time axes are the first two, in either order.
var reverseSequenceDefs = []ops.Def{{
	Name: "ReverseSequence", Since: 10,
	MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
	Infer: func(n *ops.Inference) error {
		n.Like(0, 0)
		return nil
	},
	Compile: compileReverseSequence,
}}

func compileReverseSequence(n *ops.Node) (ops.Compiled, error) {
	batchAxis, timeAxis := n.Int("batch_axis", 1), n.Int("time_axis", 0)
	if err := n.Err(); err != nil {
		return nil, err
	}
	lens, err := n.IntsInput(1, "sequence_lens")
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		in, err := c.Need(0)
		if err != nil {
			return err
		}
		axes, err := dims.Axes([]int{int(batchAxis), int(timeAxis)}, in.Rank())
		if err != nil {
			return err
		}
		list, err := lens.Read(c)
		if err != nil {
			return err
		}
		batch, time := axes[0], axes[1]
		if len(list) != in.Dim(batch) {
			return fmt.Errorf("there are %d sequence_lens for a batch of %d", len(list), in.Dim(batch))
		}
		out, err := c.Output(0, in.DType(), in.Shape()...)
		if err != nil {
			return err
		}
		dst, src := cells.Dest(out), cells.Load(in)
		copyCells(dst, src)
		shape := append([]int{}, in.Shape()...)
		forth := strided.Strides(shape)
		back := append([]int{}, forth...)
		back[time] = -back[time]
		shape[batch] = 1
		for b, n := range list {
			if n < 0 || n > in.Dim(time) {
				return fmt.Errorf("sequence %d has length %d, expected 0 to %d", b, n, in.Dim(time))
			}
			shape[time] = n
			at := b * forth[batch]
			strided.New(shape, forth, back, at, at+(n-1)*forth[time]).Run(c.Pool, dst, src)
		}
		dst.Flush()
		return nil
	}), nil
}
