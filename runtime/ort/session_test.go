//go:build cgo

package ort_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	goruntime "runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/ort"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// engine is ONNX Runtime, where it is; else the test is skipped.
func engine(tb testing.TB) *ort.Engine {
	tb.Helper()
	e := ort.New()
	if err := e.Available(); err != nil {
		tb.Skip(err)
	}
	return e
}

func open(tb testing.TB, src string, opts runtime.Options) runtime.Session {
	tb.Helper()
	e := engine(tb)
	m, err := onnxtext.Parse(src)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := e.Open(tb.Context(), m, opts)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func run(tb testing.TB, s runtime.Session, inputs map[string]tensor.Value) map[string]tensor.Value {
	tb.Helper()
	out, err := s.Run(tb.Context(), inputs)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

const head = `<ir_version: 8, opset_import: ["": 18]>` + "\n"

// must makes tensors in tables short.
func must[T tensor.Value](v T, err error) tensor.Value {
	if err != nil {
		panic(err)
	}
	return v
}

func TestValuesCross(t *testing.T) {
	f16 := []tensor.F16{tensor.F16From(1.5), tensor.F16From(-65504), tensor.F16From(float32(math.Inf(1)))}
	bf16 := []tensor.BF16{tensor.BF16From(1.5), tensor.BF16From(-3e38), tensor.BF16From(0x1p-130)}
	values := []tensor.Value{
		must(tensor.FromSlice([]float32{1, 2, 3, 4}, 2, 2)),
		must(tensor.FromSlice([]float64{1, 2}, 2)),
		must(tensor.FromSlice([]int64{math.MinInt64, math.MaxInt64}, 1, 2)),
		must(tensor.FromSlice([]uint8{0, 255}, 2)),
		must(tensor.FromSlice([]bool{true, false, true}, 3)),
		must(tensor.FromSlice([]string{"", "a", "ü\n"}, 3)),
		must(tensor.FromSlice(f16, 3)),
		must(tensor.FromSlice(bf16, 3)),
		must(tensor.FromSlice([]tensor.F8E4M3FN{1, 0x7e, 0x80}, 3)),
		must(tensor.Pack(tensor.Int4, []int8{-8, 7, 1}, 3)),
		must(tensor.Pack(tensor.Uint4, []int8{15, 0, 1}, 3)),
		tensor.Scalar(float32(7)),
		tensor.Scalar("seven"),
		tensor.Scalar(tensor.F16From(7)),
		tensor.Scalar(int64(-7)),
		must(tensor.New(tensor.Float32, 0, 3)),
		must(tensor.New(tensor.Float16, 2, 0)),
		must(tensor.New(tensor.String, 0)),
	}
	for _, v := range values {
		v := v.(*tensor.Tensor)
		for _, declared := range []string{"known shape", "unknown rank"} {
			t.Run(v.String()+" of "+declared, func(t *testing.T) {
				typ := &onnx.Type{Kind: onnx.TypeTensor, DType: v.DType()}
				if declared == "known shape" {
					typ.Shape = &onnx.Shape{}
					for _, d := range v.Shape() {
						typ.Shape.Dims = append(typ.Shape.Dims, onnx.Known(d))
					}
				}
				m := &onnx.Model{IRVersion: 10, Opsets: []onnx.OpsetID{{Version: 21}}, Graph: &onnx.Graph{
					Name:    "identity",
					Nodes:   []*onnx.Node{{OpType: "Identity", Inputs: []string{"x"}, Outputs: []string{"y"}}},
					Inputs:  []*onnx.ValueInfo{{Name: "x", Type: typ}},
					Outputs: []*onnx.ValueInfo{{Name: "y", Type: typ}},
				}}
				s, err := engine(t).Open(t.Context(), m, runtime.Options{})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				if got := run(t, s, map[string]tensor.Value{"x": v})["y"]; !tensor.Equal(got, v) {
					t.Errorf("%v came back as %v", v, got)
				}
			})
		}
	}
}

func TestSequencesCross(t *testing.T) {
	s := open(t, head+`g (float[2] x, float[3] y) => (seq(float[n]) z) { z = SequenceConstruct(x, y) }`, runtime.Options{})
	x, y := tensor.Vector[float32](1, 2), tensor.Vector[float32](3, 4, 5)
	got, ok := run(t, s, map[string]tensor.Value{"x": x, "y": y})["z"].(*tensor.Sequence)
	want := &tensor.Sequence{DType: tensor.Float32, Items: []tensor.Value{x, y}}
	if !ok || !tensor.Equal(got, want) || got.DType != tensor.Float32 {
		t.Errorf("got %v, want the two vectors", got)
	}
	back := open(t, head+`g (seq(float[n]) z) => (float[m] y) { y = ConcatFromSequence<axis = 0>(z) }`, runtime.Options{})
	if got := run(t, back, map[string]tensor.Value{"z": want})["y"]; !tensor.Equal(got, tensor.Vector[float32](1, 2, 3, 4, 5)) {
		t.Errorf("got %v, want the two vectors joined", got)
	}
}

func TestNoInputs(t *testing.T) {
	s := open(t, head+`g () => (float[2] y) <float[2] c = {1, 2}> { y = Neg(c) }`, runtime.Options{})
	if len(s.Inputs()) != 0 {
		t.Errorf("inputs are %v, want none", s.Inputs())
	}
	if got := run(t, s, nil)["y"]; !tensor.Equal(got, tensor.Vector[float32](-1, -2)) {
		t.Errorf("y = %v", got)
	}
}

func TestDefaultsCanBeReplaced(t *testing.T) {
	s := open(t, `<ir_version: 3, opset_import: ["": 9]>
g (float[2] x, float[2] w = {2, 3}) => (float[2] y) { y = Mul(x, w) }`, runtime.Options{})
	x := tensor.Vector[float32](1, 1)
	for _, tt := range []struct{ w, want tensor.Value }{
		{nil, tensor.Vector[float32](2, 3)},
		{tensor.Vector[float32](5, 7), tensor.Vector[float32](5, 7)},
		{nil, tensor.Vector[float32](2, 3)},
	} {
		if got := run(t, s, map[string]tensor.Value{"x": x, "w": tt.w})["y"]; !tensor.Equal(got, tt.want) {
			t.Errorf("with w = %v, y = %v, want %v", tt.w, got, tt.want)
		}
	}
}

func TestOutputsMayBeInside(t *testing.T) {
	src := head + `g (float[2] x) => (float z) { a = Neg(x) b = Cast<to = 10>(a) c = Cast<to = 1>(b) z = ReduceMax<keepdims = 0>(c) }`
	s := open(t, src, runtime.Options{Outputs: []string{"b", "z", "x"}})
	out := run(t, s, map[string]tensor.Value{"x": tensor.Vector[float32](1, 2)})
	for name, want := range map[string]tensor.Value{
		"b": tensor.Vector(tensor.F16From(-1), tensor.F16From(-2)),
		"z": tensor.Scalar[float32](-1),
		"x": tensor.Vector[float32](1, 2),
	} {
		if !tensor.Equal(out[name], want) {
			t.Errorf("%s = %v, want %v", name, out[name], want)
		}
	}
	if len(out) != 3 {
		t.Errorf("got %d outputs, want 3", len(out))
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	e := engine(t)
	tests := []struct {
		name, src   string
		opts        runtime.Options
		says        string
		unsupported bool
	}{
		{"unknown operator", head + `g (float[2] x) => (float[2] y) { [odd] y = Unheard(x) }`, runtime.Options{}, `Unheard (opset 18) at "odd"`, true},
		{"opset of the future", `<ir_version: 8, opset_import: ["": 99]> g (float[2] x) => (float[2] y) { y = Relu(x) }`, runtime.Options{}, "opset 99", true},
		{"IR version of the future", `<ir_version: 99, opset_import: ["": 18]> g (float[2] x) => (float[2] y) { y = Relu(x) }`, runtime.Options{}, "IR version 99", true},
		{"unknown output", head + `g (float[2] x) => (float[2] y) { y = Relu(x) }`, runtime.Options{Outputs: []string{"nope"}}, `"nope"`, false},
		{"unknown optimization", head + `g (float[2] x) => (float[2] y) { y = Relu(x) }`, runtime.Options{Disable: []string{"fuse"}}, `"fuse"`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := onnxtext.Parse(tt.src)
			if err != nil {
				t.Fatal(err)
			}
			_, err = e.Open(t.Context(), m, tt.opts)
			unsupported := new(runtime.UnsupportedError)
			if err == nil || !strings.Contains(err.Error(), tt.says) || errors.As(err, &unsupported) != tt.unsupported {
				t.Errorf("Open = %v, want an error that says %q (unsupported: %t)", err, tt.says, tt.unsupported)
			}
		})
	}
}

func TestRunChecksItsInputs(t *testing.T) {
	s := open(t, head+`g (float[2] x) => (float[2] y) { y = Relu(x) }`, runtime.Options{})
	for _, inputs := range []map[string]tensor.Value{
		nil,
		{"x": nil},
		{"z": tensor.Vector[float32](1, 2)},
		{"x": tensor.Vector[float32](1, 2, 3)},
		{"x": tensor.Vector[int32](1, 2)},
	} {
		if _, err := s.Run(t.Context(), inputs); err == nil || strings.Contains(err.Error(), "panic") {
			t.Errorf("Run(%v) = %v, want an error that says what was expected", inputs, err)
		}
	}
}

func TestExternalData(t *testing.T) {
	e := engine(t)
	dir := t.TempDir()
	m, err := onnxtext.Parse(head + `g (float[2] x) => (float[2] y) <float[2] w = {2, 3}> { y = Mul(x, w) }`)
	if err != nil {
		t.Fatal(err)
	}
	w := m.Graph.Initializers[0]
	v, err := w.Value()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "weights.bin"), v.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	m.Graph.Initializers[0] = &onnx.Tensor{
		Name: w.Name, DType: w.DType, Dims: w.Dims, Location: 1,
		External: []onnx.StringPair{{Key: "location", Value: "weights.bin"}},
	}
	data, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "model.onnx")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	fromDisk, err := onnx.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer fromDisk.Close()
	s, err := e.Open(t.Context(), fromDisk, runtime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := run(t, s, map[string]tensor.Value{"x": tensor.Vector[float32](1, 1)})["y"]; !tensor.Equal(got, v) {
		t.Errorf("y = %v, want the weights", got)
	}
}

// TestInputsOutliveTheGarbageCollector collects as fast as it can while inputs
// that nothing in Go refers to any more are read by C.
func TestInputsOutliveTheGarbageCollector(t *testing.T) {
	s := open(t, head+`g (float[64,64] a, float[64,64] b) => (float[64,64] c) { c = MatMul(a, b) }`, runtime.Options{Threads: 1})
	stop := make(chan struct{})
	var collector sync.WaitGroup
	collector.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				goruntime.GC()
			}
		}
	})
	defer collector.Wait()
	defer close(stop)
	filled := func(v float32) tensor.Value {
		data := make([]float32, 64*64)
		for i := range data {
			data[i] = v
		}
		return must(tensor.FromSlice(data, 64, 64))
	}
	want := filled(64 * 2 * 3)
	for i := range 200 {
		if got := run(t, s, map[string]tensor.Value{"a": filled(2), "b": filled(3)})["c"]; !tensor.Equal(got, want) {
			t.Fatalf("run %d gave another result", i)
		}
	}
}

