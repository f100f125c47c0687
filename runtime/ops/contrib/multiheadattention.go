package contrib

import (
	"fmt"
	"slices"

	kernel "github.com/seed6700ada1/infer/runtime/kernel/attention"
	normkernel "github.com/seed6700ada1/infer/runtime/kernel/norm"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// MultiHeadAttention computes attention of query, key and value, [batch,
// sequence, heads·size] each, after adding a bias to the three; key and value may
// be [batch, heads, sequence, size] too, as the keys of another sequence are
// kept, and then take no bias. A past is put before them, and comes out with
// them as the present.
func multiHeadAttentionDefs() []ops.Def {
	return []ops.Def{{
		Name: "MultiHeadAttention", Domain: domain, Since: 1, MinInputs: 1, MaxInputs: 10, MinOutputs: 1, MaxOutputs: 4,
		Infer: inferMultiHead, Compile: compileMultiHead,
	}}
}

// The inputs of MultiHeadAttention.
const (
	mhQuery = iota
	mhKey
	mhValue
	mhBias
	mhMask
	mhScores
	mhPastKey
	mhPastValue
	mhUnsupported // from here on
)

func inferMultiHead(n *ops.Inference) error {
	m, err := readMultiHead(n.Attrs)
	if err != nil {
		return err
	}
	d := n.Input(mhQuery).DType()
	for i := range 3 {
		n.SetDType(i, d)
	}
	q, ok := n.Input(mhQuery).Dims()
	v, known := n.Input(mhValue).Dims()
	if !ok || !known || len(q) != 3 {
		return nil
	}
	switch len(v) {
	case 3:
		n.Set(0, d, q[0], q[1], v[2])
	case 4:
		n.Set(0, d, q[0], q[1], dims.Mul(v[1], v[3]))
	}
	u := onnx.UnknownDim()
	for i := 1; i < 3; i++ {
		n.Set(i, d, q[0], onnx.Known(m.heads), u, u)
	}
	return nil
}

func compileMultiHead(n *ops.Node) (ops.Compiled, error) {
	m, err := readMultiHead(n.Attrs)
	if err != nil {
		return nil, err
	}
	for i := mhUnsupported; i < len(n.Inputs); i++ {
		if n.Has(i) {
			return nil, ops.Unsupported("input %d (%q)", i, n.Input(i).Name)
		}
	}
	if n.Wants(3) {
		return nil, ops.Unsupported("the output of scores")
	}
	if !n.Has(mhKey) || !n.Has(mhValue) {
		return nil, ops.Unsupported("queries, keys and values packed into one input")
	}
	if n.Has(mhPastKey) != n.Has(mhPastValue) {
		return nil, fmt.Errorf("past_key and past_value must be given together")
	}
	return ops.RunFunc(func(c *ops.Call) error { return m.run(c) }), nil
}

func (m multiHead) run(c *ops.Call) error {
	s := &attended{mask: c.Input(mhMask), bias: c.Input(mhScores)}
	query, err := c.Need(mhQuery)
	if err != nil {
		return err
	}
	if query.Rank() != 3 || query.Dim(2)%m.heads != 0 {
		return fmt.Errorf("query has shape %s, expected [batch, sequence, columns] with columns for %d heads", tensor.FormatShape(query.Shape()), m.heads)
	}
	s.batch, s.queries, s.size = query.Dim(0), query.Dim(1), query.Dim(2)/m.heads
	vsize, rows, err := m.valueSize(c)
	if err != nil {
		return err
	}
	s.vsize = vsize
	var bias [3][]float32
	if all, err := vector(c, mhBias, m.heads*(2*s.size+s.vsize), "bias"); err != nil {
		return err
	} else if all != nil {
		n := m.heads * s.size
		bias = [3][]float32{all[:n], all[n : 2*n], all[2*n:]}
	}
	if s.q, err = m.operand(c, mhQuery, s.queries, s.size, bias[0]); err != nil {
		return err
	}
	if s.k, err = m.operand(c, mhKey, rows, s.size, bias[1]); err != nil {
		return err
	}
	if s.v, err = m.operand(c, mhValue, rows, s.vsize, bias[2]); err != nil {
		return err
	}
	if past := c.Input(mhPastKey); past != nil {
		s.past = past.Dim(2)
	}
	s.keys = s.past + rows
	if s.k, err = m.present(c, s, mhPastKey, s.k, s.size); err != nil {
		return err
	}
	if s.v, err = m.present(c, s, mhPastValue, s.v, s.vsize); err != nil {
		return err
	}
	return m.attend(c, s, query.DType())
}

// valueSize reads the size of a value, and how many new ones there are.
func (m multiHead) valueSize(c *ops.Call) (size, rows int, err error) {
	v, err := c.Need(mhValue)
	switch {
	case err != nil:
		return 0, 0, err
	case v.Rank() == 4:
		return v.Dim(3), v.Dim(2), nil
	case v.Rank() == 3 && v.Dim(2)%m.heads == 0:
		return v.Dim(2) / m.heads, v.Dim(1), nil
	default:
		return 0, 0, fmt.Errorf("value has shape %s, expected [batch, sequence, columns] with columns for %d heads", tensor.FormatShape(v.Shape()), m.heads)
	}
}

// operand reads an input as heads, with its bias added.
func (m multiHead) operand(c *ops.Call, i, rows, size int, bias []float32) (kernel.View[float32], error) {
	none := kernel.View[float32]{}
	t, err := c.Need(i)
	if err != nil {
		return none, err
	}
	batch := c.Input(mhQuery).Dim(0)
	last := []int{batch, rows, m.heads * size}
	first := []int{batch, m.heads, rows, size}
	data, err := floats.View[float32](t)
	if err != nil {
		return none, err
	}
	switch {
	case t.Rank() == 4 && slices.Equal(t.Shape(), first):
		return kernel.HeadsFirst(data, m.heads, rows, size), nil
	case t.Rank() != 3 || !slices.Equal(t.Shape(), last):
		return none, fmt.Errorf("input %d has shape %s, expected %s", i, tensor.FormatShape(t.Shape()), tensor.FormatShape(last))
	}
	if bias != nil {
		sum := make([]float32, len(data))
		normkernel.AddRows(c.Pool, sum, data, bias, len(bias), nil)
		data = sum
	}
	return kernel.HeadsLast(data, m.heads, rows, size), nil
}

// present joins the past, input i, and new keys or values into an output, where
// there is a past or the output is wanted.
func (m multiHead) present(c *ops.Call, s *attended, i int, fresh kernel.View[float32], size int) (kernel.View[float32], error) {
	output := 1 + i - mhPastKey
	past := c.Input(i)
	if past == nil && !c.Wants(output) {
		return fresh, nil
	}
	none := kernel.View[float32]{}
	shape := []int{s.batch, m.heads, s.keys, size}
	var old []float32
	var err error
	if past != nil {
		if want := []int{s.batch, m.heads, s.past, size}; !slices.Equal(past.Shape(), want) {
			return none, fmt.Errorf("the past has shape %s, expected %s", tensor.FormatShape(past.Shape()), tensor.FormatShape(want))
		}
		if old, err = floats.View[float32](past); err != nil {
			return none, err
		}
	}
	cache := kernel.Cache{Batch: s.batch, Heads: m.heads, Rows: s.keys, Size: size}
	if !c.Wants(output) {
		t, err := tensor.New(tensor.Float32, shape...)
		if err != nil {
			return none, err
		}
		return join(c, floats.Target[float32](t), cache, old, s.past, fresh), nil
	}
	t, err := c.Output(output, c.Input(mhQuery).DType(), shape...)
	if err != nil {
		return none, err
	}
	data := floats.Target[float32](t)
	v := join(c, data, cache, old, s.past, fresh)
	return v, floats.Flush(t, data)
}
