package nn_test

import (
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/nn"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Weights 10 and 1: an output is ten times the value before and the value itself.
func TestCausalConvWithState(t *testing.T) {
	row := func(v ...float32) *tensor.Tensor {
		x, err := tensor.FromSlice(v, 1, 1, len(v))
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	tests := []struct {
		name         string
		attrs        []*onnx.Attribute
		inputs       []tensor.Value
		out, present *tensor.Tensor
	}{
		{"no past", nil, []tensor.Value{row(1, 2, 3), row(10, 1)}, row(1, 12, 23), row(3)},
		{"past and bias", nil, []tensor.Value{row(1, 2, 3), row(10, 1), tensor.Vector[float32](0.5), row(5)}, row(51.5, 12.5, 23.5), row(3)},
		{"shorter than the kernel", nil, []tensor.Value{row(2), row(1000, 100, 10, 1), nil, row(7, 8, 9)}, row(7892), row(8, 9, 2)},
		{"kernel of one", nil, []tensor.Value{row(2, 3), row(4)}, row(8, 12), row()},
		// 1·σ(1) and 12·σ(12)
		{"silu", []*onnx.Attribute{opstest.Str("activation", "silu")}, []tensor.Value{row(1, 2), row(10, 1)}, row(0.7310586, 11.999926), row(2)},
		{"no values", nil, []tensor.Value{row(), row(10, 1), nil, row(5)}, row(), row(5)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			node := opstest.NewNode("CausalConvWithState", "", len(tt.inputs), 2, tt.attrs...)
			out := opstest.Node(t, nn.Ops, node, 27, tt.inputs...)
			for i, want := range []*tensor.Tensor{tt.out, tt.present} {
				if err := tensor.AllClose(out[i], want, 1e-6, 0); err != nil {
					t.Errorf("output %d: %v", i, err)
				}
			}
		})
	}
	node := opstest.NewNode("CausalConvWithState", "", 4, 2)
	if _, err := opstest.Try(nn.Ops, node, 27, row(1), row(10, 1), nil, row(1, 2)); err == nil {
		t.Error("a past of two values before a kernel of two: no error")
	}
}
