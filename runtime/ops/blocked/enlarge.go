package blocked

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/nchwc"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// enlarge repeats the pixels of a blocked value: Resize to the nearest by whole
// factors. Attributes: scales [h, w], channels, in_border, out_border.
var enlarge = ops.Def{
	Name: "BlockedEnlarge", Domain: Domain, Since: 1,
	MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
	Infer: func(n *ops.Inference) error {
		e := readEnlarge(n.Attrs)
		d, ok := n.Input(0).Dims()
		if !ok || len(d) != 5 || n.Err() != nil {
			n.SetDType(0, tensor.Float32)
			return n.Err()
		}
		h, w := spatial(d, e.inBorder)
		out := blockedDims(d[0], d[1], dims.Mul(h, onnx.Known(e.scaleH)), dims.Mul(w, onnx.Known(e.scaleW)), e.outBorder)
		out[1] = d[1]
		n.Set(0, tensor.Float32, out...)
		return nil
	},
	Compile: func(n *ops.Node) (ops.Compiled, error) {
		e := readEnlarge(n.Attrs)
		return &e, n.Err()
	},
}

// enlargement is a node made ready.
type enlargement struct {
	scaleH, scaleW, channels, inBorder, outBorder int
}

func readEnlarge(a *ops.Attrs) enlargement {
	e := enlargement{channels: int(a.Int("channels", 0)), inBorder: border(a, "in_border"), outBorder: border(a, "out_border")}
	const most = 64
	scales := a.Ints("scales")
	if len(scales) != 2 || min(scales[0], scales[1]) < 1 || max(scales[0], scales[1]) > most {
		a.Fail(fmt.Errorf("attribute \"scales\" is %v, expected two values from 1 to %d", scales, most))
		return e
	}
	e.scaleH, e.scaleW = scales[0], scales[1]
	return e
}

func (e *enlargement) Run(c *ops.Call) error {
	x, data, err := input(c, 0)
	if err != nil {
		return err
	}
	batch, in, err := layoutOf(x, e.channels, e.inBorder)
	if err != nil {
		return err
	}
	out := nchwc.Layout{Channels: e.channels, H: in.H * e.scaleH, W: in.W * e.scaleW, Border: e.outBorder}
	y, err := output(c, batch, out)
	if err != nil {
		return err
	}
	for i := range batch {
		nchwc.Nearest(c.Pool, data[i*in.Len():][:in.Len()], in, y[i*out.Len():][:out.Len()], out, e.scaleH, e.scaleW)
	}
	return nil
}
