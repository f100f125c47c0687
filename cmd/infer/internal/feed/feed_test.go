package feed

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func TestFileName(t *testing.T) {
	taken := map[string]bool{}
	for _, tt := range []struct{ name, want string }{
		{"output", "output"},
		{"Output", "Output-2"}, // the same file on some systems
		{"a/b:0", "a_b_0"},
		{"../../etc/passwd", "_.._.._etc_passwd"},
		{"..", "_.."},
		{".hidden", "_.hidden"},
		{"-rf", "_-rf"},
		{"", "_"},
		{"nul\x00\n", "nul__"},
		{"größe", "gr__e"},
		{strings.Repeat("x", 300), strings.Repeat("x", 100)},
	} {
		got := fileName(tt.name, taken)
		if got != tt.want {
			t.Errorf("fileName(%q) = %q, want %q", tt.name, got, tt.want)
		}
		if !filepath.IsLocal(got) || filepath.Base(got) != got {
			t.Errorf("fileName(%q) = %q leaves the folder", tt.name, got)
		}
	}
}

func TestJSON(t *testing.T) {
	tests := []struct {
		dtype tensor.DType
		text  string
		want  tensor.Value // nil where the text is refused
	}{
		{tensor.Float32, "[1, 2.5]", tensor.Vector[float32](1, 2.5)},
		{tensor.Float32, "7", tensor.Scalar[float32](7)},
		{tensor.Float32, "[]", tensor.Vector[float32]()},
		{tensor.Float16, "[0.5]", tensor.Vector(tensor.F16From(0.5))},
		{tensor.BFloat16, "[0.5]", tensor.Vector(tensor.BF16From(0.5))},
		{tensor.Int64, "[9223372036854775807]", tensor.Vector[int64](1<<63 - 1)},
		{tensor.Uint8, "[255]", tensor.Vector[uint8](255)},
		{tensor.Bool, "[true, false]", tensor.Vector(true, false)},
		{tensor.String, `["a", ""]`, tensor.Vector("a", "")},
		{tensor.Uint8, "[256]", nil},
		{tensor.Uint8, "[-1]", nil},
		{tensor.Int32, "[1.5]", nil},
		{tensor.Float32, "[1e300]", nil},
		{tensor.Float32, `["1"]`, nil},
		{tensor.Float32, "[null]", nil},
		{tensor.Bool, "[1]", nil},
		{tensor.Float32, "[1] [2]", nil},
		{tensor.Complex64, "[1]", nil},
	}
	for _, tt := range tests {
		got, err := readJSON([]byte(tt.text), onnx.TensorOf(tt.dtype, onnx.UnknownDim()))
		if tt.want == nil {
			if err == nil {
				t.Errorf("%s as %v is %v, want an error", tt.text, tt.dtype, got)
			}
			continue
		}
		if err != nil || !tensor.Equal(got, tt.want) {
			t.Errorf("%s as %v is %v, %v; want %v", tt.text, tt.dtype, got, err, tt.want)
			continue
		}
		data, err := encode("json", got)
		if err != nil {
			t.Errorf("%v back to JSON: %v", got, err)
			continue
		}
		again, err := readJSON(data, onnx.TensorOf(tt.dtype, onnx.UnknownDim()))
		if err != nil || !tensor.Equal(again, tt.want) {
			t.Errorf("%s came back as %s, %v", tt.text, data, err)
		}
	}
}

func TestRandomFillsEveryType(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, d := range []tensor.DType{
		tensor.Float32, tensor.Float64, tensor.Float16, tensor.BFloat16, tensor.Bool,
		tensor.Int8, tensor.Int16, tensor.Int32, tensor.Int64,
		tensor.Uint8, tensor.Uint16, tensor.Uint32, tensor.Uint64,
	} {
		v, err := Random(&runtime.ValueSpec{Name: "x", Type: onnx.TensorOf(d, onnx.Known(64))}, nil, rng)
		if err != nil {
			t.Errorf("%v: %v", d, err)
			continue
		}
		zero, err := tensor.New(d, 64)
		if err != nil {
			t.Fatal(err)
		}
		if tensor.Equal(v, zero) {
			t.Errorf("%v: 64 random elements are all zero", d)
		}
	}
	if _, err := Random(&runtime.ValueSpec{Name: "x"}, nil, rng); err == nil {
		t.Error("an input of unknown type is filled")
	}
}
