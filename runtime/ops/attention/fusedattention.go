package attention

import (
	"fmt"

	kernel "github.com/seed6700ada1/infer/runtime/kernel/attention"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// FusedAttention, of the project's own domain, is what passes make of the
// attention that exporters write as products, sums and a softmax:
//
//	Y = softmax(scale·Q·Kᵀ + bias)·V
//
//	Q [B, H, S, D]   K [B, G, T, D]   V [B, G, T, E]   bias, broadcast to [B, H, S, T], optional   →   Y [B, H, S, E]
//
// all float32, K and V also as caches; query heads share key heads in order. Each of q, k, v and y has
// its heads after its rows, [B, S, H, D], where the attribute q_rows_first and so
// on says so. Where a query sees no key, because all of its bias is -∞, the
// result is NaN if empty_nan says so, else 0.
func fusedAttentionDefs() []ops.Def {
	return []ops.Def{{
		Name: "FusedAttention", Domain: "infer", Since: 1, MinInputs: 3, MaxInputs: 4, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferFused, Compile: compileFused,
	}}
}

// fused is what the attributes say.
type fused struct {
	scale      float32
	rowsFirst  [4]bool // of Q, K, V and Y
	emptyIsNaN bool
}

func readFused(a *ops.Attrs) fused {
	f := fused{scale: a.Float("scale", 1), emptyIsNaN: a.Bool("empty_nan", false)}
	for i, name := range []string{"q_rows_first", "k_rows_first", "v_rows_first", "y_rows_first"} {
		f.rowsFirst[i] = a.Bool(name, false)
	}
	return f
}

func inferFused(n *ops.Inference) error {
	f := readFused(n.Attrs)
	q, ok := n.Input(0).Dims()
	v, known := n.Input(2).Dims()
	if !ok || !known || len(q) != 4 || len(v) != 4 {
		n.SetDType(0, tensor.Float32)
		return n.Err()
	}
	heads, rows := q[1], q[2]
	if f.rowsFirst[0] {
		heads, rows = rows, heads
	}
	if f.rowsFirst[3] {
		heads, rows = rows, heads
	}
	n.Set(0, tensor.Float32, q[0], heads, rows, v[3])
	return n.Err()
}

func compileFused(n *ops.Node) (ops.Compiled, error) {
	f := readFused(n.Attrs)
	return ops.RunFunc(f.run), n.Err()
}

// operand is a four-dimensional input seen by heads.
type operand struct {
	batch, heads, rows, size int
	view                     kernel.View[float32]
}

func operandOf(data []float32, shape []int, rowsFirst bool) operand {
	o := operand{batch: shape[0], heads: shape[1], rows: shape[2], size: shape[3]}
	if rowsFirst {
		o.heads, o.rows = o.rows, o.heads
		o.view = kernel.HeadsLast(data, o.heads, o.rows, o.size)
		return o
	}
	o.view = kernel.HeadsFirst(data, o.heads, o.rows, o.size)
	return o
}

func (f *fused) operand(c *ops.Call, i int) (operand, error) {
	if cache, ok := c.Inputs[i].(*tensor.Cache); ok && !f.rowsFirst[i] {
		return cached(cache)
	}
	t, err := c.Need(i)
	if err != nil {
		return operand{}, err
	}
	if t.Rank() != 4 {
		return operand{}, fmt.Errorf("input %d is %v, expected rank 4", i, t)
	}
	data, err := tensor.Data[float32](t)
	return operandOf(data, t.Shape(), f.rowsFirst[i]), err
}

func (f *fused) run(c *ops.Call) error {
	var in [3]operand
	for i := range in {
		var err error
		if in[i], err = f.operand(c, i); err != nil {
			return err
		}
	}
	q, k, v := in[0], in[1], in[2]
	if q.batch != k.batch || q.batch != v.batch || k.rows != v.rows || k.heads != v.heads || q.size != k.size || k.heads == 0 || q.heads%k.heads != 0 {
		return fmt.Errorf("Q is [%d,%d,%d,%d], K is [%d,%d,%d,%d] and V is [%d,%d,%d,%d], which do not fit",
			q.batch, q.heads, q.rows, q.size, k.batch, k.heads, k.rows, k.size, v.batch, v.heads, v.rows, v.size)
	}
	shape := [4]int{q.batch, q.heads, q.rows, v.size}
	if f.rowsFirst[3] {
		shape[1], shape[2] = shape[2], shape[1]
	}
	out, err := c.Output(0, tensor.Float32, shape[:]...)
	if err != nil {
		return err
	}
	data, err := tensor.Data[float32](out)
	if err != nil {
		return err
	}
	a := c.State(func() any { return new(kernel.Args[float32]) }).(*kernel.Args[float32])
	*a = kernel.Args[float32]{
		Batch: q.batch, Heads: q.heads, KVHeads: k.heads, Queries: q.rows, Keys: k.rows, Size: q.size, VSize: v.size,
		Q: q.view, K: k.view, V: v.view, Y: operandOf(data, shape[:], f.rowsFirst[3]).view,
		Scale: f.scale, Left: -1, Right: -1, EmptyNaN: f.emptyIsNaN,
	}
	if err := f.bias(c, a); err != nil {
		return err
	}
	kernel.Run(c.Pool, a)
	*a = kernel.Args[float32]{} // lets go of the buffers
	return nil
}

// bias reads input 3, broadcast to [B, H, S, T].
func (f *fused) bias(c *ops.Call, a *kernel.Args[float32]) error {
	t := c.Input(3)
	if t == nil {
		return nil
	}
	data, err := tensor.Data[float32](t)
	if err != nil {
		return fmt.Errorf("bias: %w", err)
	}
	full := [4]int{a.Batch, a.Heads, a.Queries, a.Keys}
	if t.Rank() > 4 {
		return fmt.Errorf("bias is %v, expected at most rank 4", t)
	}
	var strides [4]int
	step := 1
	for i := 3; i >= 4-t.Rank(); i-- {
		switch d := t.Dim(i - 4); d {
		case full[i]:
			strides[i] = step
			step *= d
		case 1:
		default:
			return fmt.Errorf("bias is %v, which does not broadcast to %s", t, tensor.FormatShape(full[:]))
		}
	}
	a.Bias = kernel.View[float32]{Data: data, Batch: strides[0], Head: strides[1], Row: strides[2]}
	a.BiasKey, a.BiasKeys = strides[3], a.Keys
	return nil
}
