package nn_test

import (
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime/ops/nn"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func TestQuantizedConformance(t *testing.T) {
	opstest.Conformance(t, nn.Ops, "ConvInteger", "QLinearConv")
}

func vector[T tensor.Element](t *testing.T, shape []int, values ...T) *tensor.Tensor {
	t.Helper()
	v, err := tensor.FromSlice(values, shape...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Two groups of one channel, weights of two taps. Less the zero point 1, the
// data are (0 1 2) and (3 4 5); less 1 and 0, the weights (1 2) and (-1 1).
func TestConvInteger(t *testing.T) {
	x := vector[uint8](t, []int{1, 2, 3}, 1, 2, 3, 4, 5, 6)
	w := vector[int8](t, []int{2, 1, 2}, 2, 3, -1, 1)
	node := opstest.NewNode("ConvInteger", "", 4, 1, opstest.Int("group", 2), opstest.Ints("pads", 1, 0))
	wZero := vector[int8](t, []int{2}, 1, 0)
	out := opstest.Node(t, nn.Ops, node, 10, x, w, tensor.Scalar[uint8](1), wZero)
	want := vector[int32](t, []int{1, 2, 3}, 0, 2, 5, 3, 1, 1)
	if err := tensor.AllClose(out[0], want, 0, 0); err != nil {
		t.Error(err)
	}
	_, err := opstest.Try(nn.Ops, node, 10, x, w, tensor.Scalar[uint8](1), vector[int8](t, []int{3}, 1, 0, 0))
	if err == nil || !strings.Contains(err.Error(), "3 values, expected 1 or 2") {
		t.Errorf("got error %v", err)
	}
}

// The sums above plus (1, 2), times 0.5·(1, 2)/0.25, are 2 6 12 and 20 12 12;
// the zero point is 250.
func TestQLinearConv(t *testing.T) {
	node := opstest.NewNode("QLinearConv", "", 9, 1, opstest.Int("group", 2), opstest.Ints("pads", 1, 0))
	inputs := []tensor.Value{
		vector[uint8](t, []int{1, 2, 3}, 1, 2, 3, 4, 5, 6), tensor.Scalar[float32](0.5), tensor.Scalar[uint8](1),
		vector[int8](t, []int{2, 1, 2}, 2, 3, -1, 1), vector[float32](t, []int{2}, 1, 2), vector[int8](t, []int{2}, 1, 0),
		tensor.Scalar[float32](0.25), tensor.Scalar[uint8](250), vector[int32](t, []int{2}, 1, 2),
	}
	out := opstest.Node(t, nn.Ops, node, 10, inputs...)
	want := vector[uint8](t, []int{1, 2, 3}, 252, 255, 255, 255, 255, 255)
	if err := tensor.AllClose(out[0], want, 0, 0); err != nil {
		t.Error(err)
	}
	inputs[8] = vector[int32](t, []int{1}, 1)
	if _, err := opstest.Try(nn.Ops, node, 10, inputs...); err == nil || !strings.Contains(err.Error(), "bias has 1 values, expected 2") {
		t.Errorf("got error %v", err)
	}
}
