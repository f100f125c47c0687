package attention

import (
	"errors"
	"fmt"
	"math"
	"slices"

	kernel "github.com/seed6700ada1/infer/runtime/kernel/attention"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// LinearAttention keeps a matrix for each head instead of all keys and values: every
// position adds to it what update_rule says, and a query reads it (ONNX operator spec,
// LinearAttention-27). The formulas are those of [kernel.LinearArgs].
//
//	query [B, T, Hq·dk], key [B, T, Hkv·dk], value [B, T, Hkv·dv],
//	past_state [B, Hkv, dk, dv], decay [B, T, Hkv or Hkv·dk], beta [B, T, Hkv or 1]
//	→  output [B, T, Hq·dv], present_state [B, Hkv, dk, dv]
//
// It is computed in float32 whatever the type. chunk_size is a hint for other ways to
// compute the same.
func linearAttentionDefs() []ops.Def {
	return []ops.Def{{
		Name: "LinearAttention", Since: 27,
		MinInputs: 3, MaxInputs: 6, MinOutputs: 1, MaxOutputs: 2,
		Infer: inferLinear, Compile: compileLinear,
	}}
}

// The inputs of LinearAttention after query, key and value.
const (
	inState = 3
	inDecay = 4
	inBeta  = 5
)

// linear holds the attributes of LinearAttention.
type linear struct {
	heads, kvHeads int
	scale          float32 // 0 where the size of a key tells
	decays, delta  bool
}

func readLinear(a *ops.Attrs) (linear, error) {
	l := linear{heads: int(a.Int("q_num_heads", 0)), kvHeads: int(a.Int("kv_num_heads", 0)), scale: a.Float("scale", 0)}
	switch a.OneOf("update_rule", "gated_delta", "gated", "delta", "linear") {
	case "gated_delta":
		l.decays, l.delta = true, true
	case "gated":
		l.decays = true
	case "delta":
		l.delta = true
	}
	if err := a.Err(); err != nil {
		return l, err
	}
	if l.heads < 1 || l.kvHeads < 1 || l.heads%l.kvHeads != 0 {
		return l, fmt.Errorf("%d heads of queries cannot share %d heads of keys", l.heads, l.kvHeads)
	}
	return l, nil
}

func inferLinear(n *ops.Inference) error {
	l, err := readLinear(n.Attrs)
	if err != nil {
		return err
	}
	d, state := n.Input(inQ).DType(), n.Input(inQ).DType()
	if n.Has(inState) {
		state = n.Input(inState).DType()
	}
	n.SetDType(0, d)
	n.SetDType(1, state)
	q, ok := n.Input(inQ).Dims()
	v, ok2 := n.Input(inV).Dims()
	if !ok || !ok2 {
		return nil
	}
	qs, err := splitDims(q, l.heads, "query")
	if err != nil {
		return err
	}
	vs, err := splitDims(v, l.kvHeads, "value")
	if err != nil {
		return err
	}
	n.Set(0, d, qs[0], qs[2], dims.Mul(qs[1], vs[3]))
	n.Set(1, state, qs[0], onnx.Known(l.kvHeads), qs[3], vs[3])
	return nil
}

func compileLinear(n *ops.Node) (ops.Compiled, error) {
	l, err := readLinear(n.Attrs)
	if err != nil {
		return nil, err
	}
	if l.decays != n.Has(inDecay) || l.delta != n.Has(inBeta) {
		return nil, errors.New("the inputs decay and beta do not fit the attribute \"update_rule\"")
	}
	return ops.RunFunc(func(c *ops.Call) error { return runLinear(c, l) }), nil
}

func runLinear(c *ops.Call, l linear) error {
	var in [3]heads
	var data [3][]float32
	for i, name := range []string{"query", "key", "value"} {
		t, err := c.Need(i)
		if err != nil {
			return err
		}
		count := l.kvHeads
		if i == inQ {
			count = l.heads
		}
		if in[i], err = split(t.Shape(), count, name); err != nil {
			return err
		}
		if !in[i].last {
			return fmt.Errorf("%s has rank 4, expected 3", name)
		}
		if data[i], err = floats.View[float32](t); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	q, k, v := in[inQ], in[inK], in[inV]
	if q.batch != k.batch || q.batch != v.batch || q.rows != k.rows || q.rows != v.rows || q.size != k.size {
		return fmt.Errorf("query, key and value have shapes %v, %v and %v, which do not fit", q.shape(), k.shape(), v.shape())
	}
	a := &kernel.LinearArgs[float32]{
		Batch: q.batch, Heads: q.heads, KVHeads: k.heads, Rows: q.rows, Size: q.size, VSize: v.size,
		Q: view(q, data[inQ], 1), K: view(k, data[inK], 1), V: view(v, data[inV], 1), Scale: l.scale,
	}
	if l.scale == 0 {
		a.Scale = float32(1 / math.Sqrt(float64(q.size)))
	}
	if err := linearGates(c, a); err != nil {
		return err
	}
	return linearOutput(c, a)
}

// linearGates reads decay and beta.
func linearGates(c *ops.Call, a *kernel.LinearArgs[float32]) (err error) {
	read := func(i int, name string, sizes ...int) ([]float32, int, error) {
		t := c.Input(i)
		if t == nil {
			return nil, 1, nil
		}
		for _, n := range sizes {
			if t.Rank() == 3 && t.Dim(0) == a.Batch && t.Dim(1) == a.Rows && t.Dim(2) == n {
				data, err := floats.View[float32](t)
				return data, n, err
			}
		}
		return nil, 0, fmt.Errorf("%s has shape %s, expected [%d %d n] with n one of %v",
			name, tensor.FormatShape(t.Shape()), a.Batch, a.Rows, sizes)
	}
	if a.Decay, a.DecaySize, err = read(inDecay, "decay", a.KVHeads, a.KVHeads*a.Size); err != nil {
		return err
	}
	a.DecaySize = max(1, a.DecaySize/a.KVHeads)
	a.Beta, a.BetaHeads, err = read(inBeta, "beta", a.KVHeads, 1)
	return err
}

// linearOutput runs the kernel into the outputs.
func linearOutput(c *ops.Call, a *kernel.LinearArgs[float32]) error {
	shape := []int{a.Batch, a.KVHeads, a.Size, a.VSize}
	d := c.Input(inQ).DType()
	stateType, past := d, c.Input(inState)
	if past != nil {
		if !slices.Equal(past.Shape(), shape) {
			return fmt.Errorf("past_state has shape %s, expected %s", tensor.FormatShape(past.Shape()), tensor.FormatShape(shape))
		}
		stateType = past.DType()
	}
	y, err := c.Output(0, d, a.Batch, a.Rows, a.Heads*a.VSize)
	if err != nil {
		return err
	}
	out := floats.Target[float32](y)
	a.Y = kernel.HeadsLast(out, a.Heads, a.Rows, a.VSize)
	state, err := c.Output(1, stateType, shape...)
	if err != nil {
		return err
	}
	a.State = floats.Target[float32](state)
	if past != nil {
		before, err := floats.View[float32](past)
		if err != nil {
			return err
		}
		copy(a.State, before)
	} else {
		clear(a.State)
	}
	kernel.Linear(c.Pool, a)
	if err := floats.Flush(state, a.State); err != nil {
		return err
	}
	return floats.Flush(y, out)
}
