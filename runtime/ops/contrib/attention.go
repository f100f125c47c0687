package contrib

import (
	"fmt"

	kernel "github.com/seed6700ada1/infer/runtime/kernel/attention"
	"github.com/seed6700ada1/infer/runtime/kernel/gemm"
	"github.com/seed6700ada1/infer/runtime/kernel/qgemm"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/ops/linear"
	"github.com/seed6700ada1/infer/runtime/ops/matdims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Attention projects input [batch, sequence, columns] with weights and bias to
// queries, keys and values, one after the other, and computes their attention.
// past and present are [2, batch, heads, sequence, size]: keys, then values.
// QAttention does so for an input and weights of 8-bit integers.
func attentionDefs() []ops.Def {
	return []ops.Def{
		{
			Name: "Attention", Domain: domain, Since: 1, MinInputs: 2, MaxInputs: 7, MinOutputs: 1, MaxOutputs: 2,
			Infer:   func(n *ops.Inference) error { return inferProjected(n, n.Input(0).DType()) },
			Compile: compileAttention,
		},
		{
			Name: "QAttention", Domain: domain, Since: 1, MinInputs: 5, MaxInputs: 9, MinOutputs: 1, MaxOutputs: 2,
			Infer:   func(n *ops.Inference) error { return inferProjected(n, n.Input(3).DType()) },
			Compile: compileQAttention,
		},
	}
}

// projected is attention with its projection: where the inputs are.
type projected struct {
	multiHead
	sizes                    [3]int // columns of queries, keys and values; 0 for a third of the weights
	bias, mask, past, scores int    // inputs; -1 where the operator has none

	// project multiplies input and weights into out.
	project func(c *ops.Call, plan *matdims.Plan, out []float32) error
}

func readProjected(a *ops.Attrs) (projected, error) {
	m, err := readMultiHead(a)
	if err != nil {
		return projected{}, err
	}
	p := projected{multiHead: m}
	if list := a.Ints("qkv_hidden_sizes"); list != nil {
		if len(list) != 3 || list[0] != list[1] || min(list[0], list[2]) < 1 || max(list[0], list[2]) > maxWeights {
			a.Fail(fmt.Errorf("attribute %q is %v, expected three sizes, the first two equal", "qkv_hidden_sizes", list))
		} else {
			p.sizes = [3]int(list)
		}
	}
	if a.Bool("do_rotary", false) || a.Bool("past_present_share_buffer", false) {
		a.Fail(ops.Unsupported("rotary embedding and shared buffers (do_rotary, past_present_share_buffer)"))
	}
	return p, a.Err()
}

func inferProjected(n *ops.Inference, d tensor.DType) error {
	p, err := readProjected(n.Attrs)
	if err != nil {
		return err
	}
	n.SetDType(0, d)
	n.SetDType(1, d)
	x, ok := n.Input(0).Dims()
	w, known := n.Input(1).Dims()
	if !ok || !known || len(x) != 3 || len(w) != 2 {
		return nil
	}
	columns := dims.Div(w[1], onnx.Known(3))
	if p.sizes[2] > 0 {
		columns = onnx.Known(p.sizes[2])
	}
	n.Set(0, d, x[0], x[1], columns)
	u := onnx.UnknownDim()
	n.Set(1, d, onnx.Known(2), x[0], onnx.Known(p.heads), u, u)
	return nil
}

func compileAttention(n *ops.Node) (ops.Compiled, error) {
	p, err := readProjected(n.Attrs)
	if err != nil {
		return nil, err
	}
	if n.Has(6) {
		return nil, ops.Unsupported("past_sequence_length")
	}
	p.bias, p.mask, p.past, p.scores = 2, 3, 4, 5
	var packed *gemm.PackedB[float32]
	if w := n.Const(1); w != nil && w.Rank() == 2 {
		data, err := floats.View[float32](w)
		if err != nil {
			return nil, err
		}
		packed, err = ops.Pack(n, "", []*tensor.Tensor{w}, func() (*gemm.PackedB[float32], error) {
			return gemm.Pack(w.Dim(0), w.Dim(1), data, w.Dim(1), false), nil
		})
		if err != nil {
			return nil, err
		}
	}
	p.project = func(c *ops.Call, plan *matdims.Plan, out []float32) error {
		x, err := floats.View[float32](c.Input(0))
		if err != nil {
			return err
		}
		w, err := floats.View[float32](c.Input(1))
		if err != nil {
			return err
		}
		gemm.Mul(c.Pool, gemm.Args[float32]{
			M: plan.M, N: plan.N, K: plan.K, Alpha: 1, A: x, LDA: plan.K, B: w, LDB: plan.N, Packed: packed, C: out, LDC: plan.N,
		})
		return nil
	}
	return ops.RunFunc(p.run), nil
}

func compileQAttention(n *ops.Node) (ops.Compiled, error) {
	p, err := readProjected(n.Attrs)
	if err != nil {
		return nil, err
	}
	p.bias, p.mask, p.past, p.scores = 2, 5, 8, -1
	f := &linear.IntegerProduct{A: 0, AZero: 6, B: 1, BZero: 7}
	if err := f.Prepare(n); err != nil {
		return nil, err
	}
	p.project = func(c *ops.Call, plan *matdims.Plan, out []float32) error {
		scale, err := one(c, 3, "input_scale")
		if err != nil {
			return err
		}
		w, err := c.Need(4)
		if err != nil {
			return err
		}
		scales, err := floats.View[float32](w)
		if err != nil {
			return err
		}
		if len(scales) != 1 && len(scales) != plan.N {
			return fmt.Errorf("weight_scale has %d values, expected 1 or %d", len(scales), plan.N)
		}
		return f.MultiplyFloat(c, plan, c.Input(0), c.Input(6), qgemm.Floats{Scale: scale, Scales: scales}, out)
	}
	return ops.RunFunc(p.run), nil
}

// run projects and attends.
func (p projected) run(c *ops.Call) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	w, err := c.Need(1)
	if err != nil {
		return err
	}
	if x.Rank() != 3 || w.Rank() != 2 {
		return fmt.Errorf("input has rank %d and weights %d, expected 3 and 2", x.Rank(), w.Rank())
	}
	plan, err := matdims.Of(x.Shape(), w.Shape(), false, false)
	if err != nil {
		return err
	}
	sizes := p.sizes
	if sizes[0] == 0 {
		sizes = [3]int{plan.N / 3, plan.N / 3, plan.N / 3}
	}
	if sizes[0]+sizes[1]+sizes[2] != plan.N || sizes[0]%p.heads != 0 || sizes[2]%p.heads != 0 {
		return fmt.Errorf("weights have %d columns, which do not divide into queries, keys and values of %d heads", plan.N, p.heads)
	}
	bias, err := vector(c, p.bias, plan.N, "bias")
	if err != nil {
		return err
	}
	all := make([]float32, x.Dim(0)*x.Dim(1)*plan.N)
	if len(all) > 0 {
		if err := p.project(c, plan, all); err != nil {
			return err
		}
	}
	addRow(all, bias)
	s := &attended{
		batch: x.Dim(0), queries: x.Dim(1), keys: x.Dim(1), size: sizes[0] / p.heads, vsize: sizes[2] / p.heads,
		mask: input(c, p.mask), bias: input(c, p.scores),
	}
	s.q, s.k, s.v = part(all, 0, s, plan.N, s.size), part(all, sizes[0], s, plan.N, s.size), part(all, sizes[0]+sizes[1], s, plan.N, s.vsize)
	d := x.DType()
	if b := c.Input(p.bias); b != nil {
		d = b.DType()
	}
	if err := p.present(c, s, d); err != nil {
		return err
	}
	return p.attend(c, s, d)
}

