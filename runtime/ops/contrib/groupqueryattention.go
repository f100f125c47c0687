package contrib

import (
	"fmt"
	"math"

	kernel "github.com/seed6700ada1/infer/runtime/kernel/attention"
	"github.com/seed6700ada1/infer/runtime/kernel/rotary"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/attention"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// GroupQueryAttention computes causal attention whose query heads share fewer
// heads of keys and values, with a cache and, where do_rotary says so, rotary
// embedding inside.
//
// query is [batch, sequence, heads·size]; where key and value are left out, it
// holds those too, one after the other. seqlens_k is one less than the number of
// keys, past and new, of each batch entry; total_sequence_length is the largest
// such number. A run whose sequence is as long as that is a prompt, and has no
// past; otherwise the new keys follow seqlens_k + 1 - sequence old ones. The
// present is as long as the past, if that has room, and else as the total;
// rows of it that nothing was written to are 0.
func groupQueryAttentionDefs() []ops.Def {
	return []ops.Def{{
		Name: "GroupQueryAttention", Domain: domain, Since: 1,
		MinInputs: 1, MaxInputs: 17, MinOutputs: 1, MaxOutputs: 4,
		Infer: inferGroupQuery, Compile: compileGroupQuery,
	}}
}

// The inputs of GroupQueryAttention that are used.
const (
	gqQuery = iota
	gqKey
	gqValue
	gqPastKey
	gqPastValue
	gqLengths
	gqTotal
	gqCos
	gqSin
	gqPositions
	gqBias
	gqSinks
	gqUnsupported // from here on
)

// groupQuery holds the attributes.
type groupQuery struct {
	heads, kvHeads int
	scale          float32 // 0 where the size of a head tells
	softcap        float32
	window         int // -1 where there is none
	rotary         bool
	interleaved    bool
	smooth         bool
	causal         bool
}

func readGroupQuery(a *ops.Attrs) (groupQuery, error) {
	g := groupQuery{
		heads: int(a.Int("num_heads", 0)), kvHeads: int(a.Int("kv_num_heads", 0)),
		scale: a.Float("scale", 0), softcap: a.Float("softcap", 0), window: int(a.Int("local_window_size", -1)),
		rotary: a.Bool("do_rotary", false), interleaved: a.Bool("rotary_interleaved", false),
		smooth: a.Bool("smooth_softmax", false), causal: a.Bool("causal", true),
	}
	if a.Bool("sliding_window_cache", false) {
		a.Fail(ops.Unsupported("a cache of the size of the window (sliding_window_cache)"))
	}
	if a.Int("qk_output", 0) != 0 {
		a.Fail(ops.Unsupported("the output of scores (qk_output)"))
	}
	for _, name := range []string{"k_quant_type", "v_quant_type"} {
		if a.String(name, "NONE") != "NONE" {
			a.Fail(ops.Unsupported("a quantised cache (%s)", name))
		}
	}
	if err := a.Err(); err != nil {
		return g, err
	}
	if g.heads < 1 || g.kvHeads < 1 || g.heads%g.kvHeads != 0 {
		return g, fmt.Errorf("attributes num_heads and kv_num_heads are %d and %d, expected the second to divide the first", g.heads, g.kvHeads)
	}
	return g, nil
}

func inferGroupQuery(n *ops.Inference) error {
	g, err := readGroupQuery(n.Attrs)
	if err != nil {
		return err
	}
	d := n.Input(gqQuery).DType()
	for i := range 3 {
		n.SetDType(i, d)
	}
	shape, ok := n.Input(gqQuery).Dims()
	if !ok {
		return nil
	}
	if len(shape) != 3 {
		return fmt.Errorf("query has rank %d, expected 3", len(shape))
	}
	parts := g.heads
	if !n.Has(gqKey) {
		parts += 2 * g.kvHeads
	}
	size := dims.Div(shape[2], onnx.Known(parts))
	n.Set(0, d, shape[0], shape[1], dims.Mul(size, onnx.Known(g.heads)))
	total := onnx.UnknownDim()
	n.Set(1, d, shape[0], onnx.Known(g.kvHeads), total, size)
	n.Set(2, d, shape[0], onnx.Known(g.kvHeads), total, size)
	return nil
}

func compileGroupQuery(n *ops.Node) (ops.Compiled, error) {
	g, err := readGroupQuery(n.Attrs)
	if err != nil {
		return nil, err
	}
	for i := gqUnsupported; i < len(n.Inputs); i++ {
		if n.Has(i) {
			return nil, ops.Unsupported("input %d (%q)", i, n.Input(i).Name)
		}
	}
	if n.Has(gqKey) != n.Has(gqValue) || n.Has(gqPastKey) != n.Has(gqPastValue) {
		return nil, fmt.Errorf("keys and values, and past ones, must be given together")
	}
	if !n.Has(gqLengths) || !n.Has(gqTotal) {
		return nil, fmt.Errorf("seqlens_k and total_sequence_length are missing")
	}
	if g.rotary && (!n.Has(gqCos) || !n.Has(gqSin)) {
		return nil, fmt.Errorf("rotary embedding needs cos_cache and sin_cache")
	}
	return g, nil
}

// step is one run: sizes, and how the batch entries stand.
type step struct {
	batch, rows, size int   // of the new vectors
	past              []int // number of old keys of each batch entry
	valid             []int // with the new ones
	pastRows, total   int   // rows of the past and of the present
	prompt            bool

	q, k, v kernel.View[float32]
}

// Run computes the attention.
func (g groupQuery) Run(c *ops.Call) error {
	s, err := g.step(c)
	if err != nil {
		return err
	}
	if err := g.operands(c, s); err != nil {
		return err
	}
	if g.rotary {
		if err := g.rotate(c, s); err != nil {
			return err
		}
	}
	a := &kernel.Args[float32]{
		Batch: s.batch, Heads: g.heads, KVHeads: g.kvHeads, Queries: s.rows, Keys: s.total, Size: s.size, VSize: s.size,
		Q: s.q, Scale: g.scale, Softcap: g.softcap, Causal: g.causal, Left: -1, Right: -1, Valid: s.valid, Offset: s.past,
	}
	if g.scale == 0 {
		a.Scale = float32(1 / math.Sqrt(float64(s.size)))
	}
	if g.window > 0 {
		a.Left = g.window - 1
	}
	return g.attend(c, s, a)
}

// step reads the sizes and lengths.
func (g groupQuery) step(c *ops.Call) (*step, error) {
	query, err := c.Need(gqQuery)
	if err != nil {
		return nil, err
	}
	parts := g.heads
	if !c.Has(gqKey) {
		parts += 2 * g.kvHeads
	}
	if query.Rank() != 3 || query.Dim(2)%parts != 0 {
		return nil, fmt.Errorf("query has shape %s, expected [batch, sequence, columns] with columns for %d heads", tensor.FormatShape(query.Shape()), parts)
	}
	s := &step{batch: query.Dim(0), rows: query.Dim(1), size: query.Dim(2) / parts}
	if past := c.Input(gqPastKey); past != nil {
		s.pastRows = past.Dim(2)
	}
	return s, g.lengths(c, s)
}

// lengths reads seqlens_k and total_sequence_length.
func (g groupQuery) lengths(c *ops.Call, s *step) error {
	var lists [2][]int
	for i := range lists {
		t, err := c.Need(gqLengths + i)
		if err != nil {
			return err
		}
		if lists[i], err = ops.IntsOf(t); err != nil {
			return err
		}
	}
	if len(lists[0]) != s.batch || len(lists[1]) != 1 {
		return fmt.Errorf("seqlens_k has %d values and total_sequence_length %d, expected %d and 1", len(lists[0]), len(lists[1]), s.batch)
	}
	total := lists[1][0]
	if total < 0 || total > s.pastRows+s.rows {
		return fmt.Errorf("total_sequence_length is %d, but there are %d old and %d new keys", total, s.pastRows, s.rows)
	}
	s.prompt = s.rows == total
	s.total = max(total, s.pastRows)
	for b, n := range lists[0] {
		if n < 0 || n >= s.total {
			return fmt.Errorf("seqlens_k is %d for batch entry %d, expected 0 to %d", n, b, s.total-1)
		}
		old := 0
		if !s.prompt {
			old = max(0, n+1-s.rows)
		}
		if old > s.pastRows {
			return fmt.Errorf("seqlens_k tells of %d keys before batch entry %d, but the past has %d", old, b, s.pastRows)
		}
		s.past = append(s.past, old)
		s.valid = append(s.valid, n+1)
	}
	return nil
}

// operands finds the new queries, keys and values.
func (g groupQuery) operands(c *ops.Call, s *step) error {
	query, err := floats.View[float32](c.Input(gqQuery))
	if err != nil {
		return err
	}
	if c.Has(gqKey) {
		s.q = kernel.HeadsLast(query, g.heads, s.rows, s.size)
		for i, v := range []*kernel.View[float32]{&s.k, &s.v} {
			t, err := c.Need(gqKey + i)
			if err != nil {
				return err
			}
			if t.Len() != s.batch*s.rows*g.kvHeads*s.size {
				return fmt.Errorf("input %d has shape %s, expected [%d,%d,%d]", gqKey+i, tensor.FormatShape(t.Shape()), s.batch, s.rows, g.kvHeads*s.size)
			}
			data, err := floats.View[float32](t)
			if err != nil {
				return err
			}
			*v = kernel.HeadsLast(data, g.kvHeads, s.rows, s.size)
		}
		return nil
	}
	packed := kernel.HeadsLast(query, g.heads+2*g.kvHeads, s.rows, s.size)
	s.q, s.k, s.v = packed, packed, packed
	if len(query) > 0 {
		s.k.Data = query[g.heads*s.size:]
		s.v.Data = query[(g.heads+g.kvHeads)*s.size:]
	}
	return nil
}

// rotate turns queries and keys into buffers of their own.
func (g groupQuery) rotate(c *ops.Call, s *step) error {
	positions, err := g.positions(c, s)
	if err != nil {
		return err
	}
	cos, sin := c.Input(gqCos), c.Input(gqSin)
	r := attention.Rotation{Dim: 2 * cos.Dim(-1), Interleaved: g.interleaved}
	for _, part := range []struct {
		v     *kernel.View[float32]
		heads int
	}{{&s.q, g.heads}, {&s.k, g.kvHeads}} {
		turned := kernel.HeadsLast(make([]float32, s.batch*s.rows*part.heads*s.size), part.heads, s.rows, s.size)
		a := &rotary.Args[float32]{Batch: s.batch, Heads: part.heads, Rows: s.rows, Size: s.size, X: *part.v, Y: turned}
		if err := attention.Apply(c.Pool, r, a, cos, sin, positions); err != nil {
			return err
		}
		*part.v = turned
	}
	return nil
}

// positions gives the position of every new vector.
func (g groupQuery) positions(c *ops.Call, s *step) ([]int, error) {
	out := make([]int, s.batch*s.rows)
	var ids []int
	if t := c.Input(gqPositions); t != nil {
		var err error
		if ids, err = ops.IntsOf(t); err != nil {
			return nil, fmt.Errorf("position_ids: %w", err)
		}
		if len(ids) == 0 || (!s.prompt && len(ids) != len(out)) {
			return nil, fmt.Errorf("position_ids has %d values, expected %d", len(ids), len(out))
		}
	}
	for i := range out {
		b, row := i/s.rows, i%s.rows
		switch {
		case ids == nil && s.past[b]+row < s.valid[b]:
			out[i] = s.past[b] + row
		case ids == nil: // padding: any row of the tables will do
		case s.prompt:
			out[i] = ids[0] + row
		default:
			out[i] = ids[i]
		}
	}
	return out, nil
}

// attend puts out the present and computes the output with it.
func (g groupQuery) attend(c *ops.Call, s *step, a *kernel.Args[float32]) error {
	var err error
	if a.K, err = g.present(c, s, 1, s.k); err != nil {
		return err
	}
	if a.V, err = g.present(c, s, 2, s.v); err != nil {
		return err
	}
	if t := c.Input(gqBias); t != nil {
		if err := attention.SetBias(a, t); err != nil {
			return err
		}
	}
	if g.smooth {
		a.Sinks = make([]float32, g.heads)
	}
	if sinks, err := vector(c, gqSinks, g.heads, "head_sink"); err != nil {
		return err
	} else if sinks != nil {
		a.Sinks = sinks
	}
	y, err := c.Output(0, c.Input(gqQuery).DType(), s.batch, s.rows, g.heads*s.size)
	if err != nil {
		return err
	}
	out := floats.Target[float32](y)
	a.Y = kernel.HeadsLast(out, g.heads, s.rows, s.size)
	kernel.Run(c.Pool, a)
	return floats.Flush(y, out)
}

// present writes old and new keys (output 1) or values (output 2).
func (g groupQuery) present(c *ops.Call, s *step, output int, fresh kernel.View[float32]) (kernel.View[float32], error) {
	none := kernel.View[float32]{}
	shape := []int{s.batch, g.kvHeads, s.total, s.size}
	var t *tensor.Tensor
	var err error
	if c.Wants(output) {
		t, err = c.Output(output, c.Input(gqQuery).DType(), shape...)
	} else {
		t, err = tensor.New(tensor.Float32, shape...)
	}
	if err != nil {
		return none, err
	}
	data := floats.Target[float32](t)
	clear(data)
	cache := kernel.Cache{Batch: s.batch, Heads: g.kvHeads, Rows: s.total, Size: s.size}
	if past := c.Input(gqPastKey + output - 1); past != nil {
		want := []int{s.batch, g.kvHeads, s.pastRows, s.size}
		old, err := floats.View[float32](past)
		if err != nil {
			return none, err
		}
		for i, w := range want {
			if past.Rank() != 4 || past.Dim(i) != w {
				return none, fmt.Errorf("the past has shape %s, expected %s", tensor.FormatShape(past.Shape()), tensor.FormatShape(want))
			}
		}
		kernel.Fill(c.Pool, cache, data, kernel.HeadsFirst(old, g.kvHeads, s.pastRows, s.size), func(b int) (int, int) { return 0, s.past[b] })
	}
	kernel.Fill(c.Pool, cache, data, fresh, func(b int) (int, int) { return s.past[b], s.rows })
	return kernel.HeadsFirst(data, g.kvHeads, s.total, s.size), floats.Flush(t, data)
}
