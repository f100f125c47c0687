package attention

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/rotary"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// RotaryEmbedding turns pairs of elements of each vector by the angles of its
// position. X is [batch, head, position, size], or [batch, position, head·size]
// with num_heads; the caches hold a row of cosines or sines for each position,
// to which position_ids points, or without those, for each vector of the batch.
// Only the first rotary_embedding_dim elements are turned, all where it is 0.
//
// ONNX operator spec, RotaryEmbedding-23.
func rotaryEmbeddingDefs() []ops.Def {
	return []ops.Def{{
		Name: "RotaryEmbedding", Since: 23, MinInputs: 3, MaxInputs: 4, MinOutputs: 1, MaxOutputs: 1,
		InPlace: []int{0}, Infer: ops.InferLike, Compile: compileRotaryEmbedding,
	}}
}

func compileRotaryEmbedding(n *ops.Node) (ops.Compiled, error) {
	r := Rotation{
		Heads:       int(n.Int("num_heads", 0)),
		Dim:         int(n.Int("rotary_embedding_dim", 0)),
		Interleaved: n.Bool("interleaved", false),
	}
	if err := n.Err(); err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		x, err := c.Need(0)
		if err != nil {
			return err
		}
		if x.DType() == tensor.Float64 {
			return rotate[float64](c, r, x)
		}
		return rotate[float32](c, r, x)
	}), nil
}

// Rotation holds the attributes of a rotary embedding.
type Rotation struct {
	Heads       int // of an input of rank 3
	Dim         int // elements that are turned; 0 for all
	Interleaved bool
}

func rotate[T floats.Float](c *ops.Call, r Rotation, x *tensor.Tensor) error {
	h, err := split(x.Shape(), r.Heads, "X")
	if err != nil {
		return err
	}
	y, err := c.Output(0, x.DType(), x.Shape()...)
	if err != nil {
		return err
	}
	in, err := floats.View[T](x)
	if err != nil {
		return err
	}
	out := floats.Target[T](y)
	positions, err := readPositions(c.Input(3), h.batch, h.rows)
	if err != nil {
		return err
	}
	a := &rotary.Args[T]{
		Batch: h.batch, Heads: h.heads, Rows: h.rows, Size: h.size,
		X: view(h, in, 1), Y: view(h, out, 1),
	}
	if err := Apply(c.Pool, r, a, c.Input(1), c.Input(2), positions); err != nil {
		return err
	}
	return floats.Flush(y, out)
}

// readPositions reads position_ids; without it, vectors are numbered through.
func readPositions(t *tensor.Tensor, batch, rows int) ([]int, error) {
	if t == nil {
		positions := make([]int, batch*rows)
		for i := range positions {
			positions[i] = i
		}
		return positions, nil
	}
	positions, err := ops.IntsOf(t)
	if err != nil {
		return nil, fmt.Errorf("position_ids: %w", err)
	}
	if len(positions) != batch*rows {
		return nil, fmt.Errorf("position_ids has %d values, expected %d", len(positions), batch*rows)
	}
	return positions, nil
}

// Apply runs a, whose vectors and views are set, with the tables of cosines and
// sines and a position for each vector of each batch entry.
func Apply[T floats.Float](p *pool.Pool, r Rotation, a *rotary.Args[T], cos, sin *tensor.Tensor, positions []int) error {
	a.Rotated, a.Interleaved = r.Dim, r.Interleaved
	if a.Rotated == 0 {
		a.Rotated = a.Size
	}
	half := a.Rotated / 2
	if a.Rotated < 0 || a.Rotated%2 != 0 || a.Rotated > a.Size {
		return fmt.Errorf("%d elements of a vector cannot be turned, expected an even number of at most %d", a.Rotated, a.Size)
	}
	if cos == nil || sin == nil || cos.Dim(-1) != half || sin.Len() != cos.Len() {
		return fmt.Errorf("the tables of cosines and sines must have rows of %d values, and be as long", half)
	}
	var err error
	if a.Cos, err = floats.View[T](cos); err != nil {
		return err
	}
	if a.Sin, err = floats.View[T](sin); err != nil {
		return err
	}
	rows := len(a.Cos) / max(1, half)
	for _, at := range positions {
		if half > 0 && (at < 0 || at >= rows) {
			return fmt.Errorf("position %d is outside the tables of %d rows", at, rows)
		}
	}
	a.Position = func(b, i int) int { return positions[b*a.Rows+i] }
	rotary.Run(p, a)
	return nil
}
