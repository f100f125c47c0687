package tensor_test

import (
	"math"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

func TestAllClose(t *testing.T) {
	f := func(v ...float32) tensor.Value { return tensor.Vector(v...) }
	nan := float32(math.NaN())
	inf := float32(math.Inf(1))
	tests := []struct {
		name      string
		got, want tensor.Value
		says      string // part of the error; "" where they are close
	}{
		{"equal", f(1, 2), f(1, 2), ""},
		{"within relative", f(1000.5), f(1000), ""},
		{"beyond", f(1, 1002), f(1, 1000), "element [1] is 1002, expected 1000 (1 of 2"},
		{"nan is nan", f(nan), f(nan), ""},
		{"nan is no number", f(nan), f(1), "NaN"},
		{"infinity", f(inf), f(inf), ""},
		{"infinity and number", f(1), f(inf), "+Inf"},
		{"type", tensor.Vector(int64(1)), f(1), "value is int64[1], expected float32[1]"},
		{"shape", f(1, 2), f(1), "value is float32[2], expected float32[1]"},
		{"strings", tensor.Vector("a"), tensor.Vector("b"), `is "a", expected "b"`},
		{"complex", tensor.Vector(complex64(1 + 2i)), tensor.Vector(complex64(1 + 3i)), "element [0] is 2, expected 3"},
		{"bools", tensor.Vector(true), tensor.Vector(false), "element [0] is 1, expected 0"},
		{
			"sequence", &tensor.Sequence{Items: []tensor.Value{f(1)}},
			&tensor.Sequence{Items: []tensor.Value{f(2)}}, "item 0: element [0]",
		},
		{"kind", &tensor.Sequence{}, f(1), "value is a sequence, expected a tensor"},
		{"optional", &tensor.Optional{}, &tensor.Optional{Value: f(1)}, "optional is empty: true, expected false"},
		{"nothing", nil, f(1), "value is <nil>"},
	}
	for _, tt := range tests {
		err := tensor.AllClose(tt.got, tt.want, 1e-3, 1e-7)
		if (err == nil) != (tt.says == "") || (err != nil && !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.says)
		}
	}
}

func TestEqualIsBitwise(t *testing.T) {
	nan := tensor.Vector(float32(math.NaN()))
	if !tensor.Equal(nan, nan.Clone()) {
		t.Error("a NaN differs from its own copy")
	}
	if tensor.Equal(tensor.Vector(float32(0)), tensor.Vector(float32(math.Copysign(0, -1)))) {
		t.Error("0 equals -0")
	}
}
