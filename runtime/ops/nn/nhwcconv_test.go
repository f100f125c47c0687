package nn_test

import (
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/nn"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// TestNhwcConv convolves a picture of 2×2 places and 2 channels, (1,5) (2,6) / (3,7)
// (4,8), with a kernel of 1×2 taps for one output channel that weighs (1,10) and (100,
// 1000): the first row gives 1+50+200+6000, the second 3+70+400+8000, and the bias adds a
// half. In two groups each channel has its own kernel.
func TestNhwcConv(t *testing.T) {
	x := as(t, []float32{1, 5, 2, 6, 3, 7, 4, 8}, 1, 2, 2, 2)
	bias := tensor.Vector[float32](0.5)
	node := func(in int, attrs ...*onnx.Attribute) *onnx.Node {
		return opstest.NewNode("NhwcConv", "com.microsoft", in, 1, attrs...)
	}
	y := opstest.Node(t, nn.Ops, node(3), 1, x, as(t, []float32{1, 10, 100, 1000}, 1, 1, 2, 2), bias)
	if err := tensor.AllClose(y[0], as(t, []float32{6251.5, 8473.5}, 1, 2, 1, 1), 0, 0); err != nil {
		t.Error(err)
	}
	y = opstest.Node(t, nn.Ops, node(2, opstest.Int("group", 2)), 1, x, as(t, []float32{1, 10, 2, 20}, 2, 1, 2, 1))
	if err := tensor.AllClose(y[0], as(t, []float32{21, 130, 43, 174}, 1, 2, 1, 2), 0, 0); err != nil {
		t.Error(err)
	}
	if _, err := opstest.Try(nn.Ops, node(2), 1, x, as(t, []float32{1, 1, 1}, 1, 1, 1, 3)); err == nil {
		t.Error("weights of 3 channels for data of 2 were taken")
	}
}
