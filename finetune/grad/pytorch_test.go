package grad_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/seed6700ada1/infer/finetune/grad"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// TestPyTorch compares gradients in float32 with those that PyTorch computes in
// float64: testdata/gen/gradients.py at the root of the module.
func TestPyTorch(t *testing.T) {
	var file struct {
		Cases []pytorchCase `json:"cases"`
	}
	text, err := os.ReadFile("testdata/pytorch.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) { c.check(t, e) })
	}
}

type pytorchCase struct {
	Name      string      `json:"name"`
	Opset     int         `json:"opset"`
	Graph     string      `json:"graph"`
	Positive  bool        `json:"positive"`
	Loss      float64     `json:"loss"`
	Gradients [][]float64 `json:"gradients"`
}

func (c pytorchCase) check(t *testing.T, e *native.Engine) {
	t.Helper()
	m, err := onnxtext.Parse(fmt.Sprintf(`<ir_version: 10, opset_import: ["": %d]> g %s`, c.Opset, c.Graph))
	if err != nil {
		t.Fatal(err)
	}
	inputs := map[string]tensor.Value{}
	var wrt []string
	for _, in := range m.Graph.Inputs {
		if m.Graph.Initializer(in.Name) != nil {
			continue
		}
		shape := make([]int, len(in.Type.Shape.Dims))
		for i, d := range in.Type.Shape.Dims {
			shape[i] = int(d.Value)
		}
		inputs[in.Name] = wave(t, shape, func(i int) float64 {
			v := math.Sin(1.7*float64(i) + float64(len(wrt)))
			if c.Positive {
				v = 1 + 0.8*v
			}
			return v
		})
		wrt = append(wrt, in.Name)
	}
	b, err := grad.Expand(m, "", wrt)
	if err != nil {
		t.Fatal(err)
	}
	y := m.Graph.Outputs[0].Name
	sample := run(t, e, m, inputs)[y].(*tensor.Tensor)
	weights := b.Initializer("weights", wave(t, sample.Shape(), func(j int) float64 { return math.Cos(0.9 * float64(j)) }))
	loss := b.ReduceSum(b.Mul(y, weights), nil, false)
	gradients, err := grad.Backward(b, loss, wrt)
	if err != nil {
		t.Fatal(err)
	}
	b.Model().Graph.Outputs = nil
	for i, g := range gradients {
		b.Output(fmt.Sprint("gradient", i), g)
	}
	if err := b.Err(); err != nil {
		t.Fatal(err)
	}
	out := run(t, e, b.Model(), inputs)
	for i, want := range c.Gradients {
		got, err := tensor.Float64s(out[fmt.Sprint("gradient", i)].(*tensor.Tensor))
		if err != nil || len(got) != len(want) {
			t.Fatalf("%s: %d elements, want %d (%v)", wrt[i], len(got), len(want), err)
		}
		largest := 0.0
		for _, v := range want {
			largest = max(largest, math.Abs(v))
		}
		for k, v := range want {
			if !(math.Abs(got[k]-v) <= 1e-5*largest) {
				t.Errorf("%s: element %d is %v, PyTorch has %v", wrt[i], k, got[k], v)
			}
		}
	}
}

func wave(t *testing.T, shape []int, f func(i int) float64) *tensor.Tensor {
	t.Helper()
	v, err := tensor.New(tensor.Float32, shape...)
	if err != nil {
		t.Fatal(err)
	}
	data, err := tensor.Data[float32](v)
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		data[i] = float32(f(i))
	}
	return v
}

func run(t *testing.T, e *native.Engine, m *onnx.Model, inputs map[string]tensor.Value) map[string]tensor.Value {
	t.Helper()
	s, err := e.Open(t.Context(), m, runtime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out, err := s.Run(t.Context(), inputs)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
