package attention

import (
	"errors"
	"fmt"
	"math"

	kernel "github.com/seed6700ada1/infer/runtime/kernel/attention"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Attention computes softmax(scale·Q·Kᵀ + mask)·V for each head. Q, K and V are
// [batch, head, position, size], or [batch, position, head·size] with the
// numbers of heads as attributes; heads of Q may share heads of K and V. A past
// of keys and values is put before the new ones, and the two together come out
// as the present.
//
// A mask of bool hides keys, any other is added; it broadcasts to [batch, head,
// query, key], and keys past its end are hidden. With is_causal, a query sees
// the keys up to its own position, which counts the past; nonpad_kv_seqlen tells
// for each batch entry how many keys count, where a cache is kept outside. A
// query that sees nothing gives zeros. Softmax is computed in float32, or
// float64 for those, whatever softmax_precision says.
//
// ONNX operator spec, Attention-23, Attention-24 (nonpad_kv_seqlen),
// Attention-25 (windows). Up to -24 the soft cap follows the mask, and
// qk_matmul_output_mode 1 and 2 show the scores after the mask and after the
// cap; from -25 on the cap comes first, in both.
func attentionDefs() []ops.Def {
	d := ops.Def{
		Name: "Attention", MinInputs: 3, MaxInputs: 6, MinOutputs: 1, MaxOutputs: 4,
		Infer: inferAttention, Compile: compileAttention,
	}
	list := versions(d, 23)
	d.MaxInputs = 7
	return append(list, versions(d, 24, 25)...)
}

// The inputs of Attention.
const (
	inQ = iota
	inK
	inV
	inMask
	inPastKey
	inPastValue
	inValid
)

// options holds Attention's attributes.
type options struct {
	scale         float32 // NaN where the size of a head tells
	softcap       float32
	causal        bool
	left, right   int
	queryHeads    int
	kvHeads       int
	mode          int64
	capAfterwards bool
}

func readOptions(a *ops.Attrs) (options, error) {
	o := options{
		scale:      a.Float("scale", float32(math.NaN())),
		softcap:    a.Float("softcap", 0),
		causal:     a.Bool("is_causal", false),
		left:       int(a.Int("left_window_size", -1)),
		right:      int(a.Int("right_window_size", -1)),
		queryHeads: int(a.Int("q_num_heads", 0)),
		kvHeads:    int(a.Int("kv_num_heads", 0)),
		mode:       a.Int("qk_matmul_output_mode", 0),
	}
	if err := a.Err(); err != nil {
		return o, err
	}
	if o.mode < 0 || o.mode > 3 {
		return o, fmt.Errorf("attribute %q is %d, expected 0 to 3", "qk_matmul_output_mode", o.mode)
	}
	if o.softcap < 0 {
		return o, fmt.Errorf("attribute %q is %v, expected 0 or more", "softcap", o.softcap)
	}
	return o, nil
}

// stage is what output 3 shows.
func (o options) stage() kernel.Stage {
	switch {
	case o.mode == 0:
		return kernel.CaptureScores
	case o.mode == 3:
		return kernel.CaptureWeights
	case (o.mode == 1) == o.capAfterwards:
		return kernel.CaptureBias
	default:
		return kernel.CaptureCapped
	}
}

func inferAttention(n *ops.Inference) error {
	o, err := readOptions(n.Attrs)
	if err != nil {
		return err
	}
	d, dv := n.Input(inQ).DType(), n.Input(inV).DType()
	for i, t := range []tensor.DType{d, d, dv, d} {
		n.SetDType(i, t)
	}
	var q, k, v [4]onnx.Dim
	for i, in := range []*[4]onnx.Dim{&q, &k, &v} {
		shape, ok := n.Input(i).Dims()
		if !ok {
			return nil
		}
		count := o.kvHeads
		if i == inQ {
			count = o.queryHeads
		}
		if *in, err = splitDims(shape, count, "QKV"[i:i+1]); err != nil {
			return err
		}
	}
	total := k[2]
	if n.Has(inPastKey) {
		total = onnx.UnknownDim()
		if past, ok := n.Input(inPastKey).Dims(); ok && len(past) == 4 {
			total = dims.Add(past[2], k[2])
		}
	}
	if n.Input(inQ).Rank() == 3 {
		n.Set(0, d, q[0], q[2], dims.Mul(q[1], v[3]))
	} else {
		n.Set(0, d, q[0], q[1], q[2], v[3])
	}
	n.Set(1, d, k[0], k[1], total, k[3])
	n.Set(2, dv, v[0], v[1], total, v[3])
	n.Set(3, d, q[0], q[1], q[2], total)
	return nil
}

func compileAttention(n *ops.Node) (ops.Compiled, error) {
	o, err := readOptions(n.Attrs)
	if err != nil {
		return nil, err
	}
	o.capAfterwards = n.Def.Since < 25
	if n.Has(inPastKey) != n.Has(inPastValue) {
		return nil, errors.New("past_key and past_value must be given together")
	}
	if n.Has(inPastKey) && n.Has(inValid) {
		return nil, errors.New("nonpad_kv_seqlen cannot be given together with a past")
	}
	return ops.RunFunc(func(c *ops.Call) error { return runAttention(c, o) }), nil
}

func runAttention(c *ops.Call, o options) error {
	for i := range 3 {
		if _, err := c.Need(i); err != nil {
			return err
		}
	}
	switch d := c.Input(inQ).DType(); d {
	case tensor.Float64:
		return attend[float64](c, o)
	case tensor.Float32, tensor.Float16, tensor.BFloat16:
		return attend[float32](c, o)
	default:
		return fmt.Errorf("input Q has %v elements, expected a floating-point type", d)
	}
}
