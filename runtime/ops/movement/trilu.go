package movement

import (
	"errors"
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/trilu"
	"github.com/seed6700ada1/infer/runtime/ops"
)

// Trilu keeps the upper or lower triangle of the matrices that the last two
// dimensions hold, up to diagonal k, and zeroes the rest (ONNX operator spec,
// Trilu-14).
var triluDefs = []ops.Def{{
	Name: "Trilu", Since: 14,
	MinInputs: 1, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
	InPlace: []int{0},
	Infer:   inferTrilu,
	Compile: compileTrilu,
}}

func inferTrilu(n *ops.Inference) error {
	if rank := n.Input(0).Rank(); rank >= 0 && rank < 2 {
		return fmt.Errorf("input has rank %d, expected at least 2", rank)
	}
	n.Like(0, 0)
	return nil
}

func compileTrilu(n *ops.Node) (ops.Compiled, error) {
	upper := n.Bool("upper", true)
	diagonal, err := n.IntsInput(1, "k")
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		in, err := c.Need(0)
		if err != nil {
			return err
		}
		if in.Rank() < 2 {
			return fmt.Errorf("input has rank %d, expected at least 2", in.Rank())
		}
		k, err := diagonal.Read(c)
		if err != nil {
			return err
		}
		if k == nil {
			k = []int{0}
		}
		if len(k) != 1 {
			return errors.New("k is not one element")
		}
		out, err := c.Output(0, in.DType(), in.Shape()...)
		if err != nil {
			return err
		}
		dst, src := cells.Dest(out), cells.Load(in)
		if dst.Size == 0 {
			return fmt.Errorf("input is %v, which has no zero", in.DType())
		}
		rows, cols := in.Dim(-2), in.Dim(-1)
		trilu.Run(dst.Bytes, src.Bytes, rows, cols, dst.Size, min(max(k[0], -rows), cols), upper)
		dst.Flush()
		return nil
	}), nil
}
