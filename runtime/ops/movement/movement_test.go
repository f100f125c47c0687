package movement_test

import (
	"math"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/movement"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// testCase is one node, its inputs and what it must give; nil want is an error.
type testCase struct {
	name  string
	op    string
	opset int
	attrs []*onnx.Attribute
	in    []tensor.Value
	want  []tensor.Value
}

func runCases(t *testing.T, cases []testCase) {
	t.Helper()
	for _, tt := range cases {
		t.Run(tt.op+" "+tt.name, func(t *testing.T) {
			node := opstest.NewNode(tt.op, "", len(tt.in), max(len(tt.want), 1), tt.attrs...)
			got, err := opstest.Try(movement.Ops, node, tt.opset, tt.in...)
			if tt.want == nil {
				if err == nil {
					t.Fatalf("no error, but %v", got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for i, w := range tt.want {
				if err := tensor.AllClose(got[i], w, 0, 0); err != nil {
					t.Errorf("output %d: %v", i, err)
				}
			}
		})
	}
}

// of makes a tensor of that shape.
func of[T tensor.Element](shape []int, values ...T) *tensor.Tensor {
	x, err := tensor.FromSlice(values, shape...)
	if err != nil {
		panic(err) // a fault of the table itself
	}
	return x
}

// packed makes a tensor of a packed type.
func packed(d tensor.DType, shape []int, values ...int8) *tensor.Tensor {
	x, err := tensor.Pack(d, values, shape...)
	if err != nil {
		panic(err) // a fault of the table itself
	}
	return x
}

func ints(v ...int64) *tensor.Tensor { return tensor.Vector(v...) }

func list(v ...tensor.Value) []tensor.Value { return v }

func attrs(a ...*onnx.Attribute) []*onnx.Attribute { return a }

// shape shortens tables.
func shape(d ...int) []int { return d }

func TestTransposeConcatSplit(t *testing.T) {
	matrix := of(shape(2, 3), 1, 2, 3, 4, 5, 6.0)
	runCases(t, []testCase{
		{"reverses", "Transpose", 1, nil, list(matrix), list(of(shape(3, 2), 1, 4, 2, 5, 3, 6.0))},
		{"scalar", "Transpose", 13, nil, list(tensor.Scalar(5.0)), list(tensor.Scalar(5.0))},
		{
			"int4", "Transpose", 21, nil,
			list(packed(tensor.Int4, shape(2, 3), 1, -2, 3, 4, 5, -6)), list(packed(tensor.Int4, shape(3, 2), 1, 4, -2, 5, 3, -6)),
		},
		{"strings", "Transpose", 13, nil, list(of(shape(1, 2), "a", "b")), list(of(shape(2, 1), "a", "b"))},
		{"empty", "Transpose", 13, attrs(opstest.Ints("perm", 1, 0)), list(of[float32](shape(0, 3))), list(of[float32](shape(3, 0)))},
		{"perm too short", "Transpose", 13, attrs(opstest.Ints("perm", 0)), list(matrix), nil},
		{"perm repeats", "Transpose", 13, attrs(opstest.Ints("perm", 0, 0)), list(matrix), nil},
		{"perm negative", "Transpose", 13, attrs(opstest.Ints("perm", -1, 0)), list(matrix), nil},
		{"perm beyond", "Transpose", 13, attrs(opstest.Ints("perm", 0, 2)), list(matrix), nil},

		{"default axis of version 1", "Concat", 1, nil, list(matrix, of(shape(2, 1), 7, 8.0)), list(of(shape(2, 4), 1, 2, 3, 7, 4, 5, 6, 8.0))},
		{"axis missing", "Concat", 4, nil, list(matrix, matrix), nil},
		{"negative axis", "Concat", 11, attrs(opstest.Int("axis", -2)), list(of(shape(1, 1), "a"), of(shape(1, 1), "b")), list(of(shape(2, 1), "a", "b"))},
		{
			"uint4", "Concat", 13, attrs(opstest.Int("axis", 0)),
			list(packed(tensor.Uint4, shape(3), 1, 2, 3), packed(tensor.Uint4, shape(2), 4, 5)), list(packed(tensor.Uint4, shape(5), 1, 2, 3, 4, 5)),
		},
		{"empty part", "Concat", 13, attrs(opstest.Int("axis", 0)), list(ints(), ints(1), ints()), list(ints(1))},
		{"types", "Concat", 13, attrs(opstest.Int("axis", 0)), list(ints(1), tensor.Vector(1.0)), nil},
		{"ranks", "Concat", 13, attrs(opstest.Int("axis", 0)), list(matrix, tensor.Vector(1.0)), nil},
		{"shapes", "Concat", 13, attrs(opstest.Int("axis", 0)), list(matrix, of(shape(1, 2), 1, 2.0)), nil},
		{"axis beyond", "Concat", 13, attrs(opstest.Int("axis", 2)), list(matrix, matrix), nil},

		{"attribute", "Split", 2, attrs(opstest.Ints("split", 1, 2)), list(ints(1, 2, 3)), list(ints(1), ints(2, 3))},
		{"input", "Split", 13, nil, list(ints(1, 2, 3), ints(3, 0)), list(ints(1, 2, 3), ints())},
		{"shorter last", "Split", 18, attrs(opstest.Int("num_outputs", 2)), list(ints(1, 2, 3)), list(ints(1, 2), ints(3))},
		{"nothing left for the last", "Split", 18, attrs(opstest.Int("num_outputs", 3)), list(ints(1, 2, 3, 4)), list(ints(1, 2), ints(3, 4), ints())},
	})
}

func TestSplitRefuses(t *testing.T) {
	row := ints(1, 2, 3)
	for name, in := range map[string][]tensor.Value{
		"uneven":   list(row),
		"too much": list(row, ints(2, 2)),
		"too few":  list(row, ints(1, 1)),
		"negative": list(row, ints(4, -1)),
		"overflow": list(row, ints(math.MaxInt64, 3)),
		"lengths":  list(row, ints(1, 1, 1)),
	} {
		if _, err := opstest.Try(movement.Ops, opstest.NewNode("Split", "", len(in), 2), 13, in...); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	three := opstest.NewNode("Split", "", 1, 2, opstest.Int("num_outputs", 3))
	if _, err := opstest.Try(movement.Ops, three, 18, row); err == nil {
		t.Error("num_outputs of 3 for two outputs: no error")
	}
}

func TestSlice(t *testing.T) {
	row := ints(0, 1, 2, 3, 4)
	matrix := of(shape(2, 3), 1, 2, 3, 4, 5, 6.0)
	const most, least = math.MaxInt64, math.MinInt64
	at := func(starts, ends, steps int64) []tensor.Value {
		return list(row, ints(starts), ints(ends), ints(0), ints(steps))
	}
	runCases(t, []testCase{
		{"attributes", "Slice", 1, attrs(opstest.Ints("starts", 1), opstest.Ints("ends", 1000)), list(row), list(ints(1, 2, 3, 4))},
		{"attribute axes", "Slice", 1, attrs(opstest.Ints("axes", 1), opstest.Ints("starts", 0), opstest.Ints("ends", -1)), list(matrix), list(of(shape(2, 2), 1, 2, 4, 5.0))},
		{"two axes", "Slice", 10, nil, list(matrix, ints(1, -2), ints(2, 3)), list(of(shape(1, 2), 5, 6.0))},
		{"int32", "Slice", 13, nil, list(row, tensor.Vector[int32](1), tensor.Vector[int32](3)), list(ints(1, 2))},
		{"step 2", "Slice", 13, nil, at(0, most, 2), list(ints(0, 2, 4))},
		{"backwards", "Slice", 13, nil, at(-1, least, -1), list(ints(4, 3, 2, 1, 0))},
		{"backwards by 2", "Slice", 13, nil, at(3, 0, -2), list(ints(3, 1))},
		{"backwards from beyond", "Slice", 13, nil, at(most, -4, -1), list(ints(4, 3, 2))},
		{"backwards from before", "Slice", 13, nil, at(-100, least, -1), list(ints(0))},
		{"smallest step", "Slice", 13, nil, at(-1, least, least), list(ints(4))},
		{"largest step", "Slice", 13, nil, at(least, most, most), list(ints(0))},
		{"nothing", "Slice", 13, nil, at(3, 1, 1), list(ints())},
		{"nothing backwards", "Slice", 13, nil, at(1, 3, -1), list(ints())},
		{"of nothing", "Slice", 13, nil, list(ints(), ints(-1), ints(least), ints(0), ints(-1)), list(ints())},
		{"int4", "Slice", 13, nil, list(packed(tensor.Int4, shape(5), 1, 2, -3, 4, 5), ints(3), ints(0), ints(0), ints(-1)), list(packed(tensor.Int4, shape(3), 4, -3, 2))},
		{"step 0", "Slice", 13, nil, at(0, 1, 0), nil},
		{"axis twice", "Slice", 13, nil, list(matrix, ints(0, 0), ints(1, 1), ints(0, -2)), nil},
		{"axis beyond", "Slice", 13, nil, list(matrix, ints(0), ints(1), ints(2)), nil},
		{"counts", "Slice", 13, nil, list(matrix, ints(0), ints(1, 1)), nil},
		{"more starts than axes", "Slice", 13, nil, list(row, ints(0, 0), ints(1, 1)), nil},
		{"float starts", "Slice", 13, nil, list(row, tensor.Vector(0.0), ints(1)), nil},
	})
}

func TestGathers(t *testing.T) {
	matrix := of(shape(2, 3), 1, 2, 3, 4, 5, 6.0)
	runCases(t, []testCase{
		{"scalar index", "Gather", 13, attrs(opstest.Int("axis", 1)), list(matrix, tensor.Scalar[int64](-1)), list(of(shape(2), 3, 6.0))},
		{"strings", "Gather", 1, nil, list(tensor.Vector("a", "b"), of(shape(1, 2), int32(1), 0)), list(of(shape(1, 2), "b", "a"))},
		{"uint2", "Gather", 13, nil, list(packed(tensor.Uint2, shape(5), 0, 1, 2, 3, 0), ints(3, 1)), list(packed(tensor.Uint2, shape(2), 3, 1))},
		{"no indices", "Gather", 13, nil, list(matrix, ints()), list(of[float64](shape(0, 3)))},
		{"beyond", "Gather", 13, nil, list(matrix, ints(2)), nil},
		{"before", "Gather", 13, nil, list(matrix, ints(-3)), nil},
		{"of nothing", "Gather", 13, nil, list(ints(), ints(0)), nil},
		{"axis", "Gather", 13, attrs(opstest.Int("axis", 2)), list(matrix, ints(0)), nil},
		{"float indices", "Gather", 13, nil, list(matrix, tensor.Vector(0.0)), nil},

		{"smaller indices", "GatherElements", 13, attrs(opstest.Int("axis", 1)), list(matrix, of(shape(1, 2), int64(-1), 0)), list(of(shape(1, 2), 3, 1.0))},
		{"larger indices", "GatherElements", 13, attrs(opstest.Int("axis", 1)), list(matrix, of(shape(3, 1), int64(0), 0, 0)), nil},
		{"ranks", "GatherElements", 13, nil, list(matrix, ints(0)), nil},
		{"beyond", "GatherElements", 13, nil, list(matrix, of(shape(1, 1), int64(2))), nil},

		{"whole rows", "GatherND", 13, nil, list(matrix, of(shape(2, 1), int64(1), -2)), list(of(shape(2, 3), 4, 5, 6, 1, 2, 3.0))},
		{"batches", "GatherND", 12, attrs(opstest.Int("batch_dims", 1)), list(matrix, of(shape(2, 1), int64(2), 0)), list(of(shape(2), 3, 4.0))},
		{"tuple too long", "GatherND", 13, nil, list(matrix, of(shape(1, 3), int64(0), 0, 0)), nil},
		{"batches beyond", "GatherND", 13, attrs(opstest.Int("batch_dims", 2)), list(matrix, of(shape(2, 1), int64(0), 0)), nil},
		{"batches differ", "GatherND", 13, attrs(opstest.Int("batch_dims", 1)), list(matrix, of(shape(1, 1), int64(0))), nil},
		{"beyond", "GatherND", 13, nil, list(matrix, of(shape(1, 2), int64(1), 3)), nil},

		{"flattened", "Compress", 11, nil, list(matrix, tensor.Vector(false, true, false, false, true)), list(tensor.Vector(2, 5.0))},
		{"beyond", "Compress", 11, attrs(opstest.Int("axis", 0)), list(matrix, tensor.Vector(false, true, true)), nil},
		{"longer but false", "Compress", 9, attrs(opstest.Int("axis", 0)), list(matrix, tensor.Vector(false, true, false)), list(of(shape(1, 3), 4, 5, 6.0))},
	})
}

func TestScatters(t *testing.T) {
	three := func(v ...float32) *tensor.Tensor { return tensor.Vector(v...) }
	reduction := func(r string) []*onnx.Attribute { return attrs(opstest.Str("reduction", r)) }
	runCases(t, []testCase{
		{"version 9", "Scatter", 9, nil, list(three(1, 2, 3), ints(2, -3), three(8, 9)), list(three(9, 2, 8))},
		{"withdrawn", "Scatter", 11, nil, list(three(1, 2, 3), ints(2), three(8)), nil},
		{"strings", "ScatterElements", 11, nil, list(tensor.Vector("a", "b"), ints(1), tensor.Vector("c")), list(tensor.Vector("a", "c"))},
		{"add twice", "ScatterElements", 16, reduction("add"), list(three(1, 2, 3), ints(1, 1), three(8, 9)), list(three(1, 19, 3))},
		{"mul", "ScatterElements", 18, reduction("mul"), list(tensor.Vector[int32](1, 2), ints(1, 1), tensor.Vector[int32](3, 4)), list(tensor.Vector[int32](1, 24))},
		{"or", "ScatterElements", 16, reduction("add"), list(tensor.Vector(true, false), ints(0, 1), tensor.Vector(true, true)), list(tensor.Vector(true, true))},
		{"max in version 16", "ScatterElements", 16, reduction("max"), list(three(1), ints(0), three(8)), nil},
		{
			"half max", "ScatterElements", 18, reduction("max"),
			list(tensor.Vector(tensor.F16From(1)), ints(0), tensor.Vector(tensor.F16From(2))), list(tensor.Vector(tensor.F16From(2))),
		},
		{"strings cannot add", "ScatterElements", 18, reduction("add"), list(tensor.Vector("a"), ints(0), tensor.Vector("c")), nil},
		{"beyond", "ScatterElements", 18, nil, list(three(1), ints(1), three(8)), nil},
		{"shapes", "ScatterElements", 18, nil, list(three(1), ints(0), three(8, 9)), nil},
		{"types", "ScatterElements", 18, nil, list(three(1), ints(0), ints(8)), nil},

		{"row", "ScatterND", 11, nil, list(of(shape(2, 2), 1, 2, 3, 4.0), of(shape(1, 1), int64(-1)), of(shape(1, 2), 8, 9.0)), list(of(shape(2, 2), 1, 2, 8, 9.0))},
		{"min", "ScatterND", 18, reduction("min"), list(ints(5, 5), of(shape(2, 1), int64(1), 1), ints(7, 3)), list(ints(5, 3))},
		{"updates", "ScatterND", 18, nil, list(ints(5, 5), of(shape(1, 1), int64(1)), ints(7, 3)), nil},
		{"beyond", "ScatterND", 18, nil, list(ints(5, 5), of(shape(1, 1), int64(2)), ints(7)), nil},

		{"linear", "TensorScatter", 24, nil, list(of(shape(1, 3, 1), 1, 2, 3.0), of(shape(1, 1, 1), 9.0), ints(2)), list(of(shape(1, 3, 1), 1, 2, 9.0))},
		{"linear beyond", "TensorScatter", 24, nil, list(of(shape(1, 3, 1), 1, 2, 3.0), of(shape(1, 2, 1), 8, 9.0), ints(2)), nil},
		{
			"circular", "TensorScatter", 24, attrs(opstest.Str("mode", "circular")),
			list(of(shape(1, 3, 1), 1, 2, 3.0), of(shape(1, 2, 1), 8, 9.0), ints(2)), list(of(shape(1, 3, 1), 9, 2, 8.0)),
		},
		{"no indices", "TensorScatter", 24, nil, list(of(shape(1, 3, 1), 1, 2, 3.0), of(shape(1, 2, 1), 8, 9.0)), list(of(shape(1, 3, 1), 8, 9, 3.0))},
		{"batch axis", "TensorScatter", 24, attrs(opstest.Int("axis", 0)), list(ints(1), ints(1)), nil},
	})
}
