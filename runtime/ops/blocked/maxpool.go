package blocked

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/nchwc"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// maxPool is a MaxPool without padding of a blocked value. Attributes:
// kernel_shape, strides, channels, in_border, out_border.
var maxPool = ops.Def{
	Name: "BlockedMaxPool", Domain: Domain, Since: 1,
	MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
	Infer: func(n *ops.Inference) error {
		p := readMaxPool(n.Attrs)
		d, ok := n.Input(0).Dims()
		if !ok || len(d) != 5 || n.Err() != nil {
			n.SetDType(0, tensor.Float32)
			return n.Err()
		}
		h, w := spatial(d, p.inBorder)
		out := blockedDims(d[0], d[1], outDim(h, 0, p.KernelH, p.StrideH), outDim(w, 0, p.KernelW, p.StrideW), p.outBorder)
		out[1] = d[1]
		n.Set(0, tensor.Float32, out...)
		return nil
	},
	Compile: func(n *ops.Node) (ops.Compiled, error) {
		p := readMaxPool(n.Attrs)
		return &p, n.Err()
	},
}

// pooling is a node made ready.
type pooling struct {
	nchwc.MaxPool
	channels, inBorder, outBorder int
}

func readMaxPool(a *ops.Attrs) pooling {
	p := pooling{channels: int(a.Int("channels", 0)), inBorder: border(a, "in_border"), outBorder: border(a, "out_border")}
	kernel, strides := a.Ints("kernel_shape"), a.Ints("strides")
	if len(kernel) != 2 || len(strides) != 2 || min(kernel[0], kernel[1], strides[0], strides[1]) < 1 {
		a.Fail(fmt.Errorf("kernel_shape is %v and strides are %v, expected two positive values each", kernel, strides))
		return p
	}
	p.MaxPool = nchwc.MaxPool{KernelH: kernel[0], KernelW: kernel[1], StrideH: strides[0], StrideW: strides[1]}
	return p
}

func (p *pooling) Run(c *ops.Call) error {
	x, data, err := input(c, 0)
	if err != nil {
		return err
	}
	batch, in, err := layoutOf(x, p.channels, p.inBorder)
	if err != nil {
		return err
	}
	if in.H < p.KernelH || in.W < p.KernelW {
		return fmt.Errorf("data is %v, smaller than the window", x)
	}
	out := nchwc.Layout{Channels: p.channels, H: (in.H-p.KernelH)/p.StrideH + 1, W: (in.W-p.KernelW)/p.StrideW + 1, Border: p.outBorder}
	y, err := output(c, batch, out)
	if err != nil {
		return err
	}
	for i := range batch {
		p.MaxPool.Run(c.Pool, data[i*in.Len():][:in.Len()], in, y[i*out.Len():][:out.Len()], out)
	}
	return nil
}
