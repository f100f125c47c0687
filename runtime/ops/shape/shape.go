package shape

import (
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Shape gives the dimensions of its input as int64 (ONNX operator spec,
// Shape-25). Since version 15, start and end cut a part out; they may count
// from the end and are clamped.
var shapeDefs = []ops.Def{shapeDef(1), shapeDef(15)}

func shapeDef(since int) ops.Def {
	return ops.Def{
		Name: "Shape", Since: since,
		MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
		Infer:   inferShape,
		Compile: compileShape,
	}
}

// part is the range of dimensions that Shape gives.
type part struct {
	start, end int64
	open       bool // there is no end
}

func readPart(a *ops.Attrs) part {
	return part{start: a.Int("start", 0), end: a.Int("end", 0), open: !a.Has("end")}
}

// clamp gives the range for a rank; lo <= hi.
func (p part) clamp(rank int) (lo, hi int) {
	at := func(v int64) int {
		if v < 0 {
			v += int64(rank)
		}
		return int(min(max(v, 0), int64(rank)))
	}
	lo, hi = at(p.start), at(p.end)
	if p.open {
		hi = rank
	}
	return lo, max(lo, hi)
}

func inferShape(n *ops.Inference) error {
	p := readPart(n.Attrs)
	shape, ok := n.Input(0).Dims()
	if !ok {
		n.Set(0, tensor.Int64, onnx.UnknownDim())
		return n.Err()
	}
	lo, hi := p.clamp(len(shape))
	n.Set(0, tensor.Int64, onnx.Known(hi-lo))
	n.SetValue(0, append([]onnx.Dim{}, shape[lo:hi]...))
	return n.Err()
}

func compileShape(n *ops.Node) (ops.Compiled, error) {
	p := readPart(n.Attrs)
	return ops.RunFunc(func(c *ops.Call) error {
		shape, err := shapeAt(c)
		if err != nil {
			return err
		}
		lo, hi := p.clamp(len(shape))
		return setInts(c, shape[lo:hi], hi-lo)
	}), n.Err()
}

// shapeAt is the shape of input 0, which may also be a cache.
func shapeAt(c *ops.Call) ([]int, error) {
	if c.Has(0) {
		if cache, ok := c.Inputs[0].(*tensor.Cache); ok {
			return cache.Shape(), nil
		}
	}
	in, err := c.Need(0)
	if err != nil {
		return nil, err
	}
	return in.Shape(), nil
}

// setInts makes output 0 an int64 tensor of those values.
func setInts(c *ops.Call, values []int, shape ...int) error {
	t, err := c.Output(0, tensor.Int64, shape...)
	if err != nil {
		return err
	}
	out, err := tensor.Data[int64](t)
	if err != nil {
		return err
	}
	for i, v := range values {
		out[i] = int64(v)
	}
	return nil
}

// Size gives the number of elements of its input as an int64 scalar (ONNX
// operator spec, Size-25).
var sizeDefs = []ops.Def{{
	Name: "Size", Since: 1,
	MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
	Infer:   inferSize,
	Compile: compileSize,
}}

func inferSize(n *ops.Inference) error {
	n.Set(0, tensor.Int64)
	if shape, ok := n.Input(0).Dims(); ok {
		n.SetValue(0, []onnx.Dim{dims.Product(shape)})
	}
	return nil
}

func compileSize(n *ops.Node) (ops.Compiled, error) {
	return ops.RunFunc(func(c *ops.Call) error {
		in, err := c.Need(0)
		if err != nil {
			return err
		}
		return setInts(c, []int{in.Len()})
	}), n.Err()
}
