package contrib

import (
	"fmt"
	"math"

	kernel "github.com/seed6700ada1/infer/runtime/kernel/attention"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/attention"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// multiHead is what Attention, MultiHeadAttention and QAttention share.
type multiHead struct {
	heads  int
	scale  float32 // 0 where the size of a head tells
	filter float32 // added to the scores of keys that a mask leaves out
	causal bool
}

func readMultiHead(a *ops.Attrs) (multiHead, error) {
	m := multiHead{
		heads: int(a.Int("num_heads", 0)), scale: a.Float("scale", 0),
		filter: a.Float("mask_filter_value", -10000), causal: a.Bool("unidirectional", false),
	}
	if err := a.Err(); err != nil {
		return m, err
	}
	if m.heads < 1 || m.heads > maxWeights {
		return m, fmt.Errorf("attribute %q is %d, expected at least 1", "num_heads", m.heads)
	}
	return m, nil
}

// attended is one run.
type attended struct {
	batch, queries, keys int // keys with the past
	past                 int
	size, vsize          int
	q, k, v              kernel.View[float32]
	mask, bias           *tensor.Tensor // may be nil
}

// attend computes output 0, [batch, sequence, heads·vsize] of type d.
func (m multiHead) attend(c *ops.Call, s *attended, d tensor.DType) error {
	a := &kernel.Args[float32]{
		Batch: s.batch, Heads: m.heads, KVHeads: m.heads, Queries: s.queries, Keys: s.keys, Size: s.size, VSize: s.vsize,
		Q: s.q, K: s.k, V: s.v, Scale: m.scale, Causal: m.causal, Left: -1, Right: -1,
	}
	if m.scale == 0 {
		a.Scale = float32(1 / math.Sqrt(float64(s.size)))
	}
	if s.past > 0 {
		a.Offset = make([]int, s.batch)
		for b := range a.Offset {
			a.Offset[b] = s.past
		}
	}
	if s.bias != nil {
		if err := attention.SetBias(a, s.bias); err != nil {
			return err
		}
	}
	if s.mask != nil {
		if err := m.addMask(a, s); err != nil {
			return err
		}
	}
	y, err := c.Output(0, d, s.batch, s.queries, m.heads*s.vsize)
	if err != nil {
		return err
	}
	out := floats.Target[float32](y)
	a.Y = kernel.HeadsLast(out, m.heads, s.queries, s.vsize)
	kernel.Run(c.Pool, a)
	return floats.Flush(y, out)
}

// addMask adds the mask to the bias of a, or makes it the bias.
func (m multiHead) addMask(a *kernel.Args[float32], s *attended) error {
	ids, err := ops.IntsOf(s.mask)
	if err != nil {
		return fmt.Errorf("mask: %w", err)
	}
	seen, err := maskOf(ids, s.mask.Shape(), s)
	if err != nil {
		return err
	}
	heads := 1 // a mask serves all heads
	if a.Bias.Head != 0 {
		heads = a.Heads
	}
	sum := make([]float32, a.Batch*heads*a.Queries*a.Keys)
	for i := range sum {
		j, q := i%a.Keys, i/a.Keys%a.Queries
		h, b := i/(a.Keys*a.Queries)%heads, i/(a.Keys*a.Queries*heads)
		if a.Bias.Data != nil {
			if j >= a.BiasKeys {
				sum[i] = float32(math.Inf(-1))
				continue
			}
			sum[i] = a.Bias.Data[b*a.Bias.Batch+h*a.Bias.Head+q*a.Bias.Row+j]
		}
		if !seen(b, q, j) {
			sum[i] += m.filter
		}
	}
	a.Bias = kernel.View[float32]{Data: sum, Batch: heads * a.Queries * a.Keys, Row: a.Keys}
	if heads > 1 {
		a.Bias.Head = a.Queries * a.Keys
	}
	a.BiasKeys, a.BiasKey = a.Keys, 1
	return nil
}

// maskOf reads the forms of a mask: [batch] tells where each sequence ends,
// [2·batch] where it ends and then where it begins, [batch, keys] and [batch,
// queries, keys] are not 0 where a key is seen.
func maskOf(ids, shape []int, s *attended) (func(b, q, j int) bool, error) {
	switch {
	case len(shape) == 1 && shape[0] == s.batch:
		return func(b, _, j int) bool { return j < ids[b] }, nil
	case len(shape) == 1 && shape[0] == 2*s.batch:
		return func(b, _, j int) bool { return j < ids[b] && j >= ids[s.batch+b] }, nil
	case len(shape) == 2 && shape[0] == s.batch && shape[1] == s.keys:
		return func(b, _, j int) bool { return ids[b*s.keys+j] > 0 }, nil
	case len(shape) == 3 && shape[0] == s.batch && shape[1] == s.queries && shape[2] == s.keys:
		return func(b, q, j int) bool { return ids[(b*s.queries+q)*s.keys+j] > 0 }, nil
	default:
		return nil, ops.Unsupported("a mask of shape %s; expected [%d], [%d], [%d,%d] or [%d,%d,%d]",
			tensor.FormatShape(shape), s.batch, 2*s.batch, s.batch, s.keys, s.batch, s.queries, s.keys)
	}
}

// join puts old and new keys or values into dst, [batch, heads, keys, size].
func join(c *ops.Call, dst []float32, cache kernel.Cache, past []float32, rows int, fresh kernel.View[float32]) kernel.View[float32] {
	old := kernel.HeadsFirst(past, cache.Heads, rows, cache.Size)
	kernel.Fill(c.Pool, cache, dst, old, func(int) (int, int) { return 0, rows })
	kernel.Fill(c.Pool, cache, dst, fresh, func(int) (int, int) { return rows, cache.Rows - rows })
	return kernel.HeadsFirst(dst, cache.Heads, cache.Rows, cache.Size)
}
