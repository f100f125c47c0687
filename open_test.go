package infer_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed6700ada1/infer"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// TestOpen opens a model from each kind of place, with each kind of option.
func TestOpen(t *testing.T) {
	data := relu()
	path := filepath.Join(t.TempDir(), "model.onnx")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	engine, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		open   func() (infer.Session, error)
		output string
		want   []float32
	}{
		{"file", func() (infer.Session, error) { return infer.Open(path) }, "y", []float32{1, 0, 3}},
		{"bytes", func() (infer.Session, error) { return infer.OpenBytes(data, infer.WithThreads(1)) }, "y", []float32{1, 0, 3}},
		{"file system", func() (infer.Session, error) {
			return infer.OpenFS(fstest.MapFS{"m.onnx": {Data: data}}, "m.onnx", infer.WithEngine(engine), infer.WithoutPasses("all"))
		}, "y", []float32{1, 0, 3}},
		{"another output", func() (infer.Session, error) { return infer.OpenBytes(data, infer.WithOutputs("a")) }, "a", []float32{-1, 2, -3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := tt.open()
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			x, err := tensor.FromSlice([]float32{1, -2, 3}, 1, 3)
			if err != nil {
				t.Fatal(err)
			}
			out, err := s.Run(t.Context(), map[string]tensor.Value{"x": x})
			if err != nil {
				t.Fatal(err)
			}
			got, err := tensor.Data[float32](out[tt.output].(*tensor.Tensor))
			if err != nil || !slices.Equal(got, tt.want) || len(out) != 1 {
				t.Errorf("got %v of %d outputs (%v), want %v", got, len(out), err, tt.want)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	for says, open := range map[string]func() (infer.Session, error){
		"absent.onnx":                   func() (infer.Session, error) { return infer.Open("absent.onnx") },
		"not an ONNX model":             func() (infer.Session, error) { return infer.OpenBytes([]byte("a text")) },
		"m.onnx":                        func() (infer.Session, error) { return infer.OpenFS(fstest.MapFS{}, "m.onnx") },
		`no optimization is named "go"`: func() (infer.Session, error) { return infer.OpenBytes(relu(), infer.WithoutPasses("go")) },
		`no value "z"`:                  func() (infer.Session, error) { return infer.OpenBytes(relu(), infer.WithOutputs("z")) },
	} {
		if _, err := open(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want an error with %q", err, says)
		}
	}
}

// TestMemoryLimit: a run that needs more than it may fails, and says so.
func TestMemoryLimit(t *testing.T) {
	s, err := infer.OpenBytes(relu(), infer.WithMemoryLimit(1<<10))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	x, err := tensor.New(tensor.Float32, 100, 3)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Run(t.Context(), map[string]tensor.Value{"x": x})
	if err == nil || !strings.Contains(err.Error(), "1200 bytes, more than the limit of 1024") {
		t.Errorf("got %v", err)
	}
}

// TestReadme holds the snippet of the README against the function of the example,
// which is compiled and run.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, snippet, found := strings.Cut(string(readme), "```go\n")
	snippet, _, closed := strings.Cut(snippet, "```")
	if !found || !closed {
		t.Fatal("README.md has no Go snippet")
	}
	source, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(source), snippet) {
		t.Errorf("README.md's snippet is not part of example_test.go:\n%s", snippet)
	}
}
