package contrib

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// GatherBlockQuantized gathers slices of a tensor that is quantised in blocks
// along an axis, and dequantises them: (q - zero)·scale. data is int4 or uint4,
// or uint8 that holds bits-wide numbers packed along the last axis, the first in
// the low bits; its zero points are stored likewise, and are 0, or half of the
// range for uint8, where they are left out.
func gatherBlockQuantizedDefs() []ops.Def {
	return []ops.Def{{
		Name: "GatherBlockQuantized", Domain: domain, Since: 1, MinInputs: 3, MaxInputs: 4, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferGatherBlock, Compile: compileGatherBlock,
	}}
}

// gatherBlock holds the attributes.
type gatherBlock struct {
	gatherAxis, quantizeAxis int64
	block, bits              int
}

func readGatherBlock(a *ops.Attrs) (gatherBlock, error) {
	g := gatherBlock{
		gatherAxis: a.Int("gather_axis", 0), quantizeAxis: a.Int("quantize_axis", 1),
		block: int(a.Int("block_size", 128)), bits: int(a.Int("bits", 4)),
	}
	if err := a.Err(); err != nil {
		return g, err
	}
	if g.block < 16 || g.block > maxWeights || g.block&(g.block-1) != 0 {
		return g, fmt.Errorf("attribute %q is %d, expected a power of two of at least 16", "block_size", g.block)
	}
	if g.bits != 2 && g.bits != 4 && g.bits != 8 {
		return g, fmt.Errorf("attribute %q is %d, expected 2, 4 or 8", "bits", g.bits)
	}
	return g, nil
}

// per is how many numbers an element of data holds.
func (g gatherBlock) per(d tensor.DType) int {
	if d == tensor.Uint8 {
		return 8 / g.bits
	}
	return 1
}

func inferGatherBlock(n *ops.Inference) error {
	g, err := readGatherBlock(n.Attrs)
	if err != nil {
		return err
	}
	d := n.Input(2).DType()
	n.SetDType(0, d)
	data, ok := n.Input(0).Dims()
	indices, known := n.Input(1).Dims()
	if !ok || !known || len(data) == 0 || n.Input(0).DType() == tensor.Undefined {
		return nil
	}
	axis, err := dims.Axis(g.gatherAxis, len(data))
	if err != nil {
		return err
	}
	whole := slices.Clone(data)
	last := len(whole) - 1
	whole[last] = dims.Mul(whole[last], onnx.Known(g.per(n.Input(0).DType())))
	n.Set(0, d, slices.Concat(whole[:axis], indices, whole[axis+1:])...)
	return nil
}

func compileGatherBlock(n *ops.Node) (ops.Compiled, error) {
	g, err := readGatherBlock(n.Attrs)
	if err != nil {
		return nil, err
	}
	return g, nil
}

// blocks is one run: the unpacked shape, and how the scales lie.
type blocks struct {
	shape         []int
	gather, quant int   // axes
	steps         []int // of the scales along each axis
	data, zeros   func(i int) float32
	scales        []float32
	block         int
}

// Run gathers.
func (g gatherBlock) Run(c *ops.Call) error {
	b, err := g.read(c)
	if err != nil {
		return err
	}
	indexT, err := c.Need(1)
	if err != nil {
		return err
	}
	indices, err := ops.IntsOf(indexT)
	if err != nil {
		return fmt.Errorf("indices: %w", err)
	}
	shape := slices.Concat(b.shape[:b.gather], indexT.Shape(), b.shape[b.gather+1:])
	y, err := c.Output(0, c.Input(2).DType(), shape...)
	if err != nil {
		return err
	}
	out := floats.Target[float32](y)
	size := 1
	for _, d := range b.shape[b.gather+1:] {
		size *= d
	}
	rows := b.shape[b.gather]
	for i := range out {
		before := i / size / len(indices)
		at := indices[i/size%len(indices)]
		if at < 0 {
			at += rows
		}
		if at < 0 || at >= rows {
			out[i] = 0 // as ONNX Runtime has it
			continue
		}
		out[i] = b.value((before*rows+at)*size + i%size)
	}
	return floats.Flush(y, out)
}

