package contrib

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/nbits"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// MatMulNBits computes Y = A·Wᵀ + bias with weights W of N rows and K columns,
// quantised to 2, 4 or 8 bits in blocks of block_size along K. Zero points are
// packed like the weights, each row of them beginning a byte, or are of the type
// of A; without them they are half of the range.
//
// The computation is in float32 whatever accuracy_level says: ONNX Runtime
// rounds A to int8 by blocks where it is 4.
func matMulNBitsDefs() []ops.Def {
	return []ops.Def{{
		Name: "MatMulNBits", Domain: domain, Since: 1, MinInputs: 3, MaxInputs: 6, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferMatMulNBits, Compile: compileMatMulNBits,
		Cost: func(n *ops.Inference) int64 {
			shape, ok := n.Input(0).Dims()
			if !ok {
				return 0
			}
			return max(0, dims.Mul(dims.Product(shape), onnx.Known(2*int(n.Int("N", 0)))).Value)
		},
	}}
}

// The inputs of MatMulNBits.
const (
	nbA = iota
	nbWeights
	nbScales
	nbZeros
	nbGroups
	nbBias
)

// maxWeights bounds N and K, so that their products do not overflow.
const maxWeights = 1 << 28

// nBits is a compiled node.
type nBits struct {
	n, k, bits, block int
	weights           *nbits.Weights // nil where they are no constants
}

func readNBits(a *ops.Attrs) (nBits, error) {
	f := nBits{n: int(a.Int("N", 0)), k: int(a.Int("K", 0)), bits: int(a.Int("bits", 4)), block: int(a.Int("block_size", 0))}
	if a.Int("weight_prepacked", 0) != 0 {
		a.Fail(ops.Unsupported("weights that were laid out for a GPU (weight_prepacked)"))
	}
	if err := a.Err(); err != nil {
		return f, err
	}
	switch {
	case f.n < 1 || f.k < 1 || f.n > maxWeights || f.k > maxWeights:
		return f, fmt.Errorf("attributes N and K are %d and %d, expected 1 to %d", f.n, f.k, maxWeights)
	case f.bits != 2 && f.bits != 4 && f.bits != 8:
		return f, fmt.Errorf("attribute %q is %d, expected 2, 4 or 8", "bits", f.bits)
	case f.block < 16 || f.block > maxWeights || bits.OnesCount(uint(f.block)) != 1:
		return f, fmt.Errorf("attribute %q is %d, expected a power of two of at least 16", "block_size", f.block)
	}
	return f, nil
}

func inferMatMulNBits(n *ops.Inference) error {
	f, err := readNBits(n.Attrs)
	if err != nil {
		return err
	}
	shape, ok := n.Input(nbA).Dims()
	if !ok {
		n.SetDType(0, n.Input(nbA).DType())
		return nil
	}
	if len(shape) == 0 || dims.Differ(shape[len(shape)-1], onnx.Known(f.k)) {
		return fmt.Errorf("input A has shape %v, expected the last dimension to be %d", &onnx.Shape{Dims: shape}, f.k)
	}
	out := slices.Clone(shape)
	out[len(out)-1] = onnx.Known(f.n)
	n.Set(0, n.Input(nbA).DType(), out...)
	return nil
}

func compileMatMulNBits(n *ops.Node) (ops.Compiled, error) {
	f, err := readNBits(n.Attrs)
	if err != nil {
		return nil, err
	}
	for i := nbWeights; i <= nbGroups; i++ {
		if n.Has(i) && n.Const(i) == nil {
			return &f, nil // read at each run
		}
	}
	if f.weights, err = f.read(n.Const); err != nil || !f.weights.Packable() {
		return &f, err
	}
	of := []*tensor.Tensor{n.Const(nbWeights), n.Const(nbScales), n.Const(nbZeros)}
	weights := f.weights
	f.weights, err = ops.Pack(n, fmt.Sprint(f.n, f.k, f.bits, f.block), of, func() (*nbits.Weights, error) {
		weights.Pack()
		return weights, nil
	})
	return &f, err
}

