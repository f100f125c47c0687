package norm_test

import (
	"math"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/norm"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func TestConformance(t *testing.T) {
	opstest.Conformance(t, norm.Ops, "LayerNormalization", "RMSNormalization", "BatchNormalization",
		"InstanceNormalization", "GroupNormalization", "LpNormalization", "MeanVarianceNormalization", "LRN")
}

func of[T tensor.Element](t *testing.T, values []T, shape ...int) *tensor.Tensor {
	t.Helper()
	v, err := tensor.FromSlice(values, shape...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func expect(t *testing.T, got tensor.Value, want *tensor.Tensor, tolerance float64) {
	t.Helper()
	if err := tensor.AllClose(got, want, tolerance, tolerance); err != nil {
		t.Error(err)
	}
}

// A row (a, -a) has the mean 0 and the variance a²: with epsilon 0 it becomes
// (1, -1).
func TestLayerNormalization(t *testing.T) {
	node := opstest.NewNode("LayerNormalization", "", 3, 3, opstest.Float("epsilon", 0))
	x := of(t, []float32{3, -3, 0.5, -0.5}, 2, 2)
	out := opstest.Node(t, norm.Ops, node, 17, x, of(t, []float32{2, 4}, 2), of(t, []float32{0, 1}, 2))
	expect(t, out[0], of(t, []float32{2, -3, 2, -3}, 2, 2), 1e-6)
	expect(t, out[1], of(t, []float32{0, 0}, 2, 1), 1e-6)
	expect(t, out[2], of(t, []float32{1. / 3, 2}, 2, 1), 1e-6)

	one := opstest.NewNode("LayerNormalization", "", 2, 1, opstest.Float("epsilon", 0))
	for name, tt := range map[string]struct{ scale, want *tensor.Tensor }{
		"one value":     {of(t, []float32{5}, 1), of(t, []float32{5, -5, 5, -5}, 2, 2)},
		"a scalar":      {tensor.Scalar[float32](5), of(t, []float32{5, -5, 5, -5}, 2, 2)},
		"one a row":     {of(t, []float32{5, 6}, 2, 1), of(t, []float32{5, -5, 6, -6}, 2, 2)},
		"whole":         {of(t, []float32{1, 2, 3, 4}, 2, 2), of(t, []float32{1, -2, 3, -4}, 2, 2)},
		"with a 1 more": {of(t, []float32{2, 4}, 1, 2), of(t, []float32{2, -4, 2, -4}, 2, 2)},
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, opstest.Node(t, norm.Ops, one, 17, x, tt.scale)[0], tt.want, 1e-6)
		})
	}

	doubles := opstest.Node(t, norm.Ops, one, 17, of(t, []float64{1e9, 1e9 + 2}, 1, 2), of(t, []float64{1, 1}, 2))
	expect(t, doubles[0], of(t, []float64{-1, 1}, 1, 2), 1e-12)
	half := opstest.Node(t, norm.Ops, one, 17, of(t, []tensor.F16{tensor.F16From(4), tensor.F16From(-4)}, 1, 2), of(t, []tensor.F16{tensor.F16From(1), tensor.F16From(1)}, 2))
	expect(t, half[0], of(t, []tensor.F16{tensor.F16From(1), tensor.F16From(-1)}, 1, 2), 0)
	empty := opstest.Node(t, norm.Ops, one, 17, of(t, []float32{}, 0, 2), of(t, []float32{1, 1}, 2))
	expect(t, empty[0], of(t, []float32{}, 0, 2), 0)
}

func TestBatchNormalization(t *testing.T) {
	x := of(t, []float32{1, 3, 5, 7, 2, 4, 6, 8}, 2, 2, 2)
	scale, bias := of(t, []float32{1, 2}, 2), of(t, []float32{0, 1}, 2)
	mean, variance := of(t, []float32{1, 2}, 2), of(t, []float32{4, 16}, 2)
	attrs := []*onnx.Attribute{opstest.Float("epsilon", 0), opstest.Float("momentum", 0.75)}
	node := opstest.NewNode("BatchNormalization", "", 5, 1, attrs...)
	want := of(t, []float32{0, 1, 2.5, 3.5, 0.5, 1.5, 3, 4}, 2, 2, 2)
	for _, opset := range []int{7, 9, 14, 15} {
		out := opstest.Node(t, norm.Ops, node, opset, x, scale, bias, mean, variance)
		expect(t, out[0], want, 1e-6)
	}

	// Channels hold (1 3 2 4) and (5 7 6 8): means 2.5 and 6.5, variances 1.25.
	d := float32(math.Sqrt(1.25))
	trained := of(t, []float32{-1.5 / d, 0.5 / d, -3/d + 1, 1/d + 1, -0.5 / d, 1.5 / d, -1/d + 1, 3/d + 1}, 2, 2, 2)
	runningMean, runningVar := of(t, []float32{1.375, 3.125}, 2), of(t, []float32{3.3125, 12.3125}, 2)
	training := opstest.NewNode("BatchNormalization", "", 5, 3, append(attrs, opstest.Int("training_mode", 1))...)
	out := opstest.Node(t, norm.Ops, training, 15, x, scale, bias, mean, variance)
	expect(t, out[0], trained, 1e-6)
	expect(t, out[1], runningMean, 1e-6)
	expect(t, out[2], runningVar, 1e-6)

	old := opstest.NewNode("BatchNormalization", "", 5, 5, attrs...)
	out = opstest.Node(t, norm.Ops, old, 9, x, scale, bias, mean, variance)
	expect(t, out[0], trained, 1e-6)
	expect(t, out[2], runningVar, 1e-6)
	expect(t, out[3], of(t, []float32{2.5, 6.5}, 2), 1e-6)
	expect(t, out[4], of(t, []float32{1.25, 1.25}, 2), 1e-6)

	// spatial = 0: a mean for each of the four elements of an image
	each := opstest.NewNode("BatchNormalization", "", 5, 1, append(attrs, opstest.Int("spatial", 0))...)
	ones := of(t, []float32{1, 1, 1, 1}, 2, 2)
	out = opstest.Node(t, norm.Ops, each, 7, x, ones, of(t, make([]float32, 4), 2, 2), of(t, []float32{1, 3, 5, 7}, 2, 2), ones)
	expect(t, out[0], of(t, []float32{0, 0, 0, 0, 1, 1, 1, 1}, 2, 2, 2), 1e-6)
}

