package nn

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/conv"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// causalConvWithStateDefs defines CausalConvWithState (ONNX operator spec,
// CausalConvWithState-27): a convolution of each channel with the values before, of
// which the last ones go from call to call as a state.
//
//	input [B, C, L], weight [C, 1, k], bias [C], past_state [B, C, k-1]
//	→  output [B, C, L], present_state [B, C, k-1]
//
// It is computed in float32; the formula stands at [conv.Causal].
func causalConvWithStateDefs() []ops.Def {
	return []ops.Def{{
		Name: "CausalConvWithState", Since: 27,
		MinInputs: 2, MaxInputs: 4, MinOutputs: 1, MaxOutputs: 2,
		Infer: inferCausal,
		Compile: func(n *ops.Node) (ops.Compiled, error) {
			silu := n.OneOf("activation", "none", "silu", "swish") != "none"
			return ops.RunFunc(func(c *ops.Call) error { return runCausal(c, silu) }), n.Err()
		},
	}}
}

func inferCausal(n *ops.Inference) error {
	n.Like(0, 0)
	d := n.Input(0).DType()
	n.SetDType(1, d)
	x, ok := n.Input(0).Dims()
	w, ok2 := n.Input(1).Dims()
	if !ok || !ok2 {
		return nil
	}
	if len(x) != 3 || len(w) != 3 {
		return fmt.Errorf("input and weight have ranks %d and %d, expected 3", len(x), len(w))
	}
	n.Set(1, d, x[0], x[1], dims.Sub(w[2], onnx.Known(1)))
	return nil
}

func runCausal(c *ops.Call, silu bool) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	w, err := c.Need(1)
	if err != nil {
		return err
	}
	if x.Rank() != 3 || w.Rank() != 3 || w.Dim(0) != x.Dim(1) || w.Dim(1) != 1 || w.Dim(2) < 1 {
		return fmt.Errorf("input and weight have shapes %s and %s, expected [batch channels length] and [channels 1 k]",
			tensor.FormatShape(x.Shape()), tensor.FormatShape(w.Shape()))
	}
	k := conv.Causal{Batch: x.Dim(0), Channels: x.Dim(1), Length: x.Dim(2), Kernel: w.Dim(2), Silu: silu}
	state := []int{k.Batch, k.Channels, k.Kernel - 1}
	for i, operand := range []struct {
		values *[]float32
		shape  []int
	}{{&k.In, x.Shape()}, {&k.Weight, w.Shape()}, {&k.Bias, []int{k.Channels}}, {&k.Past, state}} {
		t := c.Input(i)
		if t == nil {
			continue
		}
		if !slices.Equal(t.Shape(), operand.shape) {
			return fmt.Errorf("input %d has shape %s, expected %s", i, tensor.FormatShape(t.Shape()), tensor.FormatShape(operand.shape))
		}
		if *operand.values, err = floats.View[float32](t); err != nil {
			return fmt.Errorf("input %d: %w", i, err)
		}
	}
	y, err := c.Output(0, x.DType(), x.Shape()...)
	if err != nil {
		return err
	}
	present, err := c.Output(1, x.DType(), state...)
	if err != nil {
		return err
	}
	k.Out, k.Present = floats.Target[float32](y), floats.Target[float32](present)
	k.Run(c.Pool)
	if err := floats.Flush(present, k.Present); err != nil {
		return err
	}
	return floats.Flush(y, k.Out)
}
