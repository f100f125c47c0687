package loss_test

import (
	"math"
	"testing"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/loss"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// value is the loss of the logits (0, ln 3) and (0, 0) for the classes 1 and 0,
// whose probabilities are ¾ and ½.
func value(t *testing.T, add func(b *emit.Builder, logits, labels string) string) float64 {
	t.Helper()
	m, err := onnxtext.Parse(`<ir_version: 8, opset_import: ["": 17]>
g (float[2,2] x, int64[2] labels) => () { logits = Identity(x) }`)
	if err != nil {
		t.Fatal(err)
	}
	b, err := emit.New(m)
	if err != nil {
		t.Fatal(err)
	}
	b.Output("loss", add(b, "logits", "labels"))
	if err := b.Err(); err != nil {
		t.Fatal(err)
	}
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.Open(t.Context(), m, runtime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	x, _ := tensor.FromSlice([]float32{0, float32(math.Log(3)), 0, 0}, 2, 2)
	out, err := s.Run(t.Context(), map[string]tensor.Value{"x": x, "labels": tensor.Vector[int64](1, 0)})
	if err != nil {
		t.Fatal(err)
	}
	v, err := tensor.Float64s(out["loss"].(*tensor.Tensor))
	if err != nil {
		t.Fatal(err)
	}
	return v[0]
}

func TestCrossEntropy(t *testing.T) {
	first, second, other := -math.Log(0.75), -math.Log(0.5), -math.Log(0.25)
	for _, tt := range []struct {
		name    string
		l       loss.CrossEntropy
		weights []float64
		want    float64
	}{
		{"plain", loss.CrossEntropy{}, nil, (first + second) / 2},
		// 0.8 of the target and 0.1 of each class
		{"smoothing", loss.CrossEntropy{Smoothing: 0.2}, nil, (0.9*first + 0.1*other + second) / 2},
		{"class weights", loss.CrossEntropy{ClassWeights: []float64{3, 1}}, nil, (first + 3*second) / 4},
		{"weights", loss.CrossEntropy{}, []float64{1, 0}, first},
		{"nothing counts", loss.CrossEntropy{}, []float64{0, 0}, 0},
	} {
		got := value(t, func(b *emit.Builder, logits, labels string) string {
			weights := ""
			if tt.weights != nil {
				weights = b.Initializer("w", tensor.Vector(tt.weights...))
			}
			return tt.l.Of(b, logits, labels, weights)
		})
		if math.Abs(got-tt.want) > 1e-6 {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
