package math_test

import (
	stdmath "math"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/math"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

var (
	inf = float32(stdmath.Inf(1))
	nan = float32(stdmath.NaN())
)

func vec[T tensor.Element](v ...T) *tensor.Tensor { return tensor.Vector(v...) }

func shaped[T tensor.Element](t *testing.T, v []T, shape ...int) *tensor.Tensor {
	t.Helper()
	x, err := tensor.FromSlice(v, shape...)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

type attrs = []*onnx.Attribute

// cases run one node each. Expected values are those of numpy, or follow from
// the standard's text by hand.
func TestOperators(t *testing.T) {
	for _, c := range []struct {
		name  string
		op    string
		opset int
		attrs attrs
		in    []tensor.Value
		want  *tensor.Tensor
	}{
		{"wraps", "Add", 14, nil, []tensor.Value{vec[int8](127), vec[int8](1)}, vec[int8](-128)},
		{"truncates", "Div", 7, nil, []tensor.Value{vec[int32](7, -7, 7), vec[int32](-2, 2, 2)}, vec[int32](-3, -3, 3)},
		{"smallest by -1", "Div", 14, nil, []tensor.Value{vec[int32](stdmath.MinInt32), vec[int32](-1)}, vec[int32](stdmath.MinInt32)},
		{"float zero", "Div", 7, nil, []tensor.Value{vec[float32](1, -1, 0), vec[float32](0)}, vec(inf, -inf, nan)},
		{"sign of b", "Mod", 13, nil, []tensor.Value{vec[int64](-4, 7, 5, 4, -7, 8), vec[int64](2, -3, 8, -2, 3, 5)}, vec[int64](0, -2, 5, 0, 2, 3)},
		{"sign of a", "Mod", 13, attrs{opstest.Int("fmod", 1)}, []tensor.Value{vec[int64](-4, 7, 5, 4, -7, 8), vec[int64](2, -3, 8, -2, 3, 5)}, vec[int64](0, 1, 5, 0, -1, 3)},
		{"smallest by -1", "Mod", 13, nil, []tensor.Value{vec[int8](-128), vec[int8](-1)}, vec[int8](0)},
		{"fmod", "Mod", 13, attrs{opstest.Int("fmod", 1)}, []tensor.Value{vec(-4.5, inf, 1, 5), vec[float32](2, 1, 0, inf)}, vec(-0.5, nan, nan, 5)},
		{"integers", "Pow", 13, nil, []tensor.Value{vec[int32](2, 3, -1, 5, 0), vec[int64](10, 3, -3, -1, 0)}, vec[int32](1024, 27, -1, 0, 1)},
		{"integer to a fraction", "Pow", 13, nil, []tensor.Value{vec[int32](9, 4), vec[float32](0.5, 1.5)}, vec[int32](3, 8)},
		{"float to an integer", "Pow", 15, nil, []tensor.Value{vec[float32](2, 3), vec[int32](3, 2)}, vec[float32](8, 9)},
		{"square", "Pow", 7, nil, []tensor.Value{vec[float32](-3, 4), tensor.Scalar[float32](2)}, vec[float32](9, 16)},
		{"shift too far", "BitShift", 11, attrs{opstest.Str("direction", "LEFT")}, []tensor.Value{vec[uint8](1, 255), vec[uint8](8, 1)}, vec[uint8](0, 254)},
		{"ties to even", "Round", 11, nil, []tensor.Value{vec[float32](0.5, 1.5, 2.5, -2.5, 2.3)}, vec[float32](0, 2, 2, -2, 2)},
		{"NaN", "Sign", 13, nil, []tensor.Value{vec(-2, 0, 3, nan)}, vec(-1, 0, 1, nan)},
		{"unsigned", "Sign", 13, nil, []tensor.Value{vec[uint8](0, 9)}, vec[uint8](0, 1)},
		{"NaN wins", "Max", 13, nil, []tensor.Value{vec(1, nan, 3), vec(nan, 2, 4)}, vec(nan, nan, 4)},
		{"repeats both", "Sum", 8, nil, []tensor.Value{vec[float32](1), vec[float32](2), vec[float32](10, 20)}, vec[float32](13, 23)},
		{"one input", "Mean", 13, nil, []tensor.Value{vec[float32](1, 2)}, vec[float32](1, 2)},
		{"bounds cross", "Clip", 13, nil, []tensor.Value{vec[float32](0, 5), tensor.Scalar[float32](3), tensor.Scalar[float32](1)}, vec[float32](1, 1)},
		{"only the upper", "Clip", 11, nil, []tensor.Value{vec(-inf, 5, nan), nil, tensor.Scalar[float32](1)}, vec(-stdmath.MaxFloat32, 1, nan)},
		{"attributes", "Clip", 6, attrs{opstest.Float("min", -1), opstest.Float("max", 2)}, []tensor.Value{vec[float32](-5, 0, 5)}, vec[float32](-1, 0, 2)},
		{"integers", "Clip", 12, nil, []tensor.Value{vec[int8](-5, 0, 5), tensor.Scalar[int8](-1), nil}, vec[int8](-1, 0, 5)},
		{"float16", "Clip", 13, nil, []tensor.Value{vec(half(-5), half(0.5)), tensor.Scalar(half(0)), tensor.Scalar(half(6))}, vec(half(0), half(0.5))},
		{"float16 comparison", "Less", 13, nil, []tensor.Value{vec(half(1), half(2)), vec(half(2))}, vec(true, false)},
		{"NaN is not equal", "Equal", 11, nil, []tensor.Value{vec(nan, 1), vec(nan, 1)}, vec(false, true)},
		{"strings", "Equal", 19, nil, []tensor.Value{vec("a", "b"), vec("b")}, vec(false, true)},
		{"strings", "Where", 16, nil, []tensor.Value{vec(true, false), vec("a"), vec("b")}, vec("a", "b")},
		{"only negative", "IsInf", 10, attrs{opstest.Int("detect_positive", 0)}, []tensor.Value{vec(inf, -inf, nan, 1)}, vec(false, true, false, false)},
		{"float8", "IsNaN", 20, nil, []tensor.Value{vec(tensor.F8E4M3FNUZ(0x80), tensor.F8E4M3FNUZ(0x7f))}, vec(true, false)},
		{"NaN stays", "Relu", 14, nil, []tensor.Value{vec(-1, nan, 2, -inf)}, vec(0, nan, 2, 0)},
		{"integers", "Relu", 14, nil, []tensor.Value{vec[int8](-128, 5)}, vec[int8](0, 5)},
		{"floats, sign of the divisor", "Mod", 28, nil, []tensor.Value{vec(5.5, -5.5, 5.5, 4, inf, 3, -3, nan, 1), vec[float32](2, 2, -2, -2, 2, inf, inf, 1, 0)}, vec(1.5, 0.5, -0.5, 0, nan, 3, inf, nan, nan)},
		{"gate of 0 and of 1", "SwiGLU", 28, nil, []tensor.Value{vec[float32](0, 1), vec[float32](2, 3)}, vec[float32](0, 3*0.7310586)},
		{"limits", "Gelu", 20, nil, []tensor.Value{vec(inf, -inf, nan, 0)}, vec(inf, 0, nan, 0)},
		{"limits", "Mish", 18, nil, []tensor.Value{vec(inf, -inf, 0)}, vec(inf, 0, 0)},
		{"limits", "Softplus", 1, nil, []tensor.Value{vec(inf, -inf, 200)}, vec(inf, 0, 200)},
		{"bits", "BitCast", 26, attrs{opstest.Int("to", int64(tensor.Int32))}, []tensor.Value{vec[float32](1)}, vec[int32](0x3f800000)},
		{"truncates", "Cast", 13, attrs{opstest.Int("to", int64(tensor.Int8))}, []tensor.Value{vec[float32](-1.9, 300)}, vec[int8](-1, 44)},
		{"parses", "Cast", 9, attrs{opstest.Int("to", int64(tensor.Float32))}, []tensor.Value{vec("1e3", "-INF")}, vec(1000, -inf)},
		{"empty", "Exp", 13, nil, []tensor.Value{vec[float32]()}, vec[float32]()},
	} {
		t.Run(c.op+" "+c.name, func(t *testing.T) {
			out := opstest.Node(t, math.Ops, opstest.NewNode(c.op, "", len(c.in), 1, c.attrs...), c.opset, c.in...)
			if err := tensor.AllClose(out[0], c.want, 1e-6, 0); err != nil {
				t.Error(err)
			}
		})
	}
}

func half(f float32) tensor.F16 { return tensor.F16From(f) }

// Before opset 7 the second input stands under the first where axis says.
func TestLegacyBroadcast(t *testing.T) {
	a := shaped(t, []float32{0, 1, 2, 3, 4, 5}, 2, 3)
	add := func(b *tensor.Tensor, as ...*onnx.Attribute) (tensor.Value, error) {
		out, err := opstest.Try(math.Ops, opstest.NewNode("Add", "", 2, 1, as...), 6, a, b)
		if err != nil {
			return nil, err
		}
		return out[0], nil
	}
	got, err := add(vec[float32](10, 20), opstest.Int("broadcast", 1), opstest.Int("axis", 0))
	if err != nil {
		t.Fatal(err)
	}
	if err := tensor.AllClose(got, shaped(t, []float32{10, 11, 12, 23, 24, 25}, 2, 3), 0, 0); err != nil {
		t.Error(err)
	}
	if got, err = add(vec[float32](10, 20, 30), opstest.Int("broadcast", 1)); err != nil {
		t.Fatal(err)
	}
	if err := tensor.AllClose(got, shaped(t, []float32{10, 21, 32, 13, 24, 35}, 2, 3), 0, 0); err != nil {
		t.Error(err)
	}
	for _, as := range []attrs{nil, {opstest.Int("broadcast", 1), opstest.Int("axis", 0)}, {opstest.Int("broadcast", 1), opstest.Int("axis", 2)}} {
		if got, err := add(vec[float32](1, 2, 3), as...); err == nil {
			t.Errorf("axis %v: got %v, want an error", as, got)
		}
	}
}

func TestPReluChannels(t *testing.T) {
	x := shaped(t, []float32{-1, -1, -1, -1, 2, 2}, 1, 3, 2)
	want := shaped(t, []float32{-10, -10, -20, -20, 2, 2}, 1, 3, 2)
	for opset, slope := range map[int]*tensor.Tensor{6: vec[float32](10, 20, 30), 7: shaped(t, []float32{10, 20, 30}, 3, 1)} {
		out := opstest.Node(t, math.Ops, opstest.NewNode("PRelu", "", 2, 1), opset, x, slope)
		if err := tensor.AllClose(out[0], want, 0, 0); err != nil {
			t.Errorf("opset %d: %v", opset, err)
		}
	}
	wide := shaped(t, make([]float32, 12), 2, 3, 2)
	if _, err := opstest.Try(math.Ops, opstest.NewNode("PRelu", "", 2, 1), 16, x, wide); err == nil {
		t.Error("a slope larger than x is taken")
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		op    string
		opset int
		attrs attrs
		in    []tensor.Value
		want  string
	}{
		{"Add", 13, nil, []tensor.Value{vec[float32](1, 2), vec[float32](1, 2, 3)}, "do not broadcast"},
		{"Add", 13, nil, []tensor.Value{vec[float32](1), vec[int32](1)}, "float32 and int32"},
		{"Add", 13, nil, []tensor.Value{vec("a"), vec("b")}, "elements are string, expected float32"},
		{"Div", 13, nil, []tensor.Value{vec[int32](1, 2), vec[int32](1, 0)}, "division by zero: element 1"},
		{"Mod", 13, nil, []tensor.Value{vec[int32](1), vec[int32](0)}, "division by zero"},
		{"Mod", 13, nil, []tensor.Value{vec[float32](1), vec[float32](1)}, "elements are float32"},
		{"BitShift", 11, nil, []tensor.Value{vec[uint8](1), vec[uint8](1)}, `"LEFT" or "RIGHT"`},
		{"Clip", 13, nil, []tensor.Value{vec[float32](1), vec[float32](1, 2), nil}, "expected a scalar"},
		{"Clip", 13, nil, []tensor.Value{vec[float32](1), tensor.Scalar[int32](1), nil}, "float32 and int32"},
		{"Where", 16, nil, []tensor.Value{vec[int32](1), vec[int32](1), vec[int32](1)}, "expected bool"},
		{"Cast", 13, nil, []tensor.Value{vec[float32](1)}, `"to" is missing`},
		{"Cast", 13, attrs{opstest.Int("to", 99)}, []tensor.Value{vec[float32](1)}, "no element type"},
		{"Cast", 13, attrs{opstest.Int("to", int64(tensor.Int32))}, []tensor.Value{vec("x")}, "no number"},
		{"BitCast", 26, attrs{opstest.Int("to", int64(tensor.Float64))}, []tensor.Value{vec[float32](1)}, "one width"},
		{"Gelu", 20, attrs{opstest.Str("approximate", "erf")}, []tensor.Value{vec[float32](1)}, `"erf"`},
	} {
		node := opstest.NewNode(c.op, "", len(c.in), 1, c.attrs...)
		_, err := opstest.Try(math.Ops, node, c.opset, c.in...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s of %v: error %v, want one with %q", c.op, c.in, err, c.want)
		}
	}
}

// Sizes are followed through the arithmetic that exporters write around Reshape
// and Expand.
func TestShapeValues(t *testing.T) {
	n := onnx.Symbol("n")
	ints := func(v ...int64) ops.Arg { return ops.Arg{Name: "c", Const: vec(v...), Type: intsOf(len(v))} }
	sizes := func(v ...onnx.Dim) ops.Arg { return ops.Arg{Name: "s", Value: v, Type: intsOf(len(v))} }
	flags := func(v ...onnx.Dim) ops.Arg {
		return ops.Arg{Name: "b", Value: v, Type: onnx.TensorOf(tensor.Bool, onnx.Known(len(v)))}
	}
	registry, err := ops.NewRegistry(math.Ops)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		op   string
		in   []ops.Arg
		want []onnx.Dim
	}{
		{"Add", []ops.Arg{sizes(n, onnx.Known(2)), ints(1)}, []onnx.Dim{onnx.Symbol("n + 1"), onnx.Known(3)}},
		{"Mul", []ops.Arg{sizes(n), ints(2, 1)}, []onnx.Dim{onnx.Symbol("n*2"), n}},
		{"Sub", []ops.Arg{ints(3), ints(5)}, []onnx.Dim{onnx.UnknownDim()}},
		{"Max", []ops.Arg{sizes(n, onnx.Known(4)), sizes(n, onnx.Known(7))}, []onnx.Dim{n, onnx.Known(7)}},
		{"Equal", []ops.Arg{sizes(n, onnx.Known(4), onnx.UnknownDim()), ints(-1)}, []onnx.Dim{onnx.Known(0), onnx.Known(0), onnx.UnknownDim()}},
		{"Equal", []ops.Arg{ints(-1, 3), ints(-1)}, []onnx.Dim{onnx.Known(1), onnx.Known(0)}},
		{"Where", []ops.Arg{flags(onnx.Known(0), onnx.Known(1), onnx.UnknownDim()), ints(1), sizes(n, n, n)}, []onnx.Dim{n, onnx.Known(1), onnx.UnknownDim()}},
	} {
		node := opstest.NewNode(c.op, "", len(c.in), 1)
		inference := &ops.Inference{Attrs: ops.NewAttrs(node), Opset: 16, Inputs: c.in, Outputs: make([]ops.Result, 1)}
		if err := registry.Find("", c.op, 16).Infer(inference); err != nil {
			t.Errorf("%s: %v", c.op, err)
			continue
		}
		got := inference.Outputs[0].Value
		same := len(got) == len(c.want)
		for i := range min(len(got), len(c.want)) {
			same = same && got[i].Value == c.want[i].Value && got[i].Param == c.want[i].Param
		}
		if !same {
			t.Errorf("%s: value is %v, want %v", c.op, got, c.want)
		}
	}
}

func intsOf(n int) *onnx.Type { return onnx.TensorOf(tensor.Int64, onnx.Known(n)) }
