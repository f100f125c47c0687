package contrib

import (
	"fmt"

	kernel "github.com/seed6700ada1/infer/runtime/kernel/attention"
	"github.com/seed6700ada1/infer/runtime/kernel/rotary"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/attention"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// RotaryEmbedding turns pairs of elements of each vector by the angles of its
// position. input is [batch, sequence, heads·size] or [batch, heads, sequence,
// size]; position_ids is [batch, sequence], or one position that the first
// vectors have and from which on the others are counted.
func rotaryEmbeddingDefs() []ops.Def {
	return []ops.Def{{
		Name: "RotaryEmbedding", Domain: domain, Since: 1, MinInputs: 4, MaxInputs: 4, MinOutputs: 1, MaxOutputs: 1,
		InPlace: []int{0}, Infer: ops.InferLike, Compile: compileRotaryEmbedding,
	}}
}

func compileRotaryEmbedding(n *ops.Node) (ops.Compiled, error) {
	r := attention.Rotation{
		Heads: int(n.Int("num_heads", 0)), Dim: int(n.Int("rotary_embedding_dim", 0)), Interleaved: n.Bool("interleaved", false),
	}
	if n.Bool("is_packed_batching", false) {
		n.Fail(ops.Unsupported("sequences packed into one (is_packed_batching)"))
	}
	if n.Float("scale", 1) != 1 {
		n.Fail(ops.Unsupported("a scale other than 1"))
	}
	if err := n.Err(); err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error { return runRotaryEmbedding(c, r) }), nil
}

func runRotaryEmbedding(c *ops.Call, r attention.Rotation) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	cos, err := c.Need(2)
	if err != nil {
		return err
	}
	y, err := c.Output(0, x.DType(), x.Shape()...)
	if err != nil {
		return err
	}
	in, err := floats.View[float32](x)
	if err != nil {
		return err
	}
	out := floats.Target[float32](y)
	a := &rotary.Args[float32]{}
	switch x.Rank() {
	case 4:
		a.Batch, a.Heads, a.Rows, a.Size = x.Dim(0), x.Dim(1), x.Dim(2), x.Dim(3)
		a.X, a.Y = kernel.HeadsFirst(in, a.Heads, a.Rows, a.Size), kernel.HeadsFirst(out, a.Heads, a.Rows, a.Size)
	case 3:
		size := 2 * cos.Dim(-1) // without num_heads, whole vectors are turned
		if r.Heads > 0 {
			size = x.Dim(2) / r.Heads
		}
		if size == 0 || x.Dim(2)%size != 0 {
			return fmt.Errorf("input has %d columns, which do not divide into heads of size %d", x.Dim(2), size)
		}
		a.Batch, a.Rows, a.Heads, a.Size = x.Dim(0), x.Dim(1), x.Dim(2)/size, size
		a.X, a.Y = kernel.HeadsLast(in, a.Heads, a.Rows, a.Size), kernel.HeadsLast(out, a.Heads, a.Rows, a.Size)
	default:
		return fmt.Errorf("input has rank %d, expected 3 or 4", x.Rank())
	}
	positions, err := countedPositions(c.Input(1), a.Batch, a.Rows)
	if err != nil {
		return err
	}
	if err := attention.Apply(c.Pool, r, a, cos, c.Input(3), positions); err != nil {
		return err
	}
	return floats.Flush(y, out)
}

// countedPositions reads one position for each vector, or the first one.
func countedPositions(t *tensor.Tensor, batch, rows int) ([]int, error) {
	if t == nil {
		return nil, fmt.Errorf("position_ids is missing")
	}
	ids, err := ops.IntsOf(t)
	if err != nil {
		return nil, fmt.Errorf("position_ids: %w", err)
	}
	if len(ids) == batch*rows && t.Rank() == 2 {
		return ids, nil
	}
	if len(ids) != 1 {
		return nil, fmt.Errorf("position_ids has shape %s, expected [1] or [%d,%d]", tensor.FormatShape(t.Shape()), batch, rows)
	}
	out := make([]int, batch*rows)
	for i := range out {
		out[i] = ids[0] + i%rows
	}
	return out, nil
}
