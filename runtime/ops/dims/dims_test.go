package dims_test

import (
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
)

func TestArithmetic(t *testing.T) {
	n, s, u := onnx.Known, onnx.Symbol, onnx.UnknownDim()
	tests := []struct {
		name string
		got  onnx.Dim
		want string
	}{
		{"numbers", dims.Add(n(2), n(3)), "5"},
		{"zero is neutral", dims.Add(s("a"), n(0)), "a"},
		{"symbol and number", dims.Add(n(1), s("past")), "past + 1"},
		{"sorted", dims.Add(s("b"), s("a")), "a + b"},
		{"three terms", dims.Add(dims.Add(s("c"), s("a")), s("b")), "a + b + c"},
		{"unknown", dims.Add(u, n(1)), "?"},
		{"difference of equals", dims.Sub(s("a"), s("a")), "0"},
		{"sum less a term", dims.Sub(s("past + seq"), s("seq")), "past"},
		{"negative is given up", dims.Sub(n(1), n(2)), "?"},
		{"product", dims.Mul(s("a"), n(4)), "a*4"},
		{"by one", dims.Mul(n(1), s("a")), "a"},
		{"by zero", dims.Mul(s("a"), n(0)), "0"},
		{"product of a sum", dims.Mul(s("a + b"), n(2)), "(a + b)*2"},
		{"overflow", dims.Mul(n(1<<40), n(1<<40)), "?"},
		{"quotient", dims.Div(n(7), n(2)), "3"},
		{"by zero", dims.Div(n(7), n(0)), "?"},
		{"symbolic quotient", dims.Div(s("a"), n(2)), "a/2"},
		{"smaller", dims.Min(n(2), n(3)), "2"},
		{"smaller of a symbol", dims.Min(n(512), s("seq")), "min(seq, 512)"},
		{"smaller of the same", dims.Min(s("a"), s("a")), "a"},
		{"sum with a smaller", dims.Add(dims.Min(n(5), s("a")), n(1)), "(min(a, 5)) + 1"},
		{"product of a list", dims.Product([]onnx.Dim{n(2), s("a"), n(1)}), "a*2"},
	}
	for _, tt := range tests {
		if got := tt.got.String(); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestBroadcast(t *testing.T) {
	n, s := onnx.Known, onnx.Symbol
	tests := []struct {
		a, b []onnx.Dim
		want string // "" where it must fail
	}{
		{[]onnx.Dim{n(2), n(3)}, []onnx.Dim{n(3)}, "[2,3]"},
		{[]onnx.Dim{n(2), n(1)}, []onnx.Dim{n(1), n(5)}, "[2,5]"},
		{[]onnx.Dim{s("a"), n(3)}, []onnx.Dim{n(1)}, "[a,3]"},
		{[]onnx.Dim{s("a")}, []onnx.Dim{s("a")}, "[a]"},
		{[]onnx.Dim{s("a")}, []onnx.Dim{s("b")}, "[?]"},
		{[]onnx.Dim{s("a")}, []onnx.Dim{n(7)}, "[7]"},
		{[]onnx.Dim{s("a")}, []onnx.Dim{dims.Min(n(7), s("a"))}, "[a]"},
		{[]onnx.Dim{dims.Min(n(7), s("a"))}, []onnx.Dim{s("a")}, "[a]"},
		{[]onnx.Dim{dims.Min(n(1), s("a"))}, []onnx.Dim{s("a")}, "[?]"},
		{[]onnx.Dim{n(0)}, []onnx.Dim{n(1)}, "[0]"},
		{[]onnx.Dim{n(2)}, []onnx.Dim{n(3)}, ""},
		{nil, []onnx.Dim{n(3)}, "[3]"},
	}
	for _, tt := range tests {
		got, err := dims.Broadcast(tt.a, tt.b)
		switch {
		case (err != nil) != (tt.want == ""):
			t.Errorf("%v and %v: error %v", tt.a, tt.b, err)
		case err == nil && (&onnx.Shape{Dims: got}).String() != tt.want:
			t.Errorf("%v and %v: got %v, want %s", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestAxes(t *testing.T) {
	if got, err := dims.Axes([]int{-1, 0}, 3); err != nil || got[0] != 2 || got[1] != 0 {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range [][]int{{3}, {-4}, {0, -3}} {
		if _, err := dims.Axes(bad, 3); err == nil {
			t.Errorf("axes %v of rank 3 passed", bad)
		}
	}
}