// read holds the inputs against each other.
func (g gatherBlock) read(c *ops.Call) (*blocks, error) {
	data, err := c.Need(0)
	if err != nil {
		return nil, err
	}
	scales, err := c.Need(2)
	if err != nil {
		return nil, err
	}
	b := &blocks{shape: slices.Clone(data.Shape()), block: g.block}
	if b.gather, err = dims.Axis(g.gatherAxis, data.Rank()); err != nil {
		return nil, err
	}
	if b.quant, err = dims.Axis(g.quantizeAxis, data.Rank()); err != nil {
		return nil, err
	}
	per := g.per(data.DType())
	if per > 1 && b.quant != data.Rank()-1 {
		return nil, fmt.Errorf("packed data must be quantised along its last axis, not axis %d", b.quant)
	}
	b.shape[data.Rank()-1] *= per
	want := slices.Clone(b.shape)
	want[b.quant] = (want[b.quant] + g.block - 1) / g.block
	if !slices.Equal(scales.Shape(), want) {
		return nil, fmt.Errorf("scales has shape %s, expected %s", tensor.FormatShape(scales.Shape()), tensor.FormatShape(want))
	}
	if b.scales, err = floats.View[float32](scales); err != nil {
		return nil, err
	}
	b.steps = make([]int, len(want))
	step := 1
	for d := len(want) - 1; d >= 0; d-- {
		b.steps[d] = step
		step *= want[d]
	}
	if b.data, err = g.numbers(data, data.Dim(-1)*per); err != nil {
		return nil, err
	}
	return b, g.readZeros(c, b, want)
}

// readZeros reads the zero points, of the shape of the scales.
func (g gatherBlock) readZeros(c *ops.Call, b *blocks, shape []int) error {
	t := c.Input(3)
	half := float32(0)
	if c.Input(0).DType() == tensor.Uint8 {
		half = float32(int(1) << (g.bits - 1))
	}
	b.zeros = func(int) float32 { return half }
	if t == nil {
		return nil
	}
	last, per := len(shape)-1, g.per(t.DType())
	want := slices.Clone(shape)
	want[last] = (want[last] + per - 1) / per
	if t.DType() != c.Input(0).DType() || !slices.Equal(t.Shape(), want) {
		return fmt.Errorf("zero_points is %v, expected %v%s", t, c.Input(0).DType(), tensor.FormatShape(want))
	}
	var err error
	b.zeros, err = g.numbers(t, shape[last])
	return err
}

// numbers reads the numbers of a tensor whose rows, unpacked, have width of
// them.
func (g gatherBlock) numbers(t *tensor.Tensor, width int) (func(i int) float32, error) {
	switch d := t.DType(); d {
	case tensor.Int4, tensor.Uint4:
		data, err := t.Packed()
		return func(i int) float32 {
			q := data[i/2] >> (i % 2 * 4) & 15
			if d == tensor.Int4 {
				return float32(int8(q<<4) >> 4)
			}
			return float32(q)
		}, err
	case tensor.Uint8:
	default:
		return nil, fmt.Errorf("data is %v, expected int4, uint4 or uint8", d)
	}
	data, err := tensor.Data[uint8](t)
	row, per, mask := t.Dim(-1), 8/g.bits, byte(1<<g.bits-1)
	return func(i int) float32 {
		k := i % width
		return float32(data[i/width*row+k/per] >> (k % per * g.bits) & mask)
	}, err
}

// value dequantises element i of the unpacked data.
func (b *blocks) value(i int) float32 {
	at, rest := 0, i
	for d, size := range slices.Backward(b.shape) {
		k := rest % size
		rest /= size
		if d == b.quant {
			k /= b.block
		}
		at += k * b.steps[d]
	}
	return (b.data(i) - b.zeros(at)) * b.scales[at]
}
