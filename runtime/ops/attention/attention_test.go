package attention_test

import (
	"math"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/attention"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func TestConformance(t *testing.T) {
	opstest.Conformance(t, attention.Ops, "Attention", "RotaryEmbedding")
}

func of[T tensor.Element](t *testing.T, values []T, shape ...int) *tensor.Tensor {
	t.Helper()
	v, err := tensor.FromSlice(values, shape...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func expect(t *testing.T, what string, got tensor.Value, want *tensor.Tensor) {
	t.Helper()
	if err := tensor.AllClose(got, want, 1e-6, 1e-6); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// With queries of zero all keys that a query sees weigh the same: the result is
// the mean of their values, here 1, 2, 4 and 8.
func TestWhatIsSeen(t *testing.T) {
	nan := float32(math.NaN()) // stands for what must not be seen
	q2, k4 := of(t, make([]float32, 2), 1, 1, 2, 1), of(t, make([]float32, 4), 1, 1, 4, 1)
	v4 := of(t, []float32{1, 2, 4, 8}, 1, 1, 4, 1)
	tests := []struct {
		name   string
		opset  int
		attrs  []*onnx.Attribute
		inputs []tensor.Value
		want   []float32
	}{
		{"all", 23, nil, []tensor.Value{q2, k4, v4}, []float32{3.75, 3.75}},
		{"causal", 23, []*onnx.Attribute{opstest.Int("is_causal", 1)}, []tensor.Value{q2, k4, v4}, []float32{1, 1.5}},
		{
			"causal after a past", 23,
			[]*onnx.Attribute{opstest.Int("is_causal", 1)},
			[]tensor.Value{q2, of(t, make([]float32, 2), 1, 1, 2, 1), of(t, []float32{4, 8}, 1, 1, 2, 1), nil, of(t, make([]float32, 2), 1, 1, 2, 1), of(t, []float32{1, 2}, 1, 1, 2, 1)},
			[]float32{7. / 3, 3.75},
		},
		{
			"three keys of a cache", 24,
			[]*onnx.Attribute{opstest.Int("is_causal", 1)},
			[]tensor.Value{q2, k4, of(t, []float32{1, 2, 4, nan}, 1, 1, 4, 1), nil, nil, nil, of(t, []int64{3}, 1)},
			[]float32{1.5, 7. / 3},
		},
		{
			"more queries than keys", 24,
			[]*onnx.Attribute{opstest.Int("is_causal", 1)},
			[]tensor.Value{q2, k4, of(t, []float32{5, nan, nan, nan}, 1, 1, 4, 1), nil, nil, nil, of(t, []int64{1}, 1)},
			[]float32{0, 5},
		},
		{
			"a window", 25,
			[]*onnx.Attribute{opstest.Int("left_window_size", 0), opstest.Int("right_window_size", 1)},
			[]tensor.Value{q2, k4, v4},
			[]float32{1.5, 3},
		},
		{
			"a mask of bool, short of keys", 24, nil,
			[]tensor.Value{q2, k4, of(t, []float32{1, 2, 4, nan}, 1, 1, 4, 1), of(t, []bool{true, false, true, false, false, false}, 2, 3)},
			[]float32{2.5, 0},
		},
		{
			"a mask to add", 24, nil,
			[]tensor.Value{q2, k4, v4, of(t, []float32{0, float32(math.Log(3)), float32(math.Inf(-1)), float32(math.Inf(-1))}, 4)},
			[]float32{1.75, 1.75},
		},
		{
			"a cap does not bring back what is hidden", 24,
			[]*onnx.Attribute{opstest.Float("softcap", 2)},
			[]tensor.Value{q2, k4, v4, of(t, []bool{true, true, false, false}, 1, 4)},
			[]float32{1.5, 1.5},
		},
	}
	for _, tt := range tests {
		node := opstest.NewNode("Attention", "", len(tt.inputs), 1, tt.attrs...)
		expect(t, tt.name, opstest.Node(t, attention.Ops, node, tt.opset, tt.inputs...)[0], of(t, tt.want, 1, 1, 2, 1))
	}
}

// From opset 25 on the cap comes before the mask: what output 3 shows follows.
func TestCapturedStages(t *testing.T) {
	q, k, v := of(t, []float32{1}, 1, 1, 1, 1), of(t, []float32{1, 2}, 1, 1, 2, 1), of(t, []float32{1, 1}, 1, 1, 2, 1)
	add := of(t, []float32{1, 1}, 1, 2)
	tanh := func(x float64) float32 { return float32(math.Tanh(x)) }
	for _, tt := range []struct {
		opset int
		mode  int64
		want  []float32
	}{
		{24, 0, []float32{1, 2}},
		{24, 1, []float32{2, 3}},
		{24, 2, []float32{tanh(2), tanh(3)}},
		{25, 0, []float32{1, 2}},
		{25, 1, []float32{tanh(1), tanh(2)}},
		{25, 2, []float32{tanh(1) + 1, tanh(2) + 1}},
	} {
		node := opstest.NewNode("Attention", "", 4, 4, opstest.Float("softcap", 1), opstest.Int("qk_matmul_output_mode", tt.mode))
		out := opstest.Node(t, attention.Ops, node, tt.opset, q, k, v, add)
		expect(t, "captured", out[3], of(t, tt.want, 1, 1, 1, 2))
		expect(t, "present key", out[1], k)
	}
}

func TestErrors(t *testing.T) {
	f := func(shape ...int) *tensor.Tensor {
		n, _ := tensor.NumElements(shape)
		return of(t, make([]float32, n), shape...)
	}
	q, k := f(1, 2, 3, 4), f(1, 2, 5, 4)
	tests := []struct {
		name, op string
		attrs    []*onnx.Attribute
		inputs   []tensor.Value
		want     string
	}{
		{"no heads", "Attention", nil, []tensor.Value{f(1, 2, 4), f(1, 2, 4), f(1, 2, 4)}, "must tell the number of heads"},
		{"rank", "Attention", nil, []tensor.Value{f(1, 2), k, k}, "Q has rank 2, expected 3 or 4"},
		{"columns", "Attention", []*onnx.Attribute{opstest.Int("q_num_heads", 3), opstest.Int("kv_num_heads", 1)}, []tensor.Value{f(1, 2, 4), f(1, 2, 4), f(1, 2, 4)}, "do not divide into 3 heads"},
		{"batches", "Attention", nil, []tensor.Value{q, f(2, 2, 5, 4), f(2, 2, 5, 4)}, "batches of 1, 2 and 2"},
		{"sizes", "Attention", nil, []tensor.Value{q, f(1, 2, 5, 3), k}, "queries have size 4, keys 3"},
		{"heads", "Attention", nil, []tensor.Value{f(1, 3, 3, 4), k, k}, "cannot share 2 heads"},
		{"no heads of keys", "Attention", nil, []tensor.Value{q, f(1, 0, 5, 4), f(1, 0, 5, 4)}, "cannot share 0 heads"},
		{"rows", "Attention", nil, []tensor.Value{q, k, f(1, 2, 6, 4)}, "expected as many"},
		{"half a past", "Attention", nil, []tensor.Value{q, k, k, nil, k}, "given together"},
		{"past", "Attention", nil, []tensor.Value{q, k, k, nil, f(1, 2, 5, 3), k}, "the past has shape [1,2,5,3], expected [1,2,5,4]"},
		{"two pasts", "Attention", nil, []tensor.Value{q, k, k, nil, k, f(1, 2, 4, 4)}, "expected as many"},
		{"mask", "Attention", nil, []tensor.Value{q, k, k, f(2, 5)}, "expected one that broadcasts to [1,2,3,5]"},
		{"long mask", "Attention", nil, []tensor.Value{q, k, k, f(6)}, "expected one that broadcasts"},
		{"mode", "Attention", []*onnx.Attribute{opstest.Int("qk_matmul_output_mode", 4)}, []tensor.Value{q, k, k}, "expected 0 to 3"},
		{"valid", "Attention", nil, []tensor.Value{q, k, k, nil, nil, nil, of(t, []int64{1, 2}, 2)}, "nonpad_kv_seqlen has 2 values, expected 1"},
		{"integers", "Attention", nil, []tensor.Value{of(t, make([]int32, 24), 1, 2, 3, 4), k, k}, "expected a floating-point type"},
		{"position", "RotaryEmbedding", nil, []tensor.Value{f(1, 2, 3, 4), f(5, 2), f(5, 2), of(t, []int64{0, 5, 1}, 1, 3)}, "position 5 is outside the tables of 5 rows"},
		{"positions", "RotaryEmbedding", nil, []tensor.Value{f(1, 2, 3, 4), f(5, 2), f(5, 2), of(t, []int64{0}, 1, 1)}, "position_ids has 1 values, expected 3"},
		{"tables", "RotaryEmbedding", nil, []tensor.Value{f(1, 2, 3, 4), f(5, 3), f(5, 3)}, "rows of 2 values"},
		{"odd", "RotaryEmbedding", []*onnx.Attribute{opstest.Int("rotary_embedding_dim", 6)}, []tensor.Value{f(1, 2, 3, 4), f(5, 3), f(5, 3)}, "expected an even number of at most 4"},
	}
	for _, tt := range tests {
		_, err := opstest.Try(attention.Ops, opstest.NewNode(tt.op, "", len(tt.inputs), 1, tt.attrs...), 24, tt.inputs...)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, expected one with %q", tt.name, err, tt.want)
		}
	}
}

func TestFloat16(t *testing.T) {
	h := func(v ...float32) *tensor.Tensor {
		list := make([]tensor.F16, len(v))
		for i := range v {
			list[i] = tensor.F16From(v[i])
		}
		return of(t, list, 1, 1, len(v), 1)
	}
	node := opstest.NewNode("Attention", "", 6, 3)
	out := opstest.Node(t, attention.Ops, node, 23, h(0), h(1), h(3), nil, h(2), h(1))
	expect(t, "y", out[0], h(2))
	expect(t, "keys", out[1], h(2, 1))
	expect(t, "values", out[2], h(1, 3))
}
