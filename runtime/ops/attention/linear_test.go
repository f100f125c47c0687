package attention_test

import (
	stdmath "math"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/attention"
	"github.com/seed6700ada1/infer/runtime/ops/math"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Keys and values of size 1: with q = 1, 1, k = 1, 2 and v = 3, 5 the state, and with it
// the output, is worked out by hand in each line.
func TestLinearAttention(t *testing.T) {
	seq := func(v ...float32) *tensor.Tensor { return of(t, v, 1, len(v), 1) }
	q, k, v := seq(1, 1), seq(1, 2), seq(3, 5)
	ln := float32(stdmath.Log(0.5))
	half, beta := seq(ln, ln), seq(0.5, 0.5)
	tests := []struct {
		rule   string
		inputs []tensor.Value
		want   []float32
	}{
		{"linear", []tensor.Value{q, k, v}, []float32{3, 3 + 10}},
		{"linear", []tensor.Value{q, k, v, of(t, []float32{2}, 1, 1, 1, 1)}, []float32{2 + 3, 5 + 10}},
		{"gated", []tensor.Value{q, k, v, nil, half}, []float32{3, 1.5 + 10}},
		{"delta", []tensor.Value{q, k, v, nil, nil, beta}, []float32{0.5 * 3, 1.5 + 0.5*2*(5-3)}},
		{"gated_delta", []tensor.Value{q, k, v, nil, half, beta}, []float32{1.5, 0.75 + 0.5*2*(5-1.5)}},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			node := opstest.NewNode("LinearAttention", "", len(tt.inputs), 2,
				opstest.Int("q_num_heads", 1), opstest.Int("kv_num_heads", 1), opstest.Str("update_rule", tt.rule))
			out := opstest.Node(t, attention.Ops, node, 27, tt.inputs...)
			expect(t, "output", out[0], seq(tt.want...))
			expect(t, "present_state", out[1], of(t, tt.want[1:], 1, 1, 1, 1))
		})
	}
}

// Two heads of queries share one head of keys; the scale is 1/√1 by default.
func TestLinearAttentionSharesHeads(t *testing.T) {
	node := opstest.NewNode("LinearAttention", "", 3, 1,
		opstest.Int("q_num_heads", 2), opstest.Int("kv_num_heads", 1), opstest.Str("update_rule", "linear"))
	out := opstest.Node(t, attention.Ops, node, 27,
		of(t, []float32{1, 10}, 1, 1, 2), of(t, []float32{2}, 1, 1, 1), of(t, []float32{3, 4}, 1, 1, 2))
	expect(t, "output", out[0], of(t, []float32{6, 8, 60, 80}, 1, 1, 4))
}

func TestLinearAttentionRefuses(t *testing.T) {
	x := of(t, make([]float32, 4), 1, 2, 2)
	tests := []struct {
		name   string
		attrs  []*onnx.Attribute
		inputs []tensor.Value
	}{
		{"no heads", nil, []tensor.Value{x, x, x}},
		{"no decay", []*onnx.Attribute{opstest.Int("q_num_heads", 1), opstest.Int("kv_num_heads", 1)}, []tensor.Value{x, x, x}},
		{
			"a past of another shape",
			[]*onnx.Attribute{opstest.Int("q_num_heads", 1), opstest.Int("kv_num_heads", 1), opstest.Str("update_rule", "linear")},
			[]tensor.Value{x, x, x, of(t, make([]float32, 4), 1, 1, 4, 1)},
		},
		{
			"keys of another size",
			[]*onnx.Attribute{opstest.Int("q_num_heads", 1), opstest.Int("kv_num_heads", 1), opstest.Str("update_rule", "linear")},
			[]tensor.Value{x, of(t, make([]float32, 6), 1, 2, 3), x},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			node := opstest.NewNode("LinearAttention", "", len(tt.inputs), 2, tt.attrs...)
			if _, err := opstest.Try(attention.Ops, node, 27, tt.inputs...); err == nil {
				t.Error("no error")
			}
		})
	}
}

// negated is a subgraph y = -x.
func negated() *onnx.Graph {
	return &onnx.Graph{
		Name:   "negated",
		Inputs: []*onnx.ValueInfo{{Name: "x"}}, Outputs: []*onnx.ValueInfo{{Name: "y"}},
		Nodes: []*onnx.Node{{OpType: "Neg", Inputs: []string{"x"}, Outputs: []string{"y"}}},
	}
}

// Scores are 1 and 2, so that weights are σ(-1) and σ(1); negated they are σ(1), σ(-1).
func TestFlexAttention(t *testing.T) {
	high, low := float32(1/(1+stdmath.Exp(-1))), float32(1/(1+stdmath.Exp(1)))
	defs := append(append([]ops.Def{}, attention.Ops...), math.Ops...)
	tests := []struct {
		name  string
		attrs []*onnx.Attribute
		want  float32
	}{
		{"plain", nil, low + 3*high},
		{"score_mod", []*onnx.Attribute{opstest.Graph("score_mod", negated())}, high + 3*low},
		{"prob_mod", []*onnx.Attribute{opstest.Graph("prob_mod", negated())}, -low - 3*high},
		{"scale", []*onnx.Attribute{opstest.Float("scale", 0)}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			node := opstest.NewNode("FlexAttention", "ai.onnx.preview", 3, 1, tt.attrs...)
			out := opstest.Node(t, defs, node, 1,
				of(t, []float32{1}, 1, 1, 1, 1), of(t, []float32{1, 2}, 1, 1, 2, 1), of(t, []float32{1, 3}, 1, 1, 2, 1))
			expect(t, "Y", out[0], of(t, []float32{tt.want}, 1, 1, 1, 1))
		})
	}
	node := opstest.NewNode("FlexAttention", "ai.onnx.preview", 3, 1)
	x := of(t, make([]float32, 2), 1, 1, 2, 1)
	if _, err := opstest.Try(defs, node, 1, x, x, of(t, make([]float32, 3), 1, 1, 3, 1)); err == nil {
		t.Error("2 keys and 3 values: no error")
	}
}
