package step_test

import (
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/loss"
	"github.com/seed6700ada1/infer/finetune/optim"
	"github.com/seed6700ada1/infer/finetune/step"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/ort"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// scalar is a model with one weight: y = w·x.
const scalar = `<ir_version: 8, opset_import: ["": 17]>
g (float[n,1] x) => (float[n,1] y) <float[1,1] w = {2}> { y = MatMul(x, w) }`

// half is the loss ½·mean (y − target)².
func half(b *emit.Builder) string {
	target := b.Input("target", tensor.Float32, onnx.Symbol("n"), onnx.Known(1))
	return b.Scale(b.ReduceMean(b.Square(b.Sub("y", target)), nil, false), 0.5)
}

// TestOptimizers makes two steps from w = 2 with x = 1 and target 0, so that the
// gradient is w itself, by a rate of 0.1. Expected values are worked out by hand.
func TestOptimizers(t *testing.T) {
	for _, tt := range []struct {
		o    *optim.Optimizer
		want [2]float64
	}{
		// w − 0.1·w
		{optim.SGD(0), [2]float64{1.8, 1.62}},
		// the gradient is w + 0.5·w
		{optim.SGD(0.5), [2]float64{1.7, 1.445}},
		// v = 2, w = 1.8; v = 0.9·2 + 1.8 = 3.6, w = 1.8 − 0.36
		{optim.Momentum(0.9, 0), [2]float64{1.8, 1.44}},
		// 2 − 0.1·(2 + 0.9·2) = 1.62; v = 1.8 + 1.62 = 3.42, 1.62 − 0.1·(1.62 + 3.078)
		{optim.Nesterov(0.9, 0), [2]float64{1.62, 1.1502}},
		// The first step of Adam is rate·sign(g). Then m = 0.19 + 0.18 = 0.37 and
		// v = 0.00399601+0.00361 …: m̂ = (0.9·0.2 + 0.1·1.9)/0.19, v̂ = (0.999·0.004 + 0.001·3.61)/0.001999
		{optim.Adam(0.9, 0.999, 1e-8, 0), [2]float64{1.9, 1.9 - 0.1*(0.37/0.19)/math.Sqrt((0.999*0.004+0.001*3.61)/0.001999)}},
		// Beforehand, 0.1·0.5 of w is taken off: 1.9 − 0.1 = 1.8; then 0.95·1.8 = 1.71
		{optim.AdamW(0.9, 0.999, 1e-8, 0.5), [2]float64{1.8, 1.71 - 0.1*((0.9*0.2+0.1*1.8)/0.19)/math.Sqrt((0.999*0.004+0.001*3.24)/0.001999)}},
		// v = 0.01·4, g/√v = 10: 2 − 1; v = 0.99·0.04 + 0.01·1
		{optim.RMSProp(0.99, 0, 0), [2]float64{1, 1 - 0.1/math.Sqrt(0.0396+0.01)}},
		// g/√g² = 1; then 1.9/√(4 + 3.61)
		{optim.Adagrad(0, 0), [2]float64{1.9, 1.9 - 0.19/math.Sqrt(7.61)}},
		{optim.Lion(0.9, 0.99, 0), [2]float64{1.9, 1.8}},
	} {
		t.Run(tt.o.Name, func(t *testing.T) {
			s := build(t, scalar, step.Config{Loss: half, Trainable: []string{"w"}, Optimizer: tt.o})
			one, _ := tensor.FromSlice([]float32{1}, 1, 1)
			zero, _ := tensor.FromSlice([]float32{0}, 1, 1)
			e, err := native.New()
			if err != nil {
				t.Fatal(err)
			}
			states := run(t, e, s, 2, 0.1, func(int) map[string]tensor.Value { return map[string]tensor.Value{"x": one, "target": zero} })
			for i, want := range tt.want {
				got, err := tensor.Float64s(states[i]["w"].(*tensor.Tensor))
				if err != nil {
					t.Fatal(err)
				}
				if math.Abs(got[0]-want) > 1e-6 {
					t.Errorf("after %d steps: %v, want %v", i+1, got[0], want)
				}
			}
		})
	}
}

func TestClipping(t *testing.T) {
	s := build(t, scalar, step.Config{Loss: half, Trainable: []string{"w"}, Optimizer: optim.SGD(0), Clip: 0.5})
	one, _ := tensor.FromSlice([]float32{1}, 1, 1)
	zero, _ := tensor.FromSlice([]float32{0}, 1, 1)
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	out := run(t, e, s, 1, 1, func(int) map[string]tensor.Value { return map[string]tensor.Value{"x": one, "target": zero} })[0]
	if got, _ := tensor.Data[float32](out["w"].(*tensor.Tensor)); got[0] != 1.5 {
		t.Errorf("w is %v, want 2 − 0.5", got)
	}
}

func build(t *testing.T, src string, cfg step.Config) *step.Step {
	t.Helper()
	m, err := onnxtext.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	s, err := step.Build(m, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// run makes steps and returns what goes from step to step after each, and the
// loss under its name.
func run(t *testing.T, e runtime.Engine, s *step.Step, steps int, rate float32, batch func(int) map[string]tensor.Value) []map[string]tensor.Value {
	t.Helper()
	session, err := e.Open(t.Context(), s.Model, runtime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	state := map[string]tensor.Value{}
	slots := append(append([]step.Slot{}, s.Params...), s.State...)
	for _, slot := range slots {
		state[slot.In] = slot.Init
	}
	var list []map[string]tensor.Value
	for i := range steps {
		inputs := batch(i)
		inputs[step.Rate] = tensor.Scalar(rate)
		maps.Copy(inputs, state)
		out, err := session.Run(t.Context(), inputs)
		if err != nil {
			t.Fatal(err)
		}
		state = map[string]tensor.Value{}
		for _, slot := range slots {
			state[slot.In] = out[slot.Out]
		}
		list = append(list, map[string]tensor.Value{step.Loss: out[step.Loss]})
		maps.Copy(list[i], state)
	}
	return list
}

// convolutional is a small network of pictures.
const convolutional = `<ir_version: 8, opset_import: ["": 18]>
g (float[n,1,6,6] x) => (float[n,3] logits)
{
  a = Conv<pads = [1, 1, 1, 1]>(x, w1, b1)
  r = Relu(a)
  p = MaxPool<kernel_shape = [3, 3], strides = [3, 3]>(r)
  f = Flatten(p)
  logits = MatMul(f, w2)
}`

// TestStockRuntime makes 20 steps of a network with ONNX Runtime and with the
// project's own engine, from a file that was exported.
func TestStockRuntime(t *testing.T) {
	lib := os.Getenv("INFER_ORT_LIB")
	if lib == "" {
		t.Skip("INFER_ORT_LIB names no library of ONNX Runtime")
	}
	m, err := onnxtext.Parse(convolutional)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	fill := func(shape ...int) *tensor.Tensor {
		v, err := tensor.New(tensor.Float32, shape...)
		if err != nil {
			t.Fatal(err)
		}
		data, _ := tensor.Data[float32](v)
		for i := range data {
			data[i] = random.Float32() - 0.5
		}
		return v
	}
	for name, shape := range map[string][]int{"w1": {4, 1, 3, 3}, "b1": {4}, "w2": {16, 3}} {
		m.Graph.Initializers = append(m.Graph.Initializers, onnx.NewTensor(name, fill(shape...)))
	}
	m.Graph.ValueInfo = nil
	s, err := step.Build(m, step.Config{
		Trainable: []string{"w1", "b1", "w2"}, Optimizer: optim.AdamW(0.9, 0.999, 1e-8, 0.01), Clip: 1,
		Loss: func(b *emit.Builder) string {
			return loss.CrossEntropy{Smoothing: 0.1}.Of(b, "logits", b.Input("labels", tensor.Int64, onnx.Symbol("n")), "")
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "step.onnx")
	if err := s.Export(path, nil); err != nil {
		t.Fatal(err)
	}
	exported, err := onnx.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer exported.Close()
	x, labels := fill(8, 1, 6, 6), tensor.Vector[int64](0, 1, 2, 0, 1, 2, 0, 1)
	batch := func(int) map[string]tensor.Value { return map[string]tensor.Value{"x": x, "labels": labels} }
	own, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	stock := &step.Step{Model: exported, Params: s.Params, State: s.State}
	const steps = 20
	want := run(t, ort.New(ort.WithLibrary(lib)), stock, steps, 0.01, batch)
	got := run(t, own, s, steps, 0.01, batch)
	for i := range steps {
		for name, v := range want[i] {
			if err := tensor.AllClose(got[i][name], v, 1e-4, 1e-5); err != nil {
				t.Fatalf("step %d: %s: %v", i+1, name, err)
			}
		}
	}
}
