package feed

import (
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func TestGuess(t *testing.T) {
	open := onnx.UnknownDim()
	k := onnx.Known
	for _, tt := range []struct {
		dims []onnx.Dim
		want []int
	}{
		{[]onnx.Dim{open, k(3), open, open}, []int{1, 3, 320, 320}},
		{[]onnx.Dim{open, open, open, k(3)}, []int{1, 320, 320, 3}},
		{[]onnx.Dim{k(2), k(1), k(28), open}, []int{2, 1, 28, 320}},
		{[]onnx.Dim{open, open, open, open}, []int{1, 3, 320, 320}},
		{[]onnx.Dim{open, open}, []int{1, 128}},
		{[]onnx.Dim{open, k(4 + 1), open, k(48)}, []int{1, 5, 0, 48}}, // a cache of 5 heads
		{[]onnx.Dim{k(1), k(3)}, nil},
		{nil, nil},
	} {
		typ := onnx.TensorOf(tensor.Float32, tt.dims...)
		if got := Guess(typ); !slices.Equal(got, tt.want) {
			t.Errorf("Guess(%v) = %v, want %v", typ, got, tt.want)
		}
	}
}

// What the user or the model says is not guessed.
func TestRequestGuesses(t *testing.T) {
	specs := []runtime.ValueSpec{
		{Name: "a", Type: onnx.TensorOf(tensor.Float32, onnx.UnknownDim(), onnx.Known(2))},
		{Name: "b", Type: onnx.TensorOf(tensor.Float32, onnx.UnknownDim(), onnx.Known(2))},
		{Name: "c", Type: onnx.TensorOf(tensor.Float32, onnx.Known(2))},
	}
	r := Request{Shapes: []string{"a=3x2"}, Rest: true, Guess: true}
	values, err := r.Values(specs)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"b=1x2"}; !slices.Equal(r.Guessed, want) {
		t.Errorf("guessed %q, want %q", r.Guessed, want)
	}
	if a := values["a"].(*tensor.Tensor); a.Dim(0) != 3 {
		t.Errorf("a is %v", a)
	}
}