// read makes the kernel's weights of the inputs.
func (f *nBits) read(input func(i int) *tensor.Tensor) (*nbits.Weights, error) {
	w := &nbits.Weights{N: f.n, K: f.k, Bits: f.bits, Block: f.block}
	var err error
	if w.Data, err = tensor.Data[uint8](input(nbWeights)); err != nil {
		return nil, fmt.Errorf("input B: %w", err)
	}
	if want := f.n * w.Blocks() * f.block * f.bits / 8; len(w.Data) != want {
		return nil, fmt.Errorf("input B has %d bytes, expected %d", len(w.Data), want)
	}
	if w.Scales, err = floats.View[float32](input(nbScales)); err != nil {
		return nil, fmt.Errorf("scales: %w", err)
	}
	if want := f.n * w.Blocks(); len(w.Scales) != want {
		return nil, fmt.Errorf("scales has %d values, expected %d", len(w.Scales), want)
	}
	if w.Zeros, err = f.zeros(input(nbZeros), w.Blocks()); err != nil {
		return nil, fmt.Errorf("zero_points: %w", err)
	}
	if t := input(nbGroups); t != nil {
		if w.Groups, err = tensor.Data[int32](t); err != nil {
			return nil, fmt.Errorf("g_idx: %w", err)
		}
		if len(w.Groups) < f.k {
			return nil, fmt.Errorf("g_idx has %d values, expected %d", len(w.Groups), f.k)
		}
		w.Groups = w.Groups[:f.k]
		for _, g := range w.Groups {
			if g < 0 || int(g) >= w.Blocks() {
				return nil, fmt.Errorf("g_idx names block %d of %d", g, w.Blocks())
			}
		}
	}
	return w, nil
}

// zeros reads zero points, packed or not.
func (f *nBits) zeros(t *tensor.Tensor, blocks int) ([]float32, error) {
	if t == nil {
		return nil, nil
	}
	if t.DType() != tensor.Uint8 {
		zeros, err := floats.View[float32](t)
		if err == nil && len(zeros) != f.n*blocks {
			err = fmt.Errorf("%d values, expected %d", len(zeros), f.n*blocks)
		}
		return zeros, err
	}
	data, err := tensor.Data[uint8](t)
	if err != nil {
		return nil, err
	}
	row := (blocks*f.bits + 7) / 8
	if len(data) != f.n*row {
		return nil, fmt.Errorf("%d bytes, expected %d", len(data), f.n*row)
	}
	zeros := make([]float32, f.n*blocks)
	for i := range zeros {
		bit := i % blocks * f.bits
		zeros[i] = float32(data[i/blocks*row+bit/8] >> (bit % 8) & (1<<f.bits - 1))
	}
	return zeros, nil
}

// Run multiplies.
func (f *nBits) Run(c *ops.Call) error {
	a, err := c.Need(nbA)
	if err != nil {
		return err
	}
	if a.Rank() == 0 || a.Dim(-1) != f.k {
		return fmt.Errorf("input A has shape %s, expected the last dimension to be %d", tensor.FormatShape(a.Shape()), f.k)
	}
	w := f.weights
	if w == nil {
		if w, err = f.read(c.Input); err != nil {
			return err
		}
	}
	bias, err := vector(c, nbBias, f.n, "bias")
	if err != nil {
		return err
	}
	in, err := floats.View[float32](a)
	if err != nil {
		return err
	}
	shape := slices.Clone(a.Shape())
	shape[len(shape)-1] = f.n
	y, err := c.Output(0, a.DType(), shape...)
	if err != nil {
		return err
	}
	out := floats.Target[float32](y)
	nbits.Mul(c.Pool, len(in)/f.k, in, f.k, w, bias, out, f.n)
	return floats.Flush(y, out)
}
