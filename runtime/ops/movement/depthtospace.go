package movement

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/strided"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// DepthToSpace spreads channels over blocks of blocksize × blocksize pixels:
// [N, C, H, W] becomes [N, C/b², H·b, W·b] (ONNX operator spec, DepthToSpace-13).
// In mode DCR the place in the block is the outer part of the channel's number,
// in CRD (since version 11) the inner one.
var depthToSpaceDefs = []ops.Def{
	depthToSpaceDef(1, "DCR"),
	depthToSpaceDef(11, "DCR", "CRD"),
}

// SpaceToDepth is the inverse of DepthToSpace: [N, C, H, W] becomes [N, C·b², H/b, W/b]
// (ONNX operator spec, SpaceToDepth-28). Up to version 13 it is that of mode DCR.
var spaceToDepthDefs = []ops.Def{
	spaceToDepthDef(1, "DCR"),
	spaceToDepthDef(28, "DCR", "CRD"),
}

func spaceToDepthDef(since int, modes ...string) ops.Def {
	return ops.Def{
		Name: "SpaceToDepth", Since: since,
		MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferSpaceToDepth,
		Compile: func(n *ops.Node) (ops.Compiled, error) {
			b, err := blockSize(n.Attrs)
			if err != nil {
				return nil, err
			}
			crd := n.OneOf("mode", modes...) == "CRD"
			return ops.RunFunc(func(c *ops.Call) error { return runSpaceToDepth(c, b, crd) }), n.Err()
		},
	}
}

func depthToSpaceDef(since int, modes ...string) ops.Def {
	return ops.Def{
		Name: "DepthToSpace", Since: since,
		MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferDepthToSpace,
		Compile: func(n *ops.Node) (ops.Compiled, error) {
			b, err := blockSize(n.Attrs)
			if err != nil {
				return nil, err
			}
			crd := n.OneOf("mode", modes...) == "CRD"
			return ops.RunFunc(func(c *ops.Call) error { return runDepthToSpace(c, b, crd) }), n.Err()
		},
	}
}

// maxBlock bounds blocksize, so that its square does not overflow.
const maxBlock = 1 << 15

func blockSize(a *ops.Attrs) (int, error) {
	b := a.Int("blocksize", 0)
	if err := a.Err(); err != nil {
		return 0, err
	}
	if b < 1 || b > maxBlock {
		return 0, fmt.Errorf("attribute \"blocksize\" is %d, expected 1 to %d", b, maxBlock)
	}
	return int(b), nil
}

// inferImage gives the input's four dimensions, or sets an output of which
// nothing but the rank is known.
func inferImage(n *ops.Inference) (d []onnx.Dim, b onnx.Dim, err error) {
	size, err := blockSize(n.Attrs)
	if err != nil {
		return nil, b, err
	}
	d, ok := n.Input(0).Dims()
	if !ok {
		n.Set(0, n.Input(0).DType(), dims.Unknown(4)...)
		return nil, b, nil
	}
	if len(d) != 4 {
		return nil, b, fmt.Errorf("input has rank %d, expected 4", len(d))
	}
	return d, onnx.Known(size), nil
}

func inferDepthToSpace(n *ops.Inference) error {
	d, b, err := inferImage(n)
	if err != nil || d == nil {
		return err
	}
	n.Set(0, n.Input(0).DType(), d[0], dims.Div(d[1], dims.Mul(b, b)), dims.Mul(d[2], b), dims.Mul(d[3], b))
	return nil
}

func inferSpaceToDepth(n *ops.Inference) error {
	d, b, err := inferImage(n)
	if err != nil || d == nil {
		return err
	}
	n.Set(0, n.Input(0).DType(), d[0], dims.Mul(d[1], dims.Mul(b, b)), dims.Div(d[2], b), dims.Div(d[3], b))
	return nil
}

// needImage is input 0 and its dimensions.
func needImage(c *ops.Call) (in *tensor.Tensor, n, ch, h, w int, err error) {
	if in, err = c.Need(0); err != nil {
		return nil, 0, 0, 0, 0, err
	}
	if in.Rank() != 4 {
		return nil, 0, 0, 0, 0, fmt.Errorf("input has rank %d, expected 4", in.Rank())
	}
	s := in.Shape()
	return in, s[0], s[1], s[2], s[3], nil
}

func runDepthToSpace(c *ops.Call, b int, crd bool) error {
	in, n, ch, h, w, err := needImage(c)
	if err != nil {
		return err
	}
	if ch%(b*b) != 0 {
		return fmt.Errorf("%d channels are not divisible by the square of blocksize %d", ch, b)
	}
	depth := ch / (b * b)
	out, err := c.Output(0, in.DType(), n, depth, h*b, w*b)
	if err != nil {
		return err
	}
	// the output as [n, depth, h, row in block, w, column in block]
	plane := h * w
	chStep, rowStep, colStep := plane, b*depth*plane, depth*plane
	if crd {
		chStep, rowStep, colStep = b*b*plane, b*plane, plane
	}
	block := []int{n, depth, h, b, w, b}
	rearrange(c, out, in, block, []int{ch * plane, chStep, w, rowStep, 1, colStep})
	return nil
}

func runSpaceToDepth(c *ops.Call, b int, crd bool) error {
	in, n, ch, h, w, err := needImage(c)
	if err != nil {
		return err
	}
	if h%b != 0 || w%b != 0 {
		return fmt.Errorf("an image of %d × %d is not divisible by blocksize %d", h, w, b)
	}
	out, err := c.Output(0, in.DType(), n, ch*b*b, h/b, w/b)
	if err != nil {
		return err
	}
	// the output as [n, row in block, column in block, channel, h, w], or with the
	// channel before the two
	block, strides := []int{n, b, b, ch, h / b, w / b}, []int{ch * h * w, w, 1, h * w, b * w, b}
	if crd {
		block, strides = []int{n, ch, b, b, h / b, w / b}, []int{ch * h * w, h * w, w, 1, b * w, b}
	}
	rearrange(c, out, in, block, strides)
	return nil
}

// rearrange fills out, seen as a block of that shape, from in by strides.
func rearrange(c *ops.Call, out, in *tensor.Tensor, block, strides []int) {
	dst := cells.Dest(out)
	strided.New(block, strided.Strides(block), strides, 0, 0).Run(c.Pool, dst, cells.Load(in))
	dst.Flush()
}
