package contrib_test

import (
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/contrib"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Inputs that do not fit are told, and do not panic.
func TestErrors(t *testing.T) {
	f := func(shape ...int) *tensor.Tensor { return of(t, tensor.Float32, shape...) }
	u8 := func(shape ...int) *tensor.Tensor { return of(t, tensor.Uint8, shape...) }
	i32 := func(v ...int32) *tensor.Tensor { return tensor.Vector(v...) }
	heads := []*onnx.Attribute{opstest.Int("num_heads", 2), opstest.Int("kv_num_heads", 1)}
	nb := func(block, bits int64) []*onnx.Attribute {
		return []*onnx.Attribute{opstest.Int("K", 20), opstest.Int("N", 2), opstest.Int("block_size", block), opstest.Int("bits", bits)}
	}
	gqa := func(query, past *tensor.Tensor, lengths *tensor.Tensor, total int32) []tensor.Value {
		return []tensor.Value{query, f(1, 2, 4), f(1, 2, 4), past, past, lengths, tensor.Scalar(total)}
	}
	tests := []struct {
		name, op string
		attrs    []*onnx.Attribute
		inputs   []tensor.Value
		want     string
	}{
		{"skip", "SkipLayerNormalization", nil, []tensor.Value{f(2, 3), f(3, 3), f(3)}, "expected the last dimensions of [2,3]"},
		{"gamma", "SkipLayerNormalization", nil, []tensor.Value{f(2, 3), f(2, 3), f(2)}, "gamma has 2 values, expected 3"},
		{"scalar", "SkipSimplifiedLayerNormalization", nil, []tensor.Value{f(), f(), f(1)}, "input is a scalar"},
		{"bits", "MatMulNBits", nb(16, 5), []tensor.Value{f(1, 20), u8(2, 2, 8), f(4)}, "expected 2, 4 or 8"},
		{"block", "MatMulNBits", nb(24, 4), []tensor.Value{f(1, 20), u8(2, 2, 8), f(4)}, "expected a power of two"},
		{"weights", "MatMulNBits", nb(16, 4), []tensor.Value{f(1, 20), u8(2, 2, 7), f(4)}, "B has 28 bytes, expected 32"},
		{"scales", "MatMulNBits", nb(16, 4), []tensor.Value{f(1, 20), u8(2, 2, 8), f(3)}, "scales has 3 values, expected 4"},
		{"zero points", "MatMulNBits", nb(16, 4), []tensor.Value{f(1, 20), u8(2, 2, 8), f(4), u8(3)}, "3 bytes, expected 2"},
		{"columns", "MatMulNBits", nb(16, 4), []tensor.Value{f(1, 21), u8(2, 2, 8), f(4)}, "expected the last dimension to be 20"},
		{"groups", "MatMulNBits", nb(16, 4), []tensor.Value{f(1, 20), u8(2, 2, 8), f(4), nil, of(t, tensor.Int32, 19)}, "g_idx has 19 values"},
		{"heads", "GroupQueryAttention", heads[1:], gqa(f(1, 2, 8), f(1, 1, 3, 4), i32(4), 5), "expected the second to divide the first"},
		{"query", "GroupQueryAttention", heads, gqa(f(1, 2, 9), f(1, 1, 3, 4), i32(4), 5), "columns for 2 heads"},
		{"lengths", "GroupQueryAttention", heads, gqa(f(1, 2, 8), f(1, 1, 3, 4), i32(4, 4), 5), "seqlens_k has 2 values"},
		{"too long", "GroupQueryAttention", heads, gqa(f(1, 2, 8), f(1, 1, 3, 4), i32(5), 5), "seqlens_k is 5"},
		{"total", "GroupQueryAttention", heads, gqa(f(1, 2, 8), f(1, 1, 3, 4), i32(4), 1<<30), "there are 3 old and 2 new keys"},
		{"past", "GroupQueryAttention", heads, gqa(f(1, 2, 8), f(1, 1, 3, 5), i32(4), 5), "the past has shape [1,1,3,5]"},
		{"bias", "FastGelu", nil, []tensor.Value{f(2, 3), f(2)}, "bias has 2 values"},
		{"position", "RotaryEmbedding", nil, []tensor.Value{f(1, 2, 4), tensor.Vector[int64](9), f(3, 2), f(3, 2)}, "position 9 is outside"},
		{"word", "EmbedLayerNormalization", nil, []tensor.Value{of(t, tensor.Int32, 1, 1), nil, f(0, 2), f(1, 2), nil, f(2), f(2)}, "row 0 of a table of 0"},
		{"mask", "MultiHeadAttention", heads[:1], []tensor.Value{f(1, 2, 4), f(1, 2, 4), f(1, 2, 4), nil, i32(1, 2, 3, 4, 5)}, "a mask of shape [5]"},
		{"values", "MultiHeadAttention", heads[:1], []tensor.Value{f(1, 2, 4), f(1, 2, 4), f(1, 3, 4)}, "expected [1,3,4]"},
		{"weights", "Attention", heads[:1], []tensor.Value{f(1, 2, 3), f(3, 7), f(7)}, "do not divide into queries, keys and values"},
		{"sizes", "Attention", append(heads[:1:1], opstest.Ints("qkv_hidden_sizes", 4, 2, 4)), []tensor.Value{f(1, 2, 3), f(3, 10), f(10)}, "expected three sizes"},
		{"b_scale", "MatMulIntegerToFloat", nil, []tensor.Value{u8(1, 2), u8(2, 3), f(), f(2)}, "b_scale has 2 values, expected 1 or 3"},
		{"inner", "QGemm", nil, []tensor.Value{u8(1, 2), f(), u8(), u8(3, 1), f(), u8()}, "A has 2 columns, B has 3 rows"},
		{"C", "QGemm", nil, []tensor.Value{u8(1, 2), f(), u8(), u8(2, 3), f(), u8(), i32(1, 2)}, "expected one that broadcasts to [1,3]"},
		{"block scales", "GatherBlockQuantized", []*onnx.Attribute{opstest.Int("block_size", 16)}, []tensor.Value{u8(2, 16), i32(0), f(2, 1)}, "expected [2,2]"},
	}
	for _, tt := range tests {
		_, err := opstest.Try(contrib.Ops, opstest.NewNode(tt.op, "com.microsoft", len(tt.inputs), 1, tt.attrs...), 1, tt.inputs...)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s, %s: got error %v, expected one with %q", tt.op, tt.name, err, tt.want)
		}
	}
}

