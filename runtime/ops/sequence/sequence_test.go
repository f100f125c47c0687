package sequence_test

import (
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/ops/sequence"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func ints(v ...int64) *tensor.Tensor { return tensor.Vector(v...) }

func at(v int64) *tensor.Tensor { return tensor.Scalar(v) }

func seq(items ...tensor.Value) *tensor.Sequence {
	return &tensor.Sequence{DType: tensor.Int64, Items: items}
}

func list(v ...tensor.Value) []tensor.Value { return v }

func attrs(a ...*onnx.Attribute) []*onnx.Attribute { return a }

// matrix makes an int64 tensor of that many rows.
func matrix(rows int, v ...int64) *tensor.Tensor {
	x, err := tensor.FromSlice(v, rows, len(v)/rows)
	if err != nil {
		panic(err) // a fault of the table itself
	}
	return x
}

func TestOperators(t *testing.T) {
	three := seq(ints(1), ints(2), ints(3))
	m := matrix(2, 1, 2, 3, 4, 5, 6)
	tests := []struct {
		name  string
		op    string
		opset int
		attrs []*onnx.Attribute
		in    []tensor.Value
		want  tensor.Value // nil where it must fail
	}{
		{"", "SequenceEmpty", 11, nil, nil, seq()},
		{"", "SequenceConstruct", 11, nil, list(ints(1), ints(2, 3)), seq(ints(1), ints(2, 3))},
		{"types", "SequenceConstruct", 11, nil, list(ints(1), tensor.Vector(2.0)), nil},
		{"from the end", "SequenceAt", 11, nil, list(three, at(-3)), ints(1)},
		{"int32", "SequenceAt", 11, nil, list(three, tensor.Scalar[int32](2)), ints(3)},
		{"beyond", "SequenceAt", 11, nil, list(three, at(3)), nil},
		{"before", "SequenceAt", 11, nil, list(three, at(-4)), nil},
		{"of a tensor", "SequenceAt", 11, nil, list(ints(1), at(0)), nil},
		{"at the end", "SequenceInsert", 11, nil, list(seq(ints(1)), ints(2)), seq(ints(1), ints(2))},
		{"behind the last", "SequenceInsert", 11, nil, list(seq(ints(1)), ints(2), at(1)), seq(ints(1), ints(2))},
		{"before the last", "SequenceInsert", 11, nil, list(seq(ints(1)), ints(2), at(-1)), seq(ints(2), ints(1))},
		{"into nothing", "SequenceInsert", 11, nil, list(seq(), ints(2), at(0)), seq(ints(2))},
		{"beyond", "SequenceInsert", 11, nil, list(seq(ints(1)), ints(2), at(2)), nil},
		{"type", "SequenceInsert", 11, nil, list(seq(ints(1)), tensor.Vector("a")), nil},
		{"last", "SequenceErase", 11, nil, list(three), seq(ints(1), ints(2))},
		{"first", "SequenceErase", 11, nil, list(three, at(0)), seq(ints(2), ints(3))},
		{"of nothing", "SequenceErase", 11, nil, list(seq()), nil},
		{"", "SequenceLength", 11, nil, list(three), at(3)},

		{"rows", "SplitToSequence", 11, nil, list(m), seq(matrix(1, 1, 2, 3), matrix(1, 4, 5, 6))},
		{"rows without axis", "SplitToSequence", 11, attrs(opstest.Int("keepdims", 0)), list(m), seq(ints(1, 2, 3), ints(4, 5, 6))},
		{"two by two", "SplitToSequence", 11, attrs(opstest.Int("axis", 1)), list(m, at(2)), seq(matrix(2, 1, 2, 4, 5), matrix(2, 3, 6))},
		{"lengths", "SplitToSequence", 11, nil, list(ints(1, 2, 3), ints(0, 3)), seq(ints(), ints(1, 2, 3))},
		{"nothing", "SplitToSequence", 11, nil, list(ints()), seq()},
		{"zero by zero", "SplitToSequence", 11, nil, list(m, at(0)), nil},
		{"too much", "SplitToSequence", 11, nil, list(ints(1, 2, 3), ints(2, 2)), nil},
		{"joined", "ConcatFromSequence", 11, attrs(opstest.Int("axis", -1)), list(three), ints(1, 2, 3)},
		{"stacked", "ConcatFromSequence", 11, attrs(opstest.Int("axis", -1), opstest.Int("new_axis", 1)), list(seq(ints(1, 2), ints(3, 4))), matrix(2, 1, 3, 2, 4)},
		{"of nothing", "ConcatFromSequence", 11, attrs(opstest.Int("axis", 0)), list(seq()), nil},
		{"stacked misfits", "ConcatFromSequence", 11, attrs(opstest.Int("axis", 0), opstest.Int("new_axis", 1)), list(seq(ints(1), ints(3, 4))), nil},

		{"", "Optional", 15, nil, list(ints(1)), &tensor.Optional{Value: ints(1)}},
		{"empty", "Optional", 15, attrs(&onnx.Attribute{Name: "type", Type: onnx.AttrType, TypeProto: onnx.TensorOf(tensor.Int64)}), nil, &tensor.Optional{DType: tensor.Int64}},
		{"of no type", "Optional", 15, nil, nil, nil},
		{"full", "OptionalHasElement", 15, nil, list(&tensor.Optional{DType: tensor.Int64, Value: ints(1)}), tensor.Scalar(true)},
		{"empty", "OptionalHasElement", 15, nil, list(&tensor.Optional{DType: tensor.Int64}), tensor.Scalar(false)},
		{"none", "OptionalHasElement", 18, nil, nil, tensor.Scalar(false)},
		{"sequence", "OptionalHasElement", 18, nil, list(seq()), tensor.Scalar(true)},
		{"none in version 15", "OptionalHasElement", 15, nil, nil, nil},
		{"full", "OptionalGetElement", 18, nil, list(&tensor.Optional{DType: tensor.Int64, Value: seq(ints(1))}), seq(ints(1))},
		{"empty", "OptionalGetElement", 18, nil, list(&tensor.Optional{DType: tensor.Int64}), nil},
		{"tensor", "OptionalGetElement", 18, nil, list(ints(1)), ints(1)},
	}
	for _, tt := range tests {
		t.Run(tt.op+" "+tt.name, func(t *testing.T) {
			node := opstest.NewNode(tt.op, "", len(tt.in), 1, tt.attrs...)
			got, err := opstest.Try(sequence.Ops, node, tt.opset, tt.in...)
			if tt.want == nil {
				if err == nil {
					t.Fatalf("no error, but %v", got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !tensor.Equal(got[0], tt.want) {
				t.Errorf("got %v, want %v", got[0], tt.want)
			}
		})
	}
}
