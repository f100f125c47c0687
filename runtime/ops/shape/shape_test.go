package shape_test

import (
	"math"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/movement"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/ops/shape"
	"github.com/seed6700ada1/infer/runtime/ops/shapeinfer"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// zeros makes a float32 tensor.
func zeros(dims ...int) *tensor.Tensor {
	x, err := tensor.New(tensor.Float32, dims...)
	if err != nil {
		panic(err) // a fault of the table itself
	}
	return x
}

func ints(v ...int64) *tensor.Tensor { return tensor.Vector(v...) }

func list(v ...tensor.Value) []tensor.Value { return v }

func attrs(a ...*onnx.Attribute) []*onnx.Attribute { return a }

func TestOperators(t *testing.T) {
	tests := []struct {
		name  string
		op    string
		opset int
		attrs []*onnx.Attribute
		in    []tensor.Value
		want  tensor.Value // nil where it must fail
	}{
		{"attribute", "Reshape", 1, attrs(opstest.Ints("shape", -1, 2)), list(zeros(2, 3)), zeros(3, 2)},
		{"zero copies", "Reshape", 5, nil, list(zeros(2, 3), ints(0, -1, 1)), zeros(2, 3, 1)},
		{"to scalar", "Reshape", 13, nil, list(zeros(1, 1), ints()), zeros()},
		{"zero stays", "Reshape", 14, attrs(opstest.Int("allowzero", 1)), list(zeros(0, 3), ints(3, 0)), zeros(3, 0)},
		{"zero and rest", "Reshape", 14, attrs(opstest.Int("allowzero", 1)), list(zeros(0, 3), ints(0, -1)), nil},
		{"strings", "Reshape", 13, nil, list(tensor.Vector("a"), ints(1, 1)), mustReshape(tensor.Vector("a"), 1, 1)},
		{"zero beyond", "Reshape", 13, nil, list(zeros(2), ints(2, 0)), nil},
		{"two -1", "Reshape", 13, nil, list(zeros(2), ints(-1, -1)), nil},
		{"-2", "Reshape", 13, nil, list(zeros(2), ints(-2)), nil},
		{"elements", "Reshape", 13, nil, list(zeros(2, 3), ints(4)), nil},
		{"does not divide", "Reshape", 13, nil, list(zeros(2, 3), ints(4, -1)), nil},
		{"overflow", "Reshape", 13, nil, list(zeros(2), ints(math.MaxInt64, math.MaxInt64)), nil},
		{"float target", "Reshape", 13, nil, list(zeros(2), zeros(1)), nil},

		{"default", "Flatten", 1, nil, list(zeros(2, 3, 4)), zeros(2, 12)},
		{"scalar", "Flatten", 13, attrs(opstest.Int("axis", 0)), list(zeros()), zeros(1, 1)},
		{"all", "Flatten", 11, attrs(opstest.Int("axis", 2)), list(zeros(2, 3)), zeros(6, 1)},
		{"axis", "Flatten", 13, attrs(opstest.Int("axis", 3)), list(zeros(2, 3)), nil},

		{"attribute", "Squeeze", 1, attrs(opstest.Ints("axes", 0)), list(zeros(1, 3, 1)), zeros(3, 1)},
		{"all", "Squeeze", 11, nil, list(zeros(1, 3, 1)), zeros(3)},
		{"input", "Squeeze", 13, nil, list(zeros(1, 3, 1), ints(-1)), zeros(1, 3)},
		{"not 1", "Squeeze", 13, nil, list(zeros(1, 3), ints(1)), nil},
		{"axis", "Squeeze", 13, nil, list(zeros(1, 3), ints(2)), nil},
		{"attribute", "Unsqueeze", 1, attrs(opstest.Ints("axes", 0, 2)), list(zeros(3)), zeros(1, 3, 1)},
		{"input", "Unsqueeze", 13, nil, list(zeros(3), ints(-1, 0)), zeros(1, 3, 1)},
		{"axis", "Unsqueeze", 13, nil, list(zeros(3), ints(2)), nil},
		{"twice", "Unsqueeze", 13, nil, list(zeros(3), ints(0, -3)), nil},

		{"part", "Shape", 15, attrs(opstest.Int("start", -2), opstest.Int("end", 100)), list(zeros(2, 3, 4)), ints(3, 4)},
		{"no parts in version 13", "Shape", 13, nil, list(zeros(2, 3)), ints(2, 3)},
		{"scalar", "Shape", 15, nil, list(zeros()), ints()},
		{"of nothing", "Size", 13, nil, list(zeros(2, 0)), tensor.Scalar[int64](0)},

		{"int", "Constant", 12, attrs(opstest.Int("value_int", -7)), nil, tensor.Scalar[int64](-7)},
		{"ints", "Constant", 12, attrs(opstest.Ints("value_ints", 1, 2)), nil, ints(1, 2)},
		{"float", "Constant", 12, attrs(opstest.Float("value_float", 0.5)), nil, tensor.Scalar[float32](0.5)},
		{"floats", "Constant", 12, attrs(opstest.Floats("value_floats", 1, 2)), nil, tensor.Vector[float32](1, 2)},
		{"string", "Constant", 12, attrs(opstest.Str("value_string", "a")), nil, tensor.Scalar("a")},
		{"tensor", "Constant", 1, attrs(opstest.Tensor("value", ints(3))), nil, ints(3)},
		{"none", "Constant", 13, nil, nil, nil},

		{"default", "ConstantOfShape", 9, nil, list(ints(2, 1)), zeros(2, 1)},
		{"scalar", "ConstantOfShape", 9, attrs(opstest.Tensor("value", ints(3))), list(ints()), tensor.Scalar[int64](3)},
		{"two values", "ConstantOfShape", 9, attrs(opstest.Tensor("value", ints(3, 4))), list(ints(1)), nil},
		{"negative", "ConstantOfShape", 9, nil, list(ints(-1)), nil},
		{"too large", "ConstantOfShape", 9, nil, list(ints(1<<40, 1<<40)), nil},

		{"floats", "Range", 11, nil, list(tensor.Scalar(1.0), tensor.Scalar(2.0), tensor.Scalar(0.25)), tensor.Vector(1, 1.25, 1.5, 1.75)},
		{"none", "Range", 11, nil, list(tensor.Scalar[int16](1), tensor.Scalar[int16](-1), tensor.Scalar[int16](1)), tensor.Vector[int16]()},
		{"float16", "Range", 27, nil, list(tensor.Scalar(tensor.F16From(1)), tensor.Scalar(tensor.F16From(4)), tensor.Scalar(tensor.F16From(1.5))), tensor.Vector(tensor.F16From(1), tensor.F16From(2.5))},
		{"float16 in version 11", "Range", 11, nil, list(tensor.Scalar(tensor.F16From(1)), tensor.Scalar(tensor.F16From(4)), tensor.Scalar(tensor.F16From(1.5))), nil},
		{"no step", "Range", 11, nil, list(tensor.Scalar[int64](1), tensor.Scalar[int64](2), tensor.Scalar[int64](0)), nil},
		{"types", "Range", 11, nil, list(tensor.Scalar[int64](1), tensor.Scalar[int32](2), tensor.Scalar[int64](1)), nil},
		{"unsigned", "Range", 11, nil, list(tensor.Scalar[uint8](1), tensor.Scalar[uint8](2), tensor.Scalar[uint8](1)), nil},
		{"too long", "Range", 11, nil, list(tensor.Scalar[int64](0), tensor.Scalar[int64](math.MaxInt64), tensor.Scalar[int64](1)), nil},

		{"below", "EyeLike", 9, attrs(opstest.Int("k", -1)), list(zeros(3, 2)), mustReshape(tensor.Vector[float32](0, 0, 1, 0, 0, 1), 3, 2)},
		{"outside", "EyeLike", 9, attrs(opstest.Int("k", math.MinInt64)), list(zeros(1, 2)), zeros(1, 2)},
		{"half", "EyeLike", 22, attrs(opstest.Int("dtype", int64(tensor.BFloat16))), list(zeros(1, 1)), mustReshape(tensor.Vector(tensor.BF16From(1)), 1, 1)},
		{"rank", "EyeLike", 9, nil, list(zeros(2)), nil},
	}
	for _, tt := range tests {
		t.Run(tt.op+" "+tt.name, func(t *testing.T) {
			node := opstest.NewNode(tt.op, "", len(tt.in), 1, tt.attrs...)
			got, err := opstest.Try(shape.Ops, node, tt.opset, tt.in...)
			if tt.want == nil {
				if err == nil {
					t.Fatalf("no error, but %v", got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := tensor.AllClose(got[0], tt.want, 0, 0); err != nil {
				t.Error(err)
			}
		})
	}
}

func mustReshape(x *tensor.Tensor, dims ...int) *tensor.Tensor {
	y, err := x.Reshape(dims...)
	if err != nil {
		panic(err) // a fault of the table itself
	}
	return y
}

// TestShapeArithmetic follows dimensions through what exporters write.
func TestShapeArithmetic(t *testing.T) {
	x := onnx.TensorOf(tensor.Float32, onnx.Symbol("batch"), onnx.Symbol("seq"), onnx.Known(12))
	tests := []struct {
		name   string
		target []*onnx.Node // makes "target" of "s", the shape of x [batch,seq,12]
		want   string
	}{
		{
			"heads", []*onnx.Node{
				node("Gather", "s", "zero", "b"), node("Unsqueeze", "b", "axes", "b1"),
				node("Gather", "s", "one", "q"), node("Unsqueeze", "q", "axes", "q1"),
				node("Concat", "b1", "q1", "three", "rest", "target"),
			}, "[batch,seq,3,4]",
		},
		{"slice", []*onnx.Node{node("Slice", "s", "zeros", "twos", "lead"), node("Concat", "lead", "three", "rest", "target")}, "[batch,seq,3,4]"},
		{"merged", []*onnx.Node{node("Slice", "s", "twos", "threes", "tail"), node("Concat", "rest", "tail", "target")}, "[batch*seq,12]"},
		{"zeros", []*onnx.Node{node("Concat", "zeros", "zeros", "three", "rest", "target")}, "[batch,seq,3,4]"},
	}
	constants := map[string]*tensor.Tensor{
		"zero": tensor.Scalar[int64](0), "one": tensor.Scalar[int64](1), "axes": ints(0), "zeros": ints(0),
		"twos": ints(2), "threes": ints(3), "three": ints(3), "rest": ints(-1),
	}
	registry, err := ops.NewRegistry(shape.Ops, movement.Ops)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		g := &onnx.Graph{
			Inputs: []*onnx.ValueInfo{{Name: "x", Type: x}},
			Nodes:  append([]*onnx.Node{node("Shape", "x", "s")}, append(tt.target, node("Reshape", "x", "target", "y"))...),
		}
		for name, v := range constants {
			g.Initializers = append(g.Initializers, onnx.NewTensor(name, v))
		}
		for _, n := range g.Nodes {
			if n.OpType == "Concat" {
				n.Attributes = attrs(opstest.Int("axis", 0))
			}
		}
		scope, err := shapeinfer.New(&onnx.Model{Graph: g, Opsets: []onnx.OpsetID{{Version: 13}}}, registry, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := scope.Graph(g); err != nil {
			t.Fatal(err)
		}
		if got := scope.Get("y").Type.Shape.String(); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

// node is a node whose last name is its output.
func node(op string, names ...string) *onnx.Node {
	last := len(names) - 1
	return &onnx.Node{OpType: op, Inputs: names[:last], Outputs: names[last:]}
}