// What an operator leaves out is told when a model is opened.
func TestUnsupported(t *testing.T) {
	f := of(t, tensor.Float32, 1, 2, 4)
	for _, tt := range []struct {
		op     string
		attr   *onnx.Attribute
		inputs []tensor.Value
	}{
		{"FusedMatMul", opstest.Int("transBatchA", 1), []tensor.Value{f, f}},
		{"MultiHeadAttention", opstest.Int("num_heads", 2), []tensor.Value{f, nil, nil}},
		{"Attention", opstest.Int("do_rotary", 1), []tensor.Value{f, f}},
		{"RotaryEmbedding", opstest.Int("is_packed_batching", 1), []tensor.Value{f, f, f, f}},
	} {
		node := opstest.NewNode(tt.op, "com.microsoft", len(tt.inputs), 1, tt.attr)
		if tt.op == "Attention" {
			node.Attributes = append(node.Attributes, opstest.Int("num_heads", 2))
		}
		_, err := opstest.Try(contrib.Ops, node, 1, tt.inputs...)
		if _, ok := ops.UnsupportedReason(err); !ok && (err == nil || !strings.Contains(err.Error(), "cannot be run")) {
			t.Errorf("%s: got error %v, expected that it is not supported", tt.op, err)
		}
	}
}

// Elements of int4 are gathered without unpacking the table. Row 1 is 1 … 16 less
// the zero point -1, times 0.5; its numbers are from -8 to 7.
func TestGatherBlockQuantizedInt4(t *testing.T) {
	values := make([]int8, 32)
	want := make([]float32, 16)
	for i := range 16 {
		values[16+i] = int8(i - 8)
		want[i] = float32(i-8+1) * 0.5
	}
	data, err := tensor.Pack(tensor.Int4, values, 2, 16)
	if err != nil {
		t.Fatal(err)
	}
	zeros, err := tensor.Pack(tensor.Int4, []int8{3, -1}, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	scales, err := tensor.FromSlice([]float32{2, 0.5}, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	node := opstest.NewNode("GatherBlockQuantized", "com.microsoft", 4, 1, opstest.Int("block_size", 16))
	out := opstest.Node(t, contrib.Ops, node, 1, data, tensor.Scalar[int64](-1), scales, zeros)
	if err := tensor.AllClose(out[0], tensor.Vector(want...), 0, 0); err != nil {
		t.Error(err)
	}
}