func TestGroupNormalization18(t *testing.T) {
	node := opstest.NewNode("GroupNormalization", "", 3, 1, opstest.Float("epsilon", 0), opstest.Int("num_groups", 2))
	x := of(t, []float32{1, -1, 2, -2}, 1, 4, 1)
	out := opstest.Node(t, norm.Ops, node, 18, x, of(t, []float32{1, 3}, 2), of(t, []float32{0, 1}, 2))
	expect(t, out[0], of(t, []float32{1, -1, 4, -2}, 1, 4, 1), 1e-6)
}

func TestLpNormalization(t *testing.T) {
	x := of(t, []float64{3, -4, 0, 0}, 2, 2)
	nan := math.NaN()
	for order, want := range map[int64][]float64{1: {3. / 7, -4. / 7, nan, nan}, 2: {0.6, -0.8, nan, nan}} {
		out := opstest.Node(t, norm.Ops, opstest.NewNode("LpNormalization", "", 1, 1, opstest.Int("p", order)), 1, x)
		expect(t, out[0], of(t, want, 2, 2), 1e-12)
	}
}

func TestErrors(t *testing.T) {
	x, two, three := of(t, []float32{1, 2, 3, 4}, 2, 2), of(t, []float32{1, 1}, 2), of(t, []float32{1, 1, 1}, 3)
	tests := []struct {
		name   string
		node   *onnx.Node
		inputs []tensor.Value
		want   string
	}{
		{"axis", opstest.NewNode("LayerNormalization", "", 2, 1, opstest.Int("axis", 2)), []tensor.Value{x, two}, "axis 2 is out of range for rank 2"},
		{"scale", opstest.NewNode("LayerNormalization", "", 2, 1), []tensor.Value{x, three}, "shape [3] does not broadcast to [2]"},
		{"stash type", opstest.NewNode("LayerNormalization", "", 2, 1, opstest.Int("stash_type", 7)), []tensor.Value{x, two}, "expected float32 or bfloat16"},
		{"rms scale", opstest.NewNode("RMSNormalization", "", 2, 1), []tensor.Value{x, three}, "does not broadcast"},
		{"channels", opstest.NewNode("BatchNormalization", "", 5, 1), []tensor.Value{x, three, two, two, two}, "scale has 3 values, expected 2"},
		{"vector", opstest.NewNode("InstanceNormalization", "", 3, 1), []tensor.Value{two, two, two}, "rank 1, expected at least 2"},
		{"groups", opstest.NewNode("GroupNormalization", "", 3, 1, opstest.Int("num_groups", 3)), []tensor.Value{x, two, two}, "2 channels do not divide into 3 groups"},
		{"no groups", opstest.NewNode("GroupNormalization", "", 3, 1), []tensor.Value{x, two, two}, "expected at least 1"},
		{"order", opstest.NewNode("LpNormalization", "", 1, 1, opstest.Int("p", 3)), []tensor.Value{x}, "expected 1 or 2"},
		{"lp axis", opstest.NewNode("LpNormalization", "", 1, 1, opstest.Int("axis", -3)), []tensor.Value{x}, "axis -3 is out of range"},
		{"size", opstest.NewNode("LRN", "", 1, 1), []tensor.Value{x}, "expected at least 1"},
		{"axes", opstest.NewNode("MeanVarianceNormalization", "", 1, 1), []tensor.Value{x}, "axis 2 is out of range"},
		{"integers", opstest.NewNode("LpNormalization", "", 1, 1), []tensor.Value{of(t, []int32{1}, 1)}, "expected a floating-point type"},
	}
	for _, tt := range tests {
		_, err := opstest.Try(norm.Ops, tt.node, 23, tt.inputs...)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, expected one with %q", tt.name, err, tt.want)
		}
	}
}
