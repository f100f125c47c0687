package loss_test

import (
	"math"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/loss"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func shaped[T tensor.Element](t *testing.T, v []T, shape ...int) *tensor.Tensor {
	t.Helper()
	x, err := tensor.FromSlice(v, shape...)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Three predictions of two classes; the last is to be ignored.
func TestNegativeLogLikelihood(t *testing.T) {
	x := shaped(t, []float32{-1, -2, -3, -4, -5, -6}, 3, 2)
	target, weight := tensor.Vector[int32](1, 0, -1), tensor.Vector[float32](10, 100)
	for _, c := range []struct {
		reduction string
		want      *tensor.Tensor
	}{
		{"none", tensor.Vector[float32](200, 30, 0)},
		{"sum", tensor.Scalar[float32](230)},
		{"mean", tensor.Scalar[float32](230.0 / 110)},
	} {
		node := opstest.NewNode("NegativeLogLikelihoodLoss", "", 3, 1, opstest.Str("reduction", c.reduction), opstest.Int("ignore_index", -1))
		out := opstest.Node(t, loss.Ops, node, 13, x, target, weight)
		if err := tensor.AllClose(out[0], c.want, 1e-6, 0); err != nil {
			t.Errorf("%s: %v", c.reduction, err)
		}
	}
}

// Equal scores: each of two classes has probability ½. In float16, whose
// logarithm of ½ is -0.6934.
func TestCrossEntropy(t *testing.T) {
	x := shaped(t, []tensor.F16{0x3c00, 0x3c00}, 1, 2)
	node := opstest.NewNode("SoftmaxCrossEntropyLoss", "", 2, 2)
	out := opstest.Node(t, loss.Ops, node, 13, x, tensor.Vector[int64](0))
	half := tensor.F16From(float32(math.Ln2))
	if err := tensor.AllClose(out[0], tensor.Scalar(half), 0, 0); err != nil {
		t.Error(err)
	}
	if err := tensor.AllClose(out[1], shaped(t, []tensor.F16{half | 0x8000, half | 0x8000}, 1, 2), 0, 0); err != nil {
		t.Error(err)
	}
}

func TestErrors(t *testing.T) {
	x := shaped(t, make([]float32, 6), 3, 2)
	for _, c := range []struct {
		op    string
		attrs []*onnx.Attribute
		in    []tensor.Value
		want  string
	}{
		{"NegativeLogLikelihoodLoss", nil, []tensor.Value{x, tensor.Vector[int64](0, 2, 1)}, "target 2 at element 1 is no class below 2"},
		{"NegativeLogLikelihoodLoss", nil, []tensor.Value{x, tensor.Vector[int64](0, -1, 1)}, "target -1"},
		{"NegativeLogLikelihoodLoss", nil, []tensor.Value{x, tensor.Vector[int64](0, 1)}, "expected [3]"},
		{"NegativeLogLikelihoodLoss", nil, []tensor.Value{x, tensor.Vector[int64](0, 1, 1), tensor.Vector[float32](1)}, "expected float32[2]"},
		{"SoftmaxCrossEntropyLoss", nil, []tensor.Value{tensor.Vector[float32](1), tensor.Vector[int64](0)}, "expected at least [N,C]"},
		{"SoftmaxCrossEntropyLoss", []*onnx.Attribute{opstest.Str("reduction", "max")}, []tensor.Value{x, tensor.Vector[int64](0, 1, 1)}, `"max"`},
	} {
		_, err := opstest.Try(loss.Ops, opstest.NewNode(c.op, "", len(c.in), 1, c.attrs...), 13, c.in...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.op, err, c.want)
		}
	}
}
