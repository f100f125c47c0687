package reduce_test

import (
	"math"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/ops/reduce"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

var (
	inf = float32(math.Inf(1))
	nan = float32(math.NaN())
)

type attrs = []*onnx.Attribute

func shaped[T tensor.Element](t *testing.T, v []T, shape ...int) *tensor.Tensor {
	t.Helper()
	x, err := tensor.FromSlice(v, shape...)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func vec[T tensor.Element](v ...T) *tensor.Tensor { return tensor.Vector(v...) }

// Expected values follow from the formulas by hand.
func TestOperators(t *testing.T) {
	grid := shaped(t, []float32{1, 2, 3, 4, 5, 6}, 2, 3)
	empty := shaped(t, []float32{}, 2, 0, 3)
	keep, drop := opstest.Int("keepdims", 1), opstest.Int("keepdims", 0)
	noop := opstest.Int("noop_with_empty_axes", 1)
	for _, c := range []struct {
		name  string
		op    string
		opset int
		attrs attrs
		in    []tensor.Value
		want  *tensor.Tensor
	}{
		{"all by default", "ReduceSum", 13, attrs{drop}, []tensor.Value{grid}, tensor.Scalar[float32](21)},
		{"axes as attribute", "ReduceSum", 11, attrs{opstest.Ints("axes", -1), keep}, []tensor.Value{grid}, shaped(t, []float32{6, 15}, 2, 1)},
		{"axes as input", "ReduceSum", 13, attrs{drop}, []tensor.Value{grid, vec[int64](0)}, vec[float32](5, 7, 9)},
		{"no axes, no reduction", "ReduceSum", 13, attrs{noop}, []tensor.Value{grid}, grid},
		{"no axes, squares all the same", "ReduceSumSquare", 18, attrs{noop}, []tensor.Value{grid, vec[int64]()}, shaped(t, []float32{1, 4, 9, 16, 25, 36}, 2, 3)},
		{"empty list of axes is all", "ReduceMean", 18, attrs{drop}, []tensor.Value{grid, vec[int64]()}, tensor.Scalar[float32](3.5)},
		{"scalar", "ReduceMax", 13, nil, []tensor.Value{tensor.Scalar[float32](7)}, tensor.Scalar[float32](7)},
		{"truncates", "ReduceMean", 13, attrs{drop}, []tensor.Value{vec[int32](-1, -2, -2)}, tensor.Scalar[int32](-1)},
		{"wider than the type", "ReduceMean", 13, attrs{drop}, []tensor.Value{vec[int32](math.MaxInt32, math.MaxInt32)}, tensor.Scalar[int32](math.MaxInt32)},
		{"wraps", "ReduceSum", 13, attrs{drop}, []tensor.Value{vec[int32](math.MaxInt32, 1)}, tensor.Scalar[int32](math.MinInt32)},
		{"booleans", "ReduceMax", 20, attrs{drop}, []tensor.Value{vec(false, true)}, tensor.Scalar(true)},
		{"booleans", "ReduceMin", 20, attrs{drop}, []tensor.Value{vec(false, true)}, tensor.Scalar(false)},
		{"sum of nothing", "ReduceSum", 13, nil, []tensor.Value{empty, vec[int64](1)}, shaped(t, make([]float32, 6), 2, 1, 3)},
		{"largest of nothing", "ReduceMax", 20, attrs{drop}, []tensor.Value{shaped(t, []int8{}, 0)}, tensor.Scalar[int8](-128)},
		{"float16 in float32", "ReduceSum", 13, attrs{drop}, []tensor.Value{vec(tensor.F16From(2048), tensor.F16From(1), tensor.F16From(1))}, tensor.Scalar(tensor.F16From(2050))},
		{"first of equals", "ArgMax", 13, attrs{drop}, []tensor.Value{vec[float32](1, 3, 3)}, tensor.Scalar[int64](1)},
		{"last of equals", "ArgMax", 12, attrs{drop, opstest.Int("select_last_index", 1)}, []tensor.Value{vec[float32](1, 3, 3)}, tensor.Scalar[int64](2)},
		{"bfloat16", "ArgMin", 13, attrs{drop, opstest.Int("axis", -1)}, []tensor.Value{vec(tensor.BF16From(2), tensor.BF16From(1))}, tensor.Scalar[int64](1)},
		{"middle axis", "ArgMax", 13, attrs{opstest.Int("axis", 0)}, []tensor.Value{shaped(t, []int32{1, 9, 2, 8}, 2, 2)}, shaped(t, []int64{1, 0}, 1, 2)},
		{"exclusive from the end", "CumSum", 14, attrs{opstest.Int("exclusive", 1), opstest.Int("reverse", 1)}, []tensor.Value{vec[float32](1, 2, 3), tensor.Scalar[int32](0)}, vec[float32](5, 3, 0)},
		{"rows", "CumSum", 11, nil, []tensor.Value{grid, tensor.Scalar[int64](-1)}, shaped(t, []float32{1, 3, 6, 4, 9, 15}, 2, 3)},
		{"product", "CumProd", 26, nil, []tensor.Value{vec[int64](1, 2, 3), tensor.Scalar[int64](0)}, vec[int64](1, 2, 6)},
		{"product, exclusive", "CumProd", 26, attrs{opstest.Int("exclusive", 1)}, []tensor.Value{vec[int64](1, 2, 3), tensor.Scalar[int64](0)}, vec[int64](1, 1, 2)},
		{"from opset 13, one axis", "Softmax", 13, attrs{opstest.Int("axis", 0)}, []tensor.Value{shaped(t, []float32{0, 5, 0, 5}, 2, 2)}, shaped(t, []float32{.5, .5, .5, .5}, 2, 2)},
		{"before, all from the axis on", "Softmax", 11, attrs{opstest.Int("axis", 0)}, []tensor.Value{shaped(t, []float32{0, 0, 0, 0}, 2, 2)}, shaped(t, []float32{.25, .25, .25, .25}, 2, 2)},
		{"axis past the end", "Softmax", 11, attrs{opstest.Int("axis", 1)}, []tensor.Value{vec[float32](3, 4)}, vec[float32](1, 1)},
		{"NaN", "Softmax", 13, nil, []tensor.Value{vec(1, nan)}, vec(nan, nan)},
		{"large", "LogSoftmax", 13, nil, []tensor.Value{vec[float32](1000, -1000)}, vec[float32](0, -2000)},
		{"empty", "Softmax", 13, nil, []tensor.Value{empty}, empty},
		{"first of equals", "Hardmax", 13, nil, []tensor.Value{vec[float32](1, 3, 3)}, vec[float32](0, 1, 0)},
		{"finite beside -∞", "ReduceLogSumExp", 18, attrs{drop}, []tensor.Value{vec(-inf, 2)}, tensor.Scalar[float32](2)},
	} {
		t.Run(c.op+" "+c.name, func(t *testing.T) {
			out := opstest.Node(t, reduce.Ops, opstest.NewNode(c.op, "", len(c.in), 1, c.attrs...), c.opset, c.in...)
			if err := tensor.AllClose(out[0], c.want, 1e-6, 0); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTopK(t *testing.T) {
	x := shaped(t, []int32{3, 1, 3, 2, 9, 9}, 2, 3)
	two := vec[int64](2)
	for _, c := range []struct {
		opset   int
		attrs   attrs
		in      []tensor.Value
		values  *tensor.Tensor
		indices *tensor.Tensor
	}{
		{11, nil, []tensor.Value{x, two}, shaped(t, []int32{3, 3, 9, 9}, 2, 2), shaped(t, []int64{0, 2, 1, 2}, 2, 2)},
		{24, attrs{opstest.Int("largest", 0)}, []tensor.Value{x, two}, shaped(t, []int32{1, 3, 2, 9}, 2, 2), shaped(t, []int64{1, 0, 0, 1}, 2, 2)},
		{10, attrs{opstest.Int("axis", 0)}, []tensor.Value{x, vec[int64](1)}, shaped(t, []int32{3, 9, 9}, 1, 3), shaped(t, []int64{0, 1, 1}, 1, 3)},
		{1, attrs{opstest.Int("k", 1)}, []tensor.Value{vec(1, nan, 2)}, vec(nan), vec[int64](1)},
		{11, nil, []tensor.Value{x, vec[int64](0)}, shaped(t, []int32{}, 2, 0), shaped(t, []int64{}, 2, 0)},
	} {
		out := opstest.Node(t, reduce.Ops, opstest.NewNode("TopK", "", len(c.in), 2, c.attrs...), c.opset, c.in...)
		if err := tensor.AllClose(out[0], c.values, 0, 0); err != nil {
			t.Errorf("opset %d %v: values: %v", c.opset, c.attrs, err)
		}
		if err := tensor.AllClose(out[1], c.indices, 0, 0); err != nil {
			t.Errorf("opset %d %v: indices: %v", c.opset, c.attrs, err)
		}
	}
}

func TestErrors(t *testing.T) {
	grid := shaped(t, make([]float32, 6), 2, 3)
	for _, c := range []struct {
		op    string
		opset int
		nout  int
		attrs attrs
		in    []tensor.Value
		want  string
	}{
		{"ReduceSum", 13, 1, nil, []tensor.Value{grid, vec[int64](2)}, "axis 2 is out of range for rank 2"},
		{"ReduceSum", 11, 1, attrs{opstest.Ints("axes", -3)}, []tensor.Value{grid}, "axis -3 is out of range"},
		{"ReduceSum", 13, 1, nil, []tensor.Value{vec("a")}, "elements are string"},
		{"ReduceSum", 13, 1, nil, []tensor.Value{grid, vec[float32](1)}, "expected int64 or int32"},
		{"ArgMax", 13, 1, attrs{opstest.Int("axis", 1)}, []tensor.Value{shaped(t, []float32{}, 2, 0)}, "axis 1 has no elements"},
		{"ArgMax", 13, 1, attrs{opstest.Int("axis", 5)}, []tensor.Value{grid}, "axis 5 is out of range"},
		{"CumSum", 14, 1, nil, []tensor.Value{grid, vec[int64](0, 1)}, "expected one"},
		{"TopK", 11, 2, nil, []tensor.Value{grid, vec[int64](4)}, "expected 0 to 3"},
		{"TopK", 11, 2, nil, []tensor.Value{grid, vec[int64](-1)}, "k is -1"},
		{"Softmax", 13, 1, attrs{opstest.Int("axis", 2)}, []tensor.Value{grid}, "axis 2 is out of range"},
		{"Softmax", 13, 1, nil, []tensor.Value{vec[int32](1)}, "elements are int32"},
	} {
		node := opstest.NewNode(c.op, "", len(c.in), c.nout, c.attrs...)
		_, err := opstest.Try(reduce.Ops, node, c.opset, c.in...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s of %v: error %v, want one with %q", c.op, c.in, err, c.want)
		}
	}
}
