package runtime_test

import (
	"context"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// skewed is an engine that gets one value wrong, wherever it is given out.
type skewed struct {
	runtime.Engine
	value string
}

func (e skewed) Open(ctx context.Context, m *onnx.Model, opts runtime.Options) (runtime.Session, error) {
	s, err := e.Engine.Open(ctx, m, opts)
	return skewedSession{s, e.value}, err
}

type skewedSession struct {
	runtime.Session
	value string
}

func (s skewedSession) Run(ctx context.Context, in map[string]tensor.Value) (map[string]tensor.Value, error) {
	out, err := s.Session.Run(ctx, in)
	if t, ok := out[s.value].(*tensor.Tensor); ok {
		data, err := tensor.Data[float32](t)
		if err != nil {
			return nil, err
		}
		data[0]++
	}
	return out, err
}

func TestCompare(t *testing.T) {
	m, err := onnxtext.Parse(`<ir_version: 8, opset_import: ["": 13]>
g (float[2] x) => (float[2] z) { a = Neg(x) [middle] b = Abs(a) z = Sqrt(b) }`)
	if err != nil {
		t.Fatal(err)
	}
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	inputs := map[string]tensor.Value{"x": tensor.Vector[float32](1, -4)}
	for _, tt := range []struct {
		wrong, says string
		values      int
	}{
		{"", "", 4}, // three nodes and the output of the model
		{"b", `node "middle" (Abs, opset 13), output "b"`, 2},
		{"z", `output "z"`, 3},
	} {
		c, err := runtime.Compare(t.Context(), m, skewed{e, tt.wrong}, e, inputs, runtime.Options{}, runtime.DefaultTolerance())
		if err != nil {
			t.Fatal(err)
		}
		if (c.First == nil) != (tt.says == "") || c.Values != tt.values {
			t.Errorf("with %q wrong, %d values and %v; want %d", tt.wrong, c.Values, c.First, tt.values)
		}
		if c.First != nil && !strings.Contains(c.First.String(), tt.says) {
			t.Errorf("with %q wrong: %v, want %s", tt.wrong, c.First, tt.says)
		}
	}
}
