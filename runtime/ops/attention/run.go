package attention

import (
	"fmt"
	"math"

	kernel "github.com/seed6700ada1/infer/runtime/kernel/attention"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// operands are the shapes of one run.
type operands struct {
	q, k, v heads // k and v with the past
	past    int
}

func readOperands(c *ops.Call, o options) (operands, error) {
	var p operands
	var err error
	if p.q, err = split(c.Input(inQ).Shape(), o.queryHeads, "Q"); err != nil {
		return p, err
	}
	if p.k, err = split(c.Input(inK).Shape(), o.kvHeads, "K"); err != nil {
		return p, err
	}
	if p.v, err = split(c.Input(inV).Shape(), o.kvHeads, "V"); err != nil {
		return p, err
	}
	q, k, v := p.q, p.k, p.v
	switch {
	case q.batch != k.batch || q.batch != v.batch:
		return p, fmt.Errorf("inputs Q, K and V have batches of %d, %d and %d, expected the same", q.batch, k.batch, v.batch)
	case q.size != k.size:
		return p, fmt.Errorf("queries have size %d, keys %d, expected the same", q.size, k.size)
	case k.rows != v.rows || k.heads != v.heads:
		return p, fmt.Errorf("input K has %d heads of %d rows, V %d of %d, expected as many", k.heads, k.rows, v.heads, v.rows)
	case k.heads == 0 || q.heads%k.heads != 0:
		return p, fmt.Errorf("%d heads of Q cannot share %d heads of K", q.heads, k.heads)
	}
	return p, p.addPast(c)
}

// addPast holds the past against K and V, and counts its rows to theirs.
func (p *operands) addPast(c *ops.Call) error {
	for i, h := range []*heads{&p.k, &p.v} {
		t := c.Input(inPastKey + i)
		if t == nil {
			continue
		}
		want := []int{h.batch, h.heads, t.Dim(2), h.size}
		for d, w := range want {
			if t.Rank() != 4 || t.Dim(d) != w {
				return fmt.Errorf("the past has shape %s, expected %s", tensor.FormatShape(t.Shape()), tensor.FormatShape(want))
			}
		}
		p.past = t.Dim(2)
		h.rows += p.past
	}
	if p.k.rows != p.v.rows {
		return fmt.Errorf("the pasts of keys and values have %d and %d rows, expected as many", p.k.rows-p.past, p.past)
	}
	return nil
}

// attend runs the operator in T.
func attend[T floats.Float](c *ops.Call, o options) error {
	p, err := readOperands(c, o)
	if err != nil {
		return err
	}
	a := &kernel.Args[T]{
		Batch: p.q.batch, Heads: p.q.heads, KVHeads: p.k.heads,
		Queries: p.q.rows, Keys: p.k.rows, Size: p.q.size, VSize: p.v.size,
		Scale: T(o.scale), Softcap: T(o.softcap), CapBias: o.capAfterwards,
		Causal: o.causal, Left: o.left, Right: o.right,
	}
	if o.scale != o.scale {
		a.Scale = T(1 / math.Sqrt(float64(p.q.size)))
	}
	q, err := floats.View[T](c.Input(inQ))
	if err != nil {
		return err
	}
	a.Q = view(p.q, q, 1)
	if a.K, err = present[T](c, inK, p.k, p.past); err != nil {
		return err
	}
	if a.V, err = present[T](c, inV, p.v, p.past); err != nil {
		return err
	}
	if err := mask(c, a, p); err != nil {
		return err
	}
	return output(c, o, a, p)
}

// output runs the kernel into outputs 0 and 3.
func output[T floats.Float](c *ops.Call, o options, a *kernel.Args[T], p operands) error {
	d := c.Input(inQ).DType()
	out := p.q
	out.size = p.v.size
	y, err := c.Output(0, d, out.shape()...)
	if err != nil {
		return err
	}
	data := floats.Target[T](y)
	a.Y = view(out, data, 1)
	var captured *tensor.Tensor
	if c.Wants(3) {
		if captured, err = c.Output(3, d, a.Batch, a.Heads, a.Queries, a.Keys); err != nil {
			return err
		}
		a.Stage, a.Captured = o.stage(), floats.Target[T](captured)
	}
	kernel.Run(c.Pool, a)
	if captured != nil {
		if err := floats.Flush(captured, a.Captured); err != nil {
			return err
		}
	}
	return floats.Flush(y, data)
}

// present gives keys or values with those of the past before them, and puts
// them out where that is wanted. Where there is no past and no output, they are
// read where they lie.
func present[T floats.Float](c *ops.Call, in int, h heads, past int) (kernel.View[T], error) {
	t, pastT := c.Input(in), c.Input(inPastKey+in-inK)
	if pastT == nil && !c.Wants(in) {
		data, err := floats.View[T](t)
		return view(h, data, 1), err
	}
	whole := heads{h.batch, h.heads, h.rows, h.size, false}
	var dst *tensor.Tensor
	var err error
	if c.Wants(in) {
		dst, err = c.Output(in, t.DType(), whole.shape()...)
	} else {
		dst, err = tensor.New(t.DType(), whole.shape()...)
	}
	if err != nil {
		return kernel.View[T]{}, err
	}
	if pastT != nil && pastT.DType() != t.DType() {
		return kernel.View[T]{}, fmt.Errorf("the past has %v elements, expected %v", pastT.DType(), t.DType())
	}
	width := bytesOf(t)
	cache := kernel.Cache{Batch: h.batch, Heads: h.heads, Rows: h.rows, Size: h.size * width}
	if pastT != nil {
		old := kernel.HeadsFirst(pastT.Bytes(), h.heads, past, h.size*width)
		kernel.Fill(c.Pool, cache, dst.Bytes(), old, func(int) (int, int) { return 0, past })
	}
	fresh := h
	fresh.rows -= past
	kernel.Fill(c.Pool, cache, dst.Bytes(), view(fresh, t.Bytes(), width), func(int) (int, int) { return past, fresh.rows })
	data, err := floats.View[T](dst)
	return view(whole, data, 1), err
}

// mask tells the kernel what queries see.
func mask[T floats.Float](c *ops.Call, a *kernel.Args[T], p operands) error {
	if t := c.Input(inMask); t != nil {
		if err := SetBias(a, t); err != nil {
			return err
		}
	}
	if p.past > 0 {
		a.Offset = make([]int, a.Batch)
		for b := range a.Offset {
			a.Offset[b] = p.past
		}
	}
	t := c.Input(inValid)
	if t == nil {
		return nil
	}
	valid, err := ops.IntsOf(t)
	if err != nil {
		return fmt.Errorf("nonpad_kv_seqlen: %w", err)
	}
	if len(valid) != a.Batch {
		return fmt.Errorf("nonpad_kv_seqlen has %d values, expected %d", len(valid), a.Batch)
	}
	a.Valid, a.Offset = make([]int, a.Batch), make([]int, a.Batch)
	for b, n := range valid {
		a.Valid[b] = min(max(n, 0), a.Keys)
		a.Offset[b] = a.Valid[b] - a.Queries
	}
	return nil
}

// SetBias makes a mask that broadcasts to [batch, head, query, key], and may be
// short of keys, the bias of a: one of bool hides, any other is added.
func SetBias[T floats.Float](a *kernel.Args[T], t *tensor.Tensor) error {
	var err error
	if t.DType() == tensor.Bool {
		a.Bias.Data, err = hidden[T](t)
	} else {
		a.Bias.Data, err = floats.View[T](t)
	}
	if err != nil {
		return err
	}
	if t.Rank() < 1 || t.Rank() > 4 || t.Dim(-1) > a.Keys {
		return fmt.Errorf("the mask has shape %s, expected one that broadcasts to %s",
			tensor.FormatShape(t.Shape()), tensor.FormatShape([]int{a.Batch, a.Heads, a.Queries, a.Keys}))
	}
	a.BiasKeys, a.BiasKey = t.Dim(-1), 1
	step := t.Dim(-1)
	strides := [3]int{}
	sizes := [3]int{a.Batch, a.Heads, a.Queries}
	for d := t.Rank() - 2; d >= 0; d-- {
		at := d - t.Rank() + 4
		switch t.Dim(d) {
		case 1:
		case sizes[at]:
			strides[at] = step
			step *= t.Dim(d)
		default:
			return fmt.Errorf("the mask has shape %s, expected one that broadcasts to %s",
				tensor.FormatShape(t.Shape()), tensor.FormatShape([]int{a.Batch, a.Heads, a.Queries, a.Keys}))
		}
	}
	a.Bias.Batch, a.Bias.Head, a.Bias.Row = strides[0], strides[1], strides[2]
	if a.Bias.Data == nil { // an empty mask hides every key
		a.Bias.Data = []T{}
	}
	return nil
}

// hidden turns a mask of bool into one to add.
func hidden[T floats.Float](t *tensor.Tensor) ([]T, error) {
	see, err := tensor.Data[bool](t)
	if err != nil {
		return nil, err
	}
	out := make([]T, len(see))
	for i, ok := range see {
		if !ok {
			out[i] = T(math.Inf(-1))
		}
	}
	return out, nil
}
