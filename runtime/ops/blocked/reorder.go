package blocked

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/nchwc"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// toBlocked lays out a tensor [N, C, H, W] in blocks. Attribute: border.
var toBlocked = ops.Def{
	Name: "ToBlocked", Domain: Domain, Since: 1,
	MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
	Infer: func(n *ops.Inference) error {
		d, ok := n.Input(0).Dims()
		if !ok || len(d) != 4 {
			n.SetDType(0, tensor.Float32)
			return nil
		}
		n.Set(0, tensor.Float32, blockedDims(d[0], d[1], d[2], d[3], border(n.Attrs, "border"))...)
		return nil
	},
	Compile: func(n *ops.Node) (ops.Compiled, error) {
		around := border(n.Attrs, "border")
		return ops.RunFunc(func(c *ops.Call) error { return runToBlocked(c, around) }), n.Err()
	},
}

func runToBlocked(c *ops.Call, around int) error {
	x, data, err := input(c, 0)
	if err != nil {
		return err
	}
	if x.Rank() != 4 {
		return fmt.Errorf("data is %v, expected [N,C,H,W]", x)
	}
	batch := x.Dim(0)
	l := nchwc.Layout{Channels: x.Dim(1), H: x.Dim(2), W: x.Dim(3), Border: around}
	y, err := output(c, batch, l)
	if err != nil {
		return err
	}
	size := l.Channels * l.H * l.W
	for i := range batch {
		nchwc.ToBlocks(c.Pool, data[i*size:][:size], y[i*l.Len():][:l.Len()], l)
	}
	return nil
}

// fromBlocked is the inverse. Attributes: channels, border, and layout, "nchw"
// or "nhwc".
var fromBlocked = ops.Def{
	Name: "FromBlocked", Domain: Domain, Since: 1,
	MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
	Infer: func(n *ops.Inference) error {
		d, ok := n.Input(0).Dims()
		if !ok || len(d) != 5 {
			n.SetDType(0, tensor.Float32)
			return nil
		}
		h, w := spatial(d, border(n.Attrs, "border"))
		channels := onnx.Known(int(n.Int("channels", 0)))
		if n.OneOf("layout", "nchw", "nhwc") == "nhwc" {
			n.Set(0, tensor.Float32, d[0], h, w, channels)
		} else {
			n.Set(0, tensor.Float32, d[0], channels, h, w)
		}
		return nil
	},
	Compile: func(n *ops.Node) (ops.Compiled, error) {
		channels, around := int(n.Int("channels", 0)), border(n.Attrs, "border")
		pixels := n.OneOf("layout", "nchw", "nhwc") == "nhwc"
		return ops.RunFunc(func(c *ops.Call) error { return runFromBlocked(c, channels, around, pixels) }), n.Err()
	},
}

func runFromBlocked(c *ops.Call, channels, around int, pixels bool) error {
	x, data, err := input(c, 0)
	if err != nil {
		return err
	}
	batch, l, err := layoutOf(x, channels, around)
	if err != nil {
		return err
	}
	shape := [4]int{batch, channels, l.H, l.W}
	if pixels {
		shape = [4]int{batch, l.H, l.W, channels}
	}
	out, err := c.Output(0, tensor.Float32, shape[:]...)
	if err != nil {
		return err
	}
	y, err := tensor.Data[float32](out)
	if err != nil {
		return err
	}
	size := channels * l.H * l.W
	for i := range batch {
		from, to := data[i*l.Len():][:l.Len()], y[i*size:][:size]
		if pixels {
			nchwc.ToPixels(c.Pool, from, l, to)
		} else {
			nchwc.FromBlocks(c.Pool, from, l, to)
		}
	}
	return nil
}
