// Package blocked holds the operators that the layout pass makes: convolutions
// and pooling over blocks of 16 channels, and the ways into and out of blocks.
// They live in the project's own domain.
//
// A blocked value is a tensor
//
//	[N, C/16 rounded up, H + 2·border, W + 2·border, 16]
//
// as package kernel/nchwc lays it out. How wide the border is, and where it
// matters how many channels there are, stands in the attributes of whoever reads
// or writes it.
package blocked

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/nchwc"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Domain is the project's own operator domain.
const Domain = "infer"

// Ops lists the operators.
var Ops = []ops.Def{toBlocked, fromBlocked, conv, maxPool, enlarge}

// maxBorder bounds the attributes that say how wide a border is.
const maxBorder = 64

// border reads an attribute that says how wide a border is.
func border(a *ops.Attrs, name string) int {
	b := a.Int(name, 0)
	if b < 0 || b > maxBorder {
		a.Fail(fmt.Errorf("attribute %q is %d, expected 0 to %d", name, b, maxBorder))
		return 0
	}
	return int(b)
}

// layoutOf reads the geometry of a blocked value.
func layoutOf(x *tensor.Tensor, channels, border int) (batch int, l nchwc.Layout, err error) {
	l = nchwc.Layout{Channels: channels, H: x.Dim(2) - 2*border, W: x.Dim(3) - 2*border, Border: border}
	if x.Rank() != 5 || x.Dim(4) != nchwc.Block || x.Dim(1) != l.Blocks() || l.H < 0 || l.W < 0 {
		return 0, l, fmt.Errorf("value is %v, expected [N,%d,H+%d,W+%d,%d]", x, l.Blocks(), 2*border, 2*border, nchwc.Block)
	}
	return x.Dim(0), l, nil
}

// blockedDims is the shape of a blocked value.
func blockedDims(batch, channels, h, w onnx.Dim, border int) []onnx.Dim {
	blocks := onnx.UnknownDim()
	if channels.IsKnown() {
		blocks = onnx.Known((int(channels.Value) + nchwc.Block - 1) / nchwc.Block)
	}
	around := onnx.Known(2 * border)
	return []onnx.Dim{batch, blocks, dims.Add(h, around), dims.Add(w, around), onnx.Known(nchwc.Block)}
}

// spatial is the height and width of the planes of a blocked value.
func spatial(d []onnx.Dim, border int) (h, w onnx.Dim) {
	around := onnx.Known(2 * border)
	return dims.Sub(d[2], around), dims.Sub(d[3], around)
}

// output makes the blocked output of a node.
func output(c *ops.Call, batch int, l nchwc.Layout) ([]float32, error) {
	shape := l.Shape(batch)
	y, err := c.Output(0, tensor.Float32, shape[:]...)
	if err != nil {
		return nil, err
	}
	return tensor.Data[float32](y)
}

// input reads a float32 input.
func input(c *ops.Call, i int) (*tensor.Tensor, []float32, error) {
	x, err := c.Need(i)
	if err != nil {
		return nil, nil, err
	}
	data, err := tensor.Data[float32](x)
	return x, data, err
}
