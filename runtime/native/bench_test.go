package native_test

import (
	"math/rand/v2"
	"testing"

	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// BenchmarkModels times published models on one thread; with -cpuprofile it
// shows where the time goes.
func BenchmarkModels(b *testing.B) {
	for _, m := range []struct {
		name, path string
		open       int // the size of dimensions that the model leaves open
	}{
		{"RFB-320", "models/face-detect/ultralight/version-RFB-320.onnx", 0},
		{"YuNet-n-320", "models/face-detect/yunet/yunet_n_320_320.onnx", 0},
		{"MobileFaceNet", "models/face-embed/MobileFaceNet_foamliu.onnx", 0},
		{"MiniLM", "models/language/all-MiniLM-L6-v2/model.onnx", 128},
		{"MiniLM-int8", "models/language/all-MiniLM-L6-v2/model_int8.onnx", 128},
		{"Magika", "models/files/magika_v3_3/model.onnx", 1},
	} {
		b.Run(m.name, func(b *testing.B) {
			s := openShared(b, m.path, 1)
			inputs := map[string]tensor.Value{}
			for _, in := range s.Inputs() {
				if !in.Optional {
					inputs[in.Name] = randomInput(b, in, m.open)
				}
			}
			benchmarkRun(b, s, inputs)
		})
	}
	b.Run("Silero", func(b *testing.B) {
		s := openShared(b, "models/speech/silero_vad.onnx", 1)
		r := rand.New(rand.NewPCG(1, 2))
		benchmarkRun(b, s, map[string]tensor.Value{
			"input": floats(r, -1, 1, 1, 576), "state": floats(r, -1, 1, 2, 1, 128), "sr": tensor.Scalar[int64](16000),
		})
	})
}

// openShared opens a published model.
func openShared(tb testing.TB, path string, threads int) runtime.Session {
	tb.Helper()
	model, err := onnx.Open(fixture.Shared(tb, path))
	if err != nil {
		tb.Fatal(err)
	}
	e, err := native.New()
	if err != nil {
		tb.Fatal(err)
	}
	s, err := e.Open(tb.Context(), model, runtime.Options{Threads: threads})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// benchmarkRun times one run.
func benchmarkRun(b *testing.B, s runtime.Session, inputs map[string]tensor.Value) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Run(b.Context(), inputs); err != nil {
			b.Fatal(err)
		}
	}
}

// randomInput fills an input: floats from 0 to 1, integers 0 or 1. Of the
// dimensions that are open, the first is 1.
func randomInput(tb testing.TB, spec runtime.ValueSpec, open int) tensor.Value {
	tb.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	shape := make([]int, len(spec.Type.Shape.Dims))
	for i, d := range spec.Type.Shape.Dims {
		switch {
		case d.IsKnown():
			shape[i] = int(d.Value)
		case i == 0:
			shape[i] = 1
		default:
			shape[i] = open
		}
	}
	t, err := tensor.New(spec.Type.DType, shape...)
	if err != nil {
		tb.Fatal(err)
	}
	switch t.DType() {
	case tensor.Int64:
		data, _ := tensor.Data[int64](t)
		for i := range data {
			data[i] = r.Int64N(2)
		}
	case tensor.Int32:
		data, _ := tensor.Data[int32](t)
		for i := range data {
			data[i] = r.Int32N(2)
		}
	default:
		data, err := tensor.Data[float32](t)
		if err != nil {
			tb.Fatal(err)
		}
		for i := range data {
			data[i] = r.Float32()
		}
	}
	return t
}
