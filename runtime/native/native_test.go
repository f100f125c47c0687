package native_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func open(t *testing.T, src string, opts runtime.Options) (runtime.Session, error) {
	t.Helper()
	m, err := onnxtext.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	return e.Open(t.Context(), m, opts)
}

func mustOpen(t *testing.T, src string, opts runtime.Options) runtime.Session {
	t.Helper()
	s, err := open(t, src, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

const twoInputs = `<ir_version: 8, opset_import: ["": 13]>
g (float[n,2] x, float[2,2] w = {1, 0, 0, 1}) => (float[n,2] y) { y = MatMul(x, w) }`

func TestOptionalInputs(t *testing.T) {
	s := mustOpen(t, twoInputs, runtime.Options{})
	x, _ := tensor.FromSlice([]float32{1, 2}, 1, 2)
	w, _ := tensor.FromSlice([]float32{0, 1, 1, 0}, 2, 2)
	for _, tt := range []struct {
		inputs map[string]tensor.Value
		want   []float32
	}{
		{map[string]tensor.Value{"x": x}, []float32{1, 2}},
		{map[string]tensor.Value{"x": x, "w": w}, []float32{2, 1}},
		{map[string]tensor.Value{"x": x, "w": nil}, []float32{1, 2}},
	} {
		out, err := s.Run(t.Context(), tt.inputs)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := tensor.Data[float32](out["y"].(*tensor.Tensor)); !slices.Equal(got, tt.want) {
			t.Errorf("got %v, want %v", got, tt.want)
		}
	}
}

// Exporters write "?" for every size they know nothing of; two of these need not
// be equal, as two of one name are.
func TestUnnamedSizes(t *testing.T) {
	x, err := tensor.FromSlice([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	for symbol, says := range map[string]string{"?": "", "n": `"n" is 2`} {
		m, err := onnxtext.Parse(`<ir_version: 8, opset_import: ["": 13]>
g (float[a,b] x) => (float[1,c] y) { y = Flatten<axis = 0>(x) }`)
		if err != nil {
			t.Fatal(err)
		}
		for i := range m.Graph.Inputs[0].Type.Shape.Dims {
			m.Graph.Inputs[0].Type.Shape.Dims[i] = onnx.Symbol(symbol)
		}
		e, err := native.New()
		if err != nil {
			t.Fatal(err)
		}
		s, err := e.Open(t.Context(), m, runtime.Options{})
		if err != nil {
			t.Fatal(err)
		}
		out, err := s.Run(t.Context(), map[string]tensor.Value{"x": x})
		if says == "" && (err != nil || out["y"].(*tensor.Tensor).Len() != 6) {
			t.Errorf("%q: got %v, %v", symbol, out["y"], err)
		}
		if says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%q: got %v, want an error with %q", symbol, err, says)
		}
	}
}

func TestRunChecksItsInputs(t *testing.T) {
	s := mustOpen(t, twoInputs, runtime.Options{})
	f := func(shape ...int) tensor.Value {
		v, err := tensor.New(tensor.Float32, shape...)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	tests := []struct {
		inputs map[string]tensor.Value
		says   string
	}{
		{nil, `input "x" is missing: the model wants "x" float32[n,2] (and takes 1 that have a default)`},
		{map[string]tensor.Value{"x": f(1, 2), "q": f()}, `the model has no input "q"`},
		{map[string]tensor.Value{"x": f(1, 3)}, `input "x" has shape [1,3], expected float32[n,2]`},
		{map[string]tensor.Value{"x": f(2)}, `input "x" has shape [2], expected float32[n,2]`},
		{map[string]tensor.Value{"x": tensor.Vector[int64](1)}, `input "x" has elements of int64, expected float32[n,2]`},
		{map[string]tensor.Value{"x": &tensor.Sequence{}}, `input "x" is a sequence, expected float32[n,2]`},
	}
	for _, tt := range tests {
		_, err := s.Run(t.Context(), tt.inputs)
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("got %v, want %q", err, tt.says)
		}
	}
}

func TestOutputsMayBeAnyValue(t *testing.T) {
	src := `g (float[2] x) => (float[2] y) { a = Identity(x) b = Identity(a) y = Identity(b) }`
	s := mustOpen(t, src, runtime.Options{Outputs: []string{"b", "x"}})
	out, err := s.Run(t.Context(), map[string]tensor.Value{"x": tensor.Vector[float32](1, 2)})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"b", "x"} {
		if err := tensor.AllClose(out[name], tensor.Vector[float32](1, 2), 0, 0); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := open(t, src, runtime.Options{Outputs: []string{"nope"}}); err == nil || !strings.Contains(err.Error(), `no value "nope"`) {
		t.Errorf("got %v, want an error about the name", err)
	}
}

func TestUnknownPassIsAnError(t *testing.T) {
	_, err := open(t, twoInputs, runtime.Options{Disable: []string{"fuse-everything"}})
	if err == nil || !strings.Contains(err.Error(), `no optimization is named "fuse-everything"`) {
		t.Errorf("got %v", err)
	}
}

func TestClosedSession(t *testing.T) {
	s := mustOpen(t, twoInputs, runtime.Options{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Run(t.Context(), nil); err != runtime.ErrClosed { //nolint:errorlint // the very error is promised
		t.Errorf("got %v, want ErrClosed", err)
	}
}

func TestConcurrentRuns(t *testing.T) {
	s := mustOpen(t, twoInputs, runtime.Options{Threads: 4})
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			for k := range 50 {
				v := float32(i*50 + k)
				n := 1 + (i+k)%7
				x, _ := tensor.FromSlice(slices.Repeat([]float32{v, -v}, n), n, 2)
				out, err := s.Run(context.Background(), map[string]tensor.Value{"x": x})
				if err != nil {
					t.Error(err)
					return
				}
				if err := tensor.AllClose(out["y"], x, 0, 0); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// TestNodeWithoutInputs: an operator that the opset does not have yet is refused, however
// few inputs it names.
func TestNodeWithoutInputs(t *testing.T) {
	_, err := openText(t, "<ir_version: 8, opset_import: [\"\" : 12]>\ng () => (float[] y) {\ny = HardSwish()\n}")
	if _, ok := errors.AsType[*runtime.UnsupportedError](err); !ok {
		t.Errorf("error %v, want that HardSwish is not supported", err)
	}
}
