package activation_test

import (
	"math"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/activation"
)

// TestApply works each function out at −2, 0 and 3 by its formula.
func TestApply(t *testing.T) {
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	tests := []struct {
		name   string
		params []float32
		f      func(x float64) float64
	}{
		{"", nil, func(x float64) float64 { return x }},
		{"Relu", nil, func(x float64) float64 { return max(x, 0) }},
		{"LeakyRelu", nil, func(x float64) float64 { return max(x, 0) + float64(float32(0.01))*min(x, 0) }},
		{"LeakyRelu", []float32{0.5}, func(x float64) float64 { return max(x, 0) + 0.5*min(x, 0) }},
		{"Clip", []float32{-1, 2}, func(x float64) float64 { return min(max(x, -1), 2) }},
		{"Sigmoid", nil, sigmoid},
		{"HardSigmoid", nil, func(x float64) float64 { return min(max(0.2*x+0.5, 0), 1) }},
		{"HardSwish", nil, func(x float64) float64 { return x * min(max(x/6+0.5, 0), 1) }},
		{"Tanh", nil, math.Tanh},
		{"Swish", nil, func(x float64) float64 { return x * sigmoid(x) }},
		{"Elu", nil, func(x float64) float64 { return max(x, 0) + math.Expm1(min(x, 0)) }},
		{"ThresholdedRelu", []float32{1}, func(x float64) float64 { return map[bool]float64{true: x}[x > 1] }},
		{"ScaledTanh", []float32{2, 0.5}, func(x float64) float64 { return 2 * math.Tanh(0.5*x) }},
		{"Affine", []float32{2, 1}, func(x float64) float64 { return 2*x + 1 }},
		{"Softsign", nil, func(x float64) float64 { return x / (1 + math.Abs(x)) }},
		{"Softplus", nil, func(x float64) float64 { return math.Log(1 + math.Exp(x)) }},
		{"Mish", nil, func(x float64) float64 { return x * math.Tanh(math.Log(1+math.Exp(x))) }},
		{"Gelu", nil, func(x float64) float64 { return x / 2 * (1 + math.Erf(x/math.Sqrt2)) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := activation.Parse(tt.name, tt.params)
			if err != nil {
				t.Fatal(err)
			}
			single, double := []float32{-2, 0, 3}, []float64{-2, 0, 3}
			activation.Apply(f, single)
			activation.Apply(f, double)
			for i, x := range []float64{-2, 0, 3} {
				want := tt.f(x)
				if math.Abs(double[i]-want) > 1e-7 || math.Abs(float64(single[i])-want) > 1e-6 {
					t.Errorf("f(%v) is %v and %v, want %v", x, single[i], double[i], want)
				}
			}
		})
	}
}

func TestExtremes(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for name, want := range map[string][2]float32{ // at −∞ and +∞
		"Relu": {0, inf}, "Sigmoid": {0, 1}, "Tanh": {-1, 1}, "Softplus": {0, inf}, "HardSigmoid": {0, 1},
	} {
		f, err := activation.Parse(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		x := []float32{-inf, inf, nan}
		activation.Apply(f, x)
		if x[0] != want[0] || x[1] != want[1] || x[2] == x[2] {
			t.Errorf("%s at -Inf, +Inf and NaN is %v, want %v and NaN", name, x, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	if _, err := activation.Parse("Sine", nil); err == nil {
		t.Error("an unknown function was found")
	}
	if _, err := activation.Parse("Relu", []float32{1}); err == nil {
		t.Error("Relu took a parameter")
	}
}

func TestChannel(t *testing.T) {
	f, err := activation.Parse("PRelu", []float32{2, 3})
	if err != nil {
		t.Fatal(err)
	}
	x := []float64{-1, 1}
	activation.Apply(f.Channel(1), x)
	if x[0] != -3 || x[1] != 1 {
		t.Errorf("PRelu of channel 1 gives %v", x)
	}
}