// part is a view of the columns of the projection from at on.
func part(all []float32, at int, s *attended, columns, size int) kernel.View[float32] {
	return kernel.View[float32]{Data: all[min(at, len(all)):], Batch: s.queries * columns, Row: columns, Head: size}
}

// input is input i; nil where the operator has none.
func input(c *ops.Call, i int) *tensor.Tensor {
	if i < 0 {
		return nil
	}
	return c.Input(i)
}

// addRow adds a row, which may be nil, to each of the rows of x.
func addRow(x, row []float32) {
	for i := range x {
		if row == nil {
			return
		}
		x[i] += row[i%len(row)]
	}
}

// present joins the past and the new keys and values, both in one tensor.
func (p projected) present(c *ops.Call, s *attended, d tensor.DType) error {
	past := input(c, p.past)
	if past == nil && !c.Wants(1) {
		return nil
	}
	if s.size != s.vsize {
		return fmt.Errorf("keys have size %d and values %d, expected the same where there is a cache", s.size, s.vsize)
	}
	var old []float32
	if past != nil {
		want := []int{2, s.batch, p.heads, past.Dim(3), s.size}
		for i, n := range want {
			if past.Rank() != 5 || past.Dim(i) != n {
				return fmt.Errorf("the past has shape %s, expected %s", tensor.FormatShape(past.Shape()), tensor.FormatShape(want))
			}
		}
		var err error
		if old, err = floats.View[float32](past); err != nil {
			return err
		}
		s.past = past.Dim(3)
		s.keys += s.past
	}
	shape := []int{2, s.batch, p.heads, s.keys, s.size}
	var t *tensor.Tensor
	var err error
	if c.Wants(1) {
		t, err = c.Output(1, d, shape...)
	} else {
		t, err = tensor.New(tensor.Float32, shape...)
	}
	if err != nil {
		return err
	}
	data := floats.Target[float32](t)
	cache := kernel.Cache{Batch: s.batch, Heads: p.heads, Rows: s.keys, Size: s.size}
	half, oldHalf := len(data)/2, len(old)/2
	s.k = join(c, data[:half], cache, old[:oldHalf], s.past, s.k)
	s.v = join(c, data[half:], cache, old[oldHalf:], s.past, s.v)
	return floats.Flush(t, data)
}
