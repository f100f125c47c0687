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
		{"complex", tensor.Vector(complex64(1 + 2i)), tensor.Vector(complex64(1 + 3i)), "element [0] is (1+2i), expected (1+3i)"},
		{"bools", tensor.Vector(true), tensor.Vector(false), "element [0] is 1, expected 0"},
		{"large integers", tensor.Vector[int64](1<<53 + 1), tensor.Vector[int64](1 << 53), ""},
		{"int64", tensor.Vector[int64](math.MaxInt64), tensor.Vector[int64](math.MinInt64), "expected -9223372036854775808"},
		{"uint64", tensor.Vector[uint64](1000), tensor.Vector[uint64](0), "element [0] is 1000"},
		{"no tensor", (*tensor.Tensor)(nil), f(1), "no tensor"},
		{"empty optionals", &tensor.Optional{}, &tensor.Optional{}, ""},
		{"map", &tensor.Map{Keys: tensor.Vector("a"), Values: f(1)}, &tensor.Map{Keys: tensor.Vector("b"), Values: f(1)}, "keys: element [0]"},
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
	if err := tensor.AllClose(tensor.Vector[int64](1<<53+1), tensor.Vector[int64](1<<53), 0, 0); err == nil {
		t.Error("integers that differ only beyond float64 are close within 0")
	}
}

func TestEqualOtherKinds(t *testing.T) {
	one, two := tensor.Scalar(int8(1)), tensor.Scalar(int8(2))
	packed := func(b ...byte) *tensor.Tensor {
		v, err := tensor.Wrap(tensor.Int4, b, 3)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	tests := []struct {
		name string
		a, b tensor.Value
		want bool
	}{
		{"nothing", nil, nil, true},
		{"nothing and something", nil, one, false},
		{"no tensors", (*tensor.Tensor)(nil), (*tensor.Tensor)(nil), true},
		{"no tensor", one, (*tensor.Tensor)(nil), false},
		{"kinds", one, &tensor.Optional{Value: one}, false},
		{"padding", packed(0x21, 0x03), packed(0x21, 0xf3), true},
		{"packed", packed(0x21, 0x03), packed(0x21, 0x04), false},
		{"strings", tensor.Vector("a"), tensor.Vector("b"), false},
		{"shape", tensor.Vector[int8](1), one, false},
		{"optionals", &tensor.Optional{Value: one}, &tensor.Optional{Value: one.Clone()}, true},
		{"sequences", &tensor.Sequence{Items: []tensor.Value{one}}, &tensor.Sequence{Items: []tensor.Value{two}}, false},
		{"maps", &tensor.Map{Keys: one, Values: two}, &tensor.Map{Keys: one, Values: two.Clone()}, true},
	}
	for _, tt := range tests {
		if got := tensor.Equal(tt.a, tt.b); got != tt.want {
			t.Errorf("%s: got %t, wanted %t", tt.name, got, tt.want)
		}
	}
}
