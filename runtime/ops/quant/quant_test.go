package quant_test

import (
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/ops/quant"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func TestConformance(t *testing.T) {
	opstest.Conformance(t, quant.Ops, "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "QLinearMatMul")
}

func of[T tensor.Element](t *testing.T, values []T, shape ...int) *tensor.Tensor {
	t.Helper()
	v, err := tensor.FromSlice(values, shape...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func packed(t *testing.T, d tensor.DType, values []int8, shape ...int) *tensor.Tensor {
	t.Helper()
	v, err := tensor.Pack(d, values, shape...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func expect(t *testing.T, got tensor.Value, want *tensor.Tensor) {
	t.Helper()
	if err := tensor.AllClose(got, want, 0, 0); err != nil {
		t.Error(err)
	}
}

func TestDequantizeLinear(t *testing.T) {
	blocks := []*onnx.Attribute{opstest.Int("axis", 0), opstest.Int("block_size", 2)}
	tests := []struct {
		name   string
		attrs  []*onnx.Attribute
		inputs []tensor.Value
		want   *tensor.Tensor
	}{
		{
			"one scale", nil,
			[]tensor.Value{of(t, []uint8{0, 128, 255}, 3), tensor.Scalar[float32](0.5), tensor.Scalar[uint8](128)},
			of(t, []float32{-64, 0, 63.5}, 3),
		},
		{
			"axis",
			[]*onnx.Attribute{opstest.Int("axis", -1)},
			[]tensor.Value{of(t, []int8{-128, 1, 127, 2}, 2, 2), of(t, []float32{1, 10}, 2), of(t, []int8{-1, 1}, 2)},
			of(t, []float32{-127, 0, 128, 10}, 2, 2),
		},
		{
			"a scale for each of a vector", nil,
			[]tensor.Value{of(t, []int8{3, 4}, 2), of(t, []float32{1, 10}, 2)},
			of(t, []float32{3, 40}, 2),
		},
		{
			"blocks of int4, the last one short", blocks,
			[]tensor.Value{packed(t, tensor.Int4, []int8{-8, 7, 1, 2, 3, 4}, 3, 2), of(t, []float32{1, 2, 3, 4}, 2, 2)},
			of(t, []float32{-8, 14, 1, 4, 9, 16}, 3, 2),
		},
		{
			"blocks along rows",
			[]*onnx.Attribute{opstest.Int("axis", 1), opstest.Int("block_size", 2)},
			[]tensor.Value{packed(t, tensor.Uint4, []int8{0, 15, 8}, 1, 3), of(t, []float32{1, 2}, 1, 2), packed(t, tensor.Uint4, []int8{8, 7}, 1, 2)},
			of(t, []float32{-8, 7, 2}, 1, 3),
		},
		{
			"float16 out",
			[]*onnx.Attribute{opstest.Int("output_dtype", int64(tensor.Float16))},
			[]tensor.Value{of(t, []int16{-3}, 1), tensor.Scalar[float32](0.5)},
			of(t, []tensor.F16{tensor.F16From(-1.5)}, 1),
		},
		{
			"powers of two as scales", nil,
			[]tensor.Value{of(t, []int8{3}, 1), of(t, []tensor.F8E8M0{128}, 1)},
			of(t, []float32{6}, 1),
		},
		{"nothing", nil, []tensor.Value{of(t, []int8{}, 0, 2), tensor.Scalar[float32](1)}, of(t, []float32{}, 0, 2)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			node := opstest.NewNode("DequantizeLinear", "", 3, 1, tt.attrs...)
			expect(t, opstest.Node(t, quant.Ops, node, 25, tt.inputs...)[0], tt.want)
			node.Domain = "com.microsoft"
			expect(t, opstest.Node(t, quant.Ops, node, 1, tt.inputs...)[0], tt.want)
		})
	}
}

func TestQuantizeLinear(t *testing.T) {
	x := of(t, []float32{-1000, -0.5, 0.5, 1.5, 2.5, 1000}, 2, 3)
	tests := []struct {
		name   string
		attrs  []*onnx.Attribute
		inputs []tensor.Value
		want   *tensor.Tensor
	}{
		{"uint8 where nothing says so", nil, []tensor.Value{x, tensor.Scalar[float32](1)}, of(t, []uint8{0, 0, 0, 2, 2, 255}, 2, 3)},
		{"int8", nil, []tensor.Value{x, tensor.Scalar[float32](1), tensor.Scalar[int8](1)}, of(t, []int8{-128, 1, 1, 3, 3, 127}, 2, 3)},
		{"int16 by columns", nil, []tensor.Value{x, of(t, []float32{1, 0.5, 0.01}, 3), of(t, []int16{0, 0, 5}, 3)}, of(t, []int16{-1000, -1, 55, 2, 5, 32767}, 2, 3)},
		{
			"output_dtype",
			[]*onnx.Attribute{opstest.Int("output_dtype", int64(tensor.Int4))},
			[]tensor.Value{x, tensor.Scalar[float32](1)},
			packed(t, tensor.Int4, []int8{-8, 0, 0, 2, 2, 7}, 2, 3),
		},
		{
			"blocks",
			[]*onnx.Attribute{opstest.Int("axis", 1), opstest.Int("block_size", 2)},
			[]tensor.Value{x, of(t, []float32{0.5, 1, 0.25, 10}, 2, 2), of(t, []int8{0, 1, 2, 3}, 2, 2)},
			of(t, []int8{-128, -1, 1, 8, 12, 103}, 2, 3),
		},
		{"integers", nil, []tensor.Value{of(t, []int32{7, -9}, 2), tensor.Scalar[float32](2), tensor.Scalar[int8](0)}, of(t, []int8{4, -4}, 2)},
		{
			// 1/3 in float16 is 0.33325195, and 0.49987793/0.33325195 rounds to 1.5 there: to even, 2
			"float16 division", nil,
			[]tensor.Value{of(t, []tensor.F16{tensor.F16From(0.49987793)}, 1), tensor.Scalar(tensor.F16From(1. / 3))},
			of(t, []uint8{2}, 1),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			expect(t, opstest.Node(t, quant.Ops, opstest.NewNode("QuantizeLinear", "", 3, 1, tt.attrs...), 21, tt.inputs...)[0], tt.want)
		})
	}
}

func TestErrors(t *testing.T) {
	x, one := of(t, []float32{1, 2, 3, 4}, 2, 2), tensor.Scalar[float32](1)
	ints := of(t, []int8{1, 2, 3, 4}, 2, 2)
	tests := []struct {
		name, op string
		attrs    []*onnx.Attribute
		inputs   []tensor.Value
		want     string
	}{
		{"axis", "QuantizeLinear", []*onnx.Attribute{opstest.Int("axis", 2)}, []tensor.Value{x, of(t, []float32{1, 1}, 2)}, "axis 2 is out of range"},
		{"scales", "QuantizeLinear", nil, []tensor.Value{x, of(t, []float32{1, 1, 1}, 3)}, "the scale has shape [3], expected one value or [2]"},
		{"zero point", "QuantizeLinear", nil, []tensor.Value{x, one, of(t, []int8{1, 1}, 2)}, "expected the same"},
		{"two types", "QuantizeLinear", []*onnx.Attribute{opstest.Int("output_dtype", 2)}, []tensor.Value{x, one, tensor.Scalar[int8](0)}, "but the zero point is int8"},
		{"wide", "QuantizeLinear", []*onnx.Attribute{opstest.Int("output_dtype", 6)}, []tensor.Value{x, one}, "cannot quantise to int32"},
		{"blocks", "DequantizeLinear", []*onnx.Attribute{opstest.Int("block_size", 2)}, []tensor.Value{ints, one}, "expected one value or [2,1]"},
		{"block size", "DequantizeLinear", []*onnx.Attribute{opstest.Int("block_size", -2)}, []tensor.Value{ints, one}, "expected 0 or more"},
		{"zero type", "DequantizeLinear", nil, []tensor.Value{ints, one, tensor.Scalar[uint8](0)}, "expected int8 as x"},
		{"no scale", "DequantizeLinear", nil, []tensor.Value{ints, of(t, []float32{}, 0)}, "expected one value"},
	}
	for _, tt := range tests {
		_, err := opstest.Try(quant.Ops, opstest.NewNode(tt.op, "", 3, 1, tt.attrs...), 21, tt.inputs...)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, expected one with %q", tt.name, err, tt.want)
		}
	}
}

func TestQLinearMatMul(t *testing.T) {
	node := opstest.NewNode("QLinearMatMul", "", 8, 1)
	inputs := []tensor.Value{
		of(t, []uint8{1, 2, 3, 4}, 2, 2), of(t, []float32{1, 2}, 2), of(t, []uint8{1, 2}, 2), // less zero: 0 1; 1 2
		of(t, []int8{1, 2, 3, 4}, 2, 2), of(t, []float32{1, 10}, 2), of(t, []int8{1, 0}, 2), // 0 2; 2 4
		tensor.Scalar[float32](2), tensor.Scalar[int8](-3),
	}
	// products [2 4; 4 10] times [1 10; 2 20]/2 are [1 20; 4 100], then less 3
	out := opstest.Node(t, quant.Ops, node, 21, inputs...)
	expect(t, out[0], of(t, []int8{-2, 17, 1, 97}, 2, 2))

	inputs[6] = tensor.Scalar[float32](0.5) // [4 80; 16 400]
	out = opstest.Node(t, quant.Ops, node, 21, inputs...)
	expect(t, out[0], of(t, []int8{1, 77, 13, 127}, 2, 2))

	f8 := func(v ...float32) []tensor.F8E4M3FN {
		list := make([]tensor.F8E4M3FN, len(v))
		for i := range v {
			list[i] = tensor.F8E4M3FNFrom(v[i], true)
		}
		return list
	}
	one := tensor.Scalar[float32](1)
	zero := of(t, f8(0), 1)
	out = opstest.Node(t, quant.Ops, node, 21, of(t, f8(1, 2), 1, 2), one, zero, of(t, f8(0.5, 4), 2, 1), one, zero, one, zero)
	expect(t, out[0], of(t, f8(8.5), 1, 1))

	inputs[7] = of(t, []int8{1, 2}, 2)
	if _, err := opstest.Try(quant.Ops, node, 21, inputs...); err == nil || !strings.Contains(err.Error(), "y_zero_point has 2 values") {
		t.Errorf("got error %v", err)
	}
}
