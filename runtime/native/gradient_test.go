package native_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// gradientModel is a model of inputs a and b and the nodes of body, which make y, with
// a Gradient of y by both at the values of at.
func gradientModel(a, b, body, at string) string {
	return fmt.Sprintf(`<ir_version: 9, opset_import: ["" : 18, "ai.onnx.preview.training" : 1]>
g (double[%s] a, double[%s] b, double[%[1]s] a1, double[%[2]s] b1) => (double[] y, double[] da, double[] db) {
%[3]s
da, db = ai.onnx.preview.training.Gradient <xs: strings = ["a", "b"], y: string = "y"> (%[4]s)
}`, a, b, body, at)
}

// openText opens a model written as text, with no dimension of outputs promised.
func openText(t *testing.T, text string) (runtime.Session, error) {
	t.Helper()
	m, err := onnxtext.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range m.Graph.Outputs {
		o.Type.Shape = nil
	}
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	return e.Open(t.Context(), m, runtime.Options{Threads: 1})
}

// ramp is a tensor of values between 0.3 and 1.9 that are all different.
func ramp(t *testing.T, from float64, shape ...int) *tensor.Tensor {
	t.Helper()
	n := 1
	for _, d := range shape {
		n *= d
	}
	values := make([]float64, n)
	for i := range values {
		values[i] = from + 0.9*math.Mod(float64(i)*0.37, 1)
	}
	x, err := tensor.FromSlice(values, shape...)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func doubles(t *testing.T, v tensor.Value) []float64 {
	t.Helper()
	x, ok := v.(*tensor.Tensor)
	if !ok {
		t.Fatalf("value is a %T", v)
	}
	list, err := tensor.Data[float64](x)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestGradient compares what Gradient gives with central differences of the sum of y.
func TestGradient(t *testing.T) {
	tests := []struct {
		name string
		a, b []int
		body string
	}{
		{"Add broadcasts", []int{2, 3}, []int{3}, "y = Add(a, b)"},
		{"Sub broadcasts", []int{2, 1}, []int{4, 2, 3}, "y = Sub(a, b)"},
		{"Mul broadcasts", []int{2, 3}, []int{2, 1}, "y = Mul(a, b)"},
		{"Div", []int{2, 3}, []int{3}, "y = Div(a, b)"},
		{"a value used twice", []int{2}, []int{2}, "c = Mul(a, a)\ny = Mul(c, b)"},
		{"MatMul", []int{2, 3}, []int{3, 4}, "y = MatMul(a, b)"},
		{"MatMul broadcasts its stack", []int{5, 2, 3}, []int{3, 4}, "y = MatMul(a, b)"},
		{"MatMul of stacks", []int{1, 2, 3}, []int{5, 3, 2}, "c = MatMul(a, b)\ny = Mul(c, c)"},
		{"a chain of functions", []int{3}, []int{3}, "c = Exp(a)\nd = Log(b)\ne = Mul(c, d)\ny = Tanh(e)"},
		{"more functions", []int{3}, []int{3}, "c = Sin(a)\nd = Cos(b)\ne = Sub(c, d)\nf = Sigmoid(e)\ng = Neg(f)\ny = Identity(g)"},
		{"Sqrt, Abs and Relu", []int{3}, []int{3}, "c = Sqrt(a)\nd = Sub(c, b)\ne = Abs(d)\nf = Relu(d)\ny = Add(e, f)"},
		{"b does not matter", []int{3}, []int{2}, "y = Mul(a, a)"},
		{"a value on no path", []int{3}, []int{3}, "c = Floor(b)\nd = Mul(a, b)\ny = Exp(d)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := gradientModel(dimList(tt.a), dimList(tt.b), tt.body, "a, b")
			s, err := openText(t, text)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			in := map[string]tensor.Value{
				"a": ramp(t, 0.3, tt.a...), "b": ramp(t, 1, tt.b...), "a1": ramp(t, 0.5, tt.a...), "b1": ramp(t, 0.8, tt.b...),
			}
			got, err := s.Run(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range []string{"a", "b"} {
				differences(t, s, in, x, doubles(t, got["d"+x]))
			}

			// The same derivatives at other values than those that a and b have.
			other, err := openText(t, gradientModel(dimList(tt.a), dimList(tt.b), tt.body, "a1, b1"))
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			in["a1"], in["b1"], in["a"], in["b"] = in["a"], in["b"], in["a1"], in["b1"]
			moved, err := other.Run(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range []string{"da", "db"} {
				for i, v := range doubles(t, moved[d]) {
					if want := doubles(t, got[d])[i]; math.Abs(v-want) > 1e-12 {
						t.Errorf("%s[%d] at other values is %v, want %v", d, i, v, want)
					}
				}
			}
		})
	}
}

func dimList(shape []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", ","), "[]")
}

// differences compares the derivatives of the sum of y by x with central differences.
func differences(t *testing.T, s runtime.Session, in map[string]tensor.Value, x string, got []float64) {
	t.Helper()
	values := doubles(t, in[x])
	if len(got) != len(values) {
		t.Fatalf("d%s has %d elements, want %d", x, len(got), len(values))
	}
	sum := func() float64 {
		out, err := s.Run(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		total := 0.0
		for _, v := range doubles(t, out["y"]) {
			total += v
		}
		return total
	}
	const h = 1e-5
	for i := range values {
		was := values[i]
		values[i] = was + h
		up := sum()
		values[i] = was - h
		down := sum()
		values[i] = was
		if want := (up - down) / (2 * h); math.Abs(got[i]-want) > 1e-6*max(1, math.Abs(want)) {
			t.Errorf("d%s[%d] = %v, central differences give %v", x, i, got[i], want)
		}
	}
}

// TestGradientTwice differentiates a derivative: of a³, 3a² and then 6a.
func TestGradientTwice(t *testing.T) {
	s, err := openText(t, `<ir_version: 9, opset_import: ["" : 18, "ai.onnx.preview.training" : 1]>
g (double[2] a) => (double[2] first, double[2] second) {
c = Mul(a, a)
y = Mul(c, a)
first = ai.onnx.preview.training.Gradient <xs: strings = ["a"], y: string = "y"> (a)
second = ai.onnx.preview.training.Gradient <xs: strings = ["a"], y: string = "first"> (a)
}`)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out, err := s.Run(t.Context(), map[string]tensor.Value{"a": tensor.Vector(2.0, -3.0)})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][2]float64{"first": {12, 27}, "second": {12, -18}} {
		if got := doubles(t, out[name]); got[0] != want[0] || got[1] != want[1] {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
}

func TestGradientRefuses(t *testing.T) {
	tests := []struct{ name, body, at, want string }{
		{"no rule", "y = Erf(a)", "a, b", "the derivative of Erf"},
		{"two outputs", "y, m = Dropout(a)", "a, b", "the derivative of Dropout, which has 2 outputs"},
		{"too few inputs", "y = Add(a, b)", "a", "node has 1 inputs, expected the 2"},
		{"y is made later", "z = Add(a, b)", "a, b", `"y" names "y", which no node before this one makes`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := gradientModel("2", "2", tt.body, tt.at)
			if strings.HasPrefix(tt.body, "z") {
				text = strings.TrimSuffix(text, "}") + "y = Neg(z)\n}"
			}
			_, err := openText(t, text)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want one that says %q", err, tt.want)
			}
			var u *runtime.UnsupportedError
			if strings.HasPrefix(tt.want, "the derivative") != errors.As(err, &u) {
				t.Errorf("error %v is of type %T", err, err)
			}
		})
	}
}