func TestConcurrentRuns(t *testing.T) {
	s := open(t, head+`g (float[n] x) => (float[n] y) { y = Add(x, x) }`, runtime.Options{})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 50 {
				x := make([]float32, 1+(i*7+j)%13)
				for k := range x {
					x[k] = float32(i)
				}
				out, err := s.Run(t.Context(), map[string]tensor.Value{"x": tensor.Vector(x...)})
				if err != nil {
					t.Error(err)
					return
				}
				y, err := tensor.Data[float32](out["y"].(*tensor.Tensor))
				if err != nil || len(y) != len(x) || slices.ContainsFunc(y, func(v float32) bool { return v != 2*float32(i) }) {
					t.Errorf("run gave %v, %v for %v", y, err, x)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestRunEndsWithItsContext(t *testing.T) {
	s := open(t, head+`g (int64 n, float x) => (float y)
{ go = Constant<value = bool {1}>() y = Loop<body = body (int64 i, bool c, float a) => (bool c2, float b) { c2 = Identity(c) b = Add(a, a) }>(n, go, x) }`, runtime.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	inputs := map[string]tensor.Value{"n": tensor.Scalar[int64](math.MaxInt64), "x": tensor.Scalar[float32](1)}
	go func() {
		goruntime.Gosched()
		cancel()
	}()
	if _, err := s.Run(ctx, inputs); !errors.Is(err, context.Canceled) {
		t.Errorf("Run of an endless loop = %v, want that its context was canceled", err)
	}
}

func TestClosed(t *testing.T) {
	e := engine(t)
	m, err := onnxtext.Parse(head + `g (float[2] x) => (float[2] y) { y = Relu(x) }`)
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.Open(t.Context(), m, runtime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // closing again is no error
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Run(t.Context(), nil); !errors.Is(err, runtime.ErrClosed) {
		t.Errorf("Run after Close = %v, want ErrClosed", err)
	}
}

func TestAnotherLibraryIsRefused(t *testing.T) {
	engine(t)
	if err := ort.New(ort.WithLibrary("/another/libonnxruntime.so")).Available(); err == nil || !strings.Contains(err.Error(), "already runs") {
		t.Errorf("Available with another library = %v, want that one is loaded", err)
	}
}

// TestDetector runs a published model, whose initializers are graph inputs.
func TestDetector(t *testing.T) {
	e := engine(t)
	m, err := onnx.Open(fixture.Shared(t, "models/face-detect/ultralight/version-RFB-320.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	s, err := e.Open(t.Context(), m, runtime.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out := run(t, s, map[string]tensor.Value{"input": must(tensor.New(tensor.Float32, 1, 3, 240, 320))})
	if got := out["scores"].(*tensor.Tensor).String(); got != "float32[1,4420,2]" {
		t.Errorf("scores are %s, want float32[1,4420,2]", got)
	}
}
