package attention

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/gemm"
	"github.com/seed6700ada1/infer/runtime/kernel/softmax"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// flexAttentionDefs defines FlexAttention (ONNX operator spec,
// ai.onnx.preview.FlexAttention-1): attention whose scores, and whose weights after the
// softmax, go through subgraphs of the node.
//
//	Q [B, Hq, L, dk], K [B, Hkv, S, dk], V [B, Hkv, S, dv]  →  Y [B, Hq, L, dv]
//
// Scores and weights [B, Hq, L, S] are of the type softmax_precision, by default
// float32, or float64 for inputs of that type.
func flexAttentionDefs() []ops.Def {
	return []ops.Def{{
		Name: "FlexAttention", Domain: "ai.onnx.preview", Since: 1,
		MinInputs: 3, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferFlex, Compile: compileFlex,
	}}
}

// flex is a compiled FlexAttention.
type flex struct {
	scale     float32 // NaN where the size of a head tells
	precision tensor.DType
	score     ops.Subgraph
	prob      ops.Subgraph
}

func inferFlex(n *ops.Inference) error {
	d := n.Input(inQ).DType()
	n.SetDType(0, d)
	q, ok := n.Input(inQ).Dims()
	v, ok2 := n.Input(inV).Dims()
	if !ok || !ok2 {
		return nil
	}
	if len(q) != 4 || len(v) != 4 {
		return fmt.Errorf("Q and V have ranks %d and %d, expected 4", len(q), len(v))
	}
	n.Set(0, d, q[0], q[1], q[2], v[3])
	return nil
}

func compileFlex(n *ops.Node) (ops.Compiled, error) {
	f := &flex{scale: n.Float("scale", float32(math.NaN())), precision: n.DType("softmax_precision", tensor.Undefined)}
	if err := n.Err(); err != nil {
		return nil, err
	}
	for name, sub := range map[string]*ops.Subgraph{"score_mod": &f.score, "prob_mod": &f.prob} {
		if !n.Attrs.Has(name) {
			continue
		}
		if n.Sub == nil {
			return nil, ops.Unsupported("subgraphs")
		}
		s, err := n.Sub.Subgraph(name)
		if err != nil {
			return nil, err
		}
		if s.NumInputs() != 1 || s.NumOutputs() != 1 {
			return nil, fmt.Errorf("subgraph %q has %d inputs and %d outputs, expected one of each", name, s.NumInputs(), s.NumOutputs())
		}
		*sub = s
	}
	return f, nil
}

// Run computes in float64 where the inputs or the scores are of that type.
func (f *flex) Run(c *ops.Call) error {
	q, err := c.Need(inQ)
	if err != nil {
		return err
	}
	precision := f.precision
	if precision == tensor.Undefined {
		precision = tensor.Float32
		if q.DType() == tensor.Float64 {
			precision = tensor.Float64
		}
	}
	if q.DType() == tensor.Float64 || precision == tensor.Float64 {
		return runFlex[float64](c, f, precision)
	}
	return runFlex[float32](c, f, precision)
}

func runFlex[T floats.Float](c *ops.Call, f *flex, precision tensor.DType) error {
	var in [3]heads
	var data [3][]T
	for i, name := range []string{"Q", "K", "V"} {
		t, err := c.Need(i)
		if err != nil {
			return err
		}
		if t.Rank() != 4 {
			return fmt.Errorf("%s has rank %d, expected 4", name, t.Rank())
		}
		in[i] = heads{batch: t.Dim(0), heads: t.Dim(1), rows: t.Dim(2), size: t.Dim(3)}
		if data[i], err = floats.View[T](t); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	q, k, v := in[inQ], in[inK], in[inV]
	if q.batch != k.batch || k.batch != v.batch || k.heads != v.heads || k.rows != v.rows || q.size != k.size ||
		k.heads == 0 || q.heads%k.heads != 0 {
		return fmt.Errorf("Q, K and V have shapes %v, %v and %v, which do not fit", q.shape(), k.shape(), v.shape())
	}
	y, err := c.Output(0, c.Input(inQ).DType(), q.batch, q.heads, q.rows, v.size)
	if err != nil {
		return err
	}
	scores, err := tensor.New(precision, q.batch, q.heads, q.rows, k.rows)
	if err != nil {
		return err
	}
	scale := T(f.scale)
	if f.scale != f.scale {
		scale = T(1 / math.Sqrt(float64(q.size)))
	}
	buf := floats.Target[T](scores)
	group := q.heads / k.heads
	product := gemm.Args[T]{
		M: q.rows, N: k.rows, K: q.size, A: data[inQ], LDA: q.size, B: data[inK], LDB: k.size, TransB: true,
		C: buf, LDC: k.rows, Alpha: scale,
	}
	gemm.Batch(c.Pool, product, q.batch*q.heads, func(i int) (int, int, int) {
		return i * q.rows * q.size, i / group * k.rows * k.size, i * q.rows * k.rows
	})
	if buf, scores, err = modify(c, f.score, "score_mod", scores, buf); err != nil {
		return err
	}
	softmax.Softmax(c.Pool, buf, buf, q.batch*q.heads*q.rows, k.rows, 1)
	if buf, _, err = modify(c, f.prob, "prob_mod", scores, buf); err != nil {
		return err
	}
	out := floats.Target[T](y)
	product = gemm.Args[T]{
		M: q.rows, N: v.size, K: k.rows, A: buf, LDA: k.rows, B: data[inV], LDB: v.size, C: out, LDC: v.size, Alpha: 1,
	}
	gemm.Batch(c.Pool, product, q.batch*q.heads, func(i int) (int, int, int) {
		return i * q.rows * k.rows, i / group * k.rows * v.size, i * q.rows * v.size
	})
	return floats.Flush(y, out)
}

// modify puts scores, whose values are in buf, through a subgraph that is not nil. What
// comes out belongs to the operator.
func modify[T floats.Float](c *ops.Call, sub ops.Subgraph, name string, scores *tensor.Tensor, buf []T) ([]T, *tensor.Tensor, error) {
	if err := floats.Flush(scores, buf); err != nil {
		return nil, nil, err
	}
	if sub == nil {
		return buf, scores, nil
	}
	out, err := sub.Run(c, []tensor.Value{scores})
	if err != nil {
		return nil, nil, fmt.Errorf("subgraph %q: %w", name, err)
	}
	t, ok := out[0].(*tensor.Tensor)
	if !ok || t.DType() != scores.DType() || !slices.Equal(t.Shape(), scores.Shape()) {
		return nil, nil, fmt.Errorf("subgraph %q gives %v, expected a tensor like its input, %v", name, out[0], scores)
	}
	values, err := floats.View[T](t)
	return values, t, err
}
