//go:build gorgonia

package gorgonia_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/gorgonia"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// digits is a small classifier of the kind that onnx-go was made for.
const digits = `<ir_version: 8, opset_import: ["": 13]>
digits (float[1,1,8,8] picture) => (float[1,3] scores)
<float[2,1,3,3] kernel = {0.1, -0.2, 0.3, 0.4, 0.5, -0.6, 0.7, 0.8, -0.9, 0.9, 0.8, 0.7, -0.6, 0.5, 0.4, -0.3, 0.2, 0.1},
 float[2] shift = {0.5, -0.25}, int64[2] flat = {1, 32},
 float[3] bias = {0.1, 0.2, -0.3}>
{
   c = Conv<kernel_shape = [3, 3], pads = [1, 1, 1, 1]>(picture, kernel, shift)
   r = Relu(c)
   p = MaxPool<kernel_shape = [2, 2], strides = [2, 2]>(r)
   f = Reshape(p, flat)
   g = Gemm(f, weights, bias)
   scores = Softmax<axis = 1>(g)
}`

// digitsModel adds the weights, which are many.
func digitsModel(t *testing.T) *onnx.Model {
	t.Helper()
	m := parse(t, digits)
	m.Graph.Initializers = append(m.Graph.Initializers, onnx.NewTensor("weights", random(t, 2, 32, 3)))
	return m
}

func parse(t *testing.T, src string) *onnx.Model {
	t.Helper()
	m, err := onnxtext.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func random(t *testing.T, seed uint64, shape ...int) *tensor.Tensor {
	t.Helper()
	v, err := tensor.New(tensor.Float32, shape...)
	if err != nil {
		t.Fatal(err)
	}
	data, err := tensor.Data[float32](v)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	for i := range data {
		data[i] = rng.Float32()*2 - 1
	}
	return v
}

func reference(t *testing.T) runtime.Engine {
	t.Helper()
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestAgreesWithNative(t *testing.T) {
	m := digitsModel(t)
	ref := reference(t)
	c, err := runtime.Compare(t.Context(), m, gorgonia.New(gorgonia.WithReference(ref)), ref,
		map[string]tensor.Value{"picture": random(t, 1, 1, 1, 8, 8)}, runtime.Options{}, runtime.DefaultTolerance())
	if err != nil {
		t.Fatal(err)
	}
	if c.First != nil || c.Values != 7 {
		t.Errorf("compared %d values, differs at %v; want 7 equal ones: six nodes and the model's output", c.Values, c.First)
	}
}

func TestRunsAgain(t *testing.T) {
	e := gorgonia.New(gorgonia.WithReference(reference(t)))
	s, err := e.Open(t.Context(), digitsModel(t), runtime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var first tensor.Value
	for i := range 3 {
		in := random(t, 1, 1, 1, 8, 8)
		before := in.Clone()
		out, err := s.Run(t.Context(), map[string]tensor.Value{"picture": in})
		if err != nil {
			t.Fatal(err)
		}
		if !tensor.Equal(in, before) {
			t.Error("the run changed its input")
		}
		if i == 0 {
			first = out["scores"]
		} else if !tensor.Equal(out["scores"], first) {
			t.Errorf("run %d differs from the first", i+1)
		}
	}
}

// TestRefuses has what onnx-go would compute wrongly, without a word or with a
// panic.
func TestRefuses(t *testing.T) {
	head := `<ir_version: 8, opset_import: ["": 13]>` + "\n"
	tests := []struct{ name, src, says string }{
		{"softmax along the first axis", `g (float[2,3] x) => (float[2,3] y) { y = Softmax<axis = 0>(x) }`, "axis 0"},
		{"softmax of rank 3", `g (float[2,3,4] x) => (float[2,3,4] y) { y = Softmax<axis = 2>(x) }`, "rank 3"},
		{"groups", `g (float[1,2,4,4] x) => (float[1,2,4,4] y) <float[2,1,1,1] w = {1, 2}> { y = Conv<group = 2, kernel_shape = [1, 1]>(x, w) }`, "groups"},
		{"uneven padding", `g (float[1,1,4,4] x) => (float[1,1,4,6] y) <float[1,1,1,1] w = {1}> { y = Conv<kernel_shape = [1, 1], pads = [0, 1, 0, 1]>(x, w) }`, "pads"},
		{"guessed broadcast", `g (float[3,3] x) => (float[3,3] y) <float[3] b = {1, 2, 3}> { y = Add(x, b) }`, "ranks 2 and 1"},
		{"unknown operator", `g (float[2] x) => (float[2] y) { y = Erf(x) }`, "Erf"},
		{"overwritten input", `g (float[2] x) => (float[2] y) { y = LeakyRelu(x) }`, "overwrite"},
		{"other types", `g (double[2] x) => (double[2] y) { y = Relu(x) }`, "expected float32"},
	}
	e := gorgonia.New(gorgonia.WithReference(reference(t)))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := e.Open(t.Context(), parse(t, head+tt.src), runtime.Options{})
			if unsupported := new(runtime.UnsupportedError); !errors.As(err, &unsupported) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("Open = %v, want an UnsupportedError that says %q", err, tt.says)
			}
		})
	}
}

// liar is an engine that computes something else.
type liar struct{ runtime.Engine }

func (l liar) Open(ctx context.Context, m *onnx.Model, opts runtime.Options) (runtime.Session, error) {
	s, err := l.Engine.Open(ctx, m, opts)
	return lyingSession{s}, err
}

type lyingSession struct{ runtime.Session }

func (s lyingSession) Run(ctx context.Context, in map[string]tensor.Value) (map[string]tensor.Value, error) {
	out, err := s.Session.Run(ctx, in)
	for _, v := range out {
		if data, err := tensor.Data[float32](v.(*tensor.Tensor)); err == nil {
			data[0]++
		}
	}
	return out, err
}

func TestFirstRunIsVerified(t *testing.T) {
	s, err := gorgonia.New(gorgonia.WithReference(liar{reference(t)})).Open(t.Context(), digitsModel(t), runtime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for range 2 { // it stays refused
		_, err = s.Run(t.Context(), map[string]tensor.Value{"picture": random(t, 1, 1, 1, 8, 8)})
		if err == nil || !strings.Contains(err.Error(), "wrong") {
			t.Errorf("Run against another reference = %v, want that the result is wrong", err)
		}
	}
}

func TestNeedsReference(t *testing.T) {
	if _, err := gorgonia.New().Open(t.Context(), digitsModel(t), runtime.Options{}); err == nil || !strings.Contains(err.Error(), "WithReference") {
		t.Errorf("Open without a reference = %v, want an error that says how to give one", err)
	}
}
