package movement_test

import (
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/movement"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// operands makes a list of integers of two bytes each, among which the extremes
// are common.
func operands(data []byte) []int64 {
	var list []int64
	for ; len(data) >= 2 && len(list) < 8; data = data[2:] {
		v := int64(int8(data[0]))
		switch data[1] % 8 {
		case 0:
			v = 1<<63 - 1 - (v & 7)
		case 1:
			v = -1<<63 + (v & 7)
		case 2:
			v <<= 33
		}
		list = append(list, v)
	}
	return list
}

// FuzzOperands runs operators whose integer inputs come from outside on all that
// these can be. They may refuse them, but must neither panic nor contradict what
// was inferred.
func FuzzOperands(f *testing.F) {
	for kind := range byte(12) {
		f.Add(kind, uint8(23), []byte{1, 3, 2, 3, 1, 3}, []byte{2, 3, 255, 3}, int8(0))
		f.Add(kind, uint8(5), []byte{0, 0, 0, 1}, []byte{1, 1, 7, 2, 1, 3}, int8(-1))
	}
	f.Fuzz(func(t *testing.T, kind, dims uint8, first, second []byte, axis int8) {
		data, err := tensor.New(tensor.Float32, int(dims&3), int(dims>>2&3), int(dims>>4&3))
		if err != nil {
			t.Fatal(err)
		}
		a, b := ints(operands(first)...), ints(operands(second)...)
		at := opstest.Int("axis", int64(axis))
		var op string
		var in []tensor.Value
		var attrs []*onnx.Attribute
		switch kind % 12 {
		case 0:
			op, in = "Slice", list(data, a, b)
		case 1:
			op, in = "Slice", list(data, ints(0, 1), ints(1<<62, -1<<62), a, b)
		case 2:
			op, in = "Pad", list(data, a, nil, b)
		case 3:
			op, in, attrs = "Pad", list(data, a), []*onnx.Attribute{opstest.Str("mode", "reflect")}
		case 4:
			op, in, attrs = "Gather", list(data, a), []*onnx.Attribute{at}
		case 5:
			op, in, attrs = "Split", list(data, a), []*onnx.Attribute{at}
		case 6:
			op, in = "Expand", list(data, a)
		case 7:
			op, in = "Tile", list(data, a)
		case 8:
			op, in, attrs = "OneHot", list(a, tensor.Scalar(int64(axis)), ints(0, 1)), []*onnx.Attribute{opstest.Int("axis", int64(dims)-3)}
		case 9:
			op, in = "CenterCropPad", list(data, a)
		case 10:
			op, in, attrs = "ScatterElements", list(ints(1, 2, 3), a, b), []*onnx.Attribute{at}
		default:
			op, in, attrs = "Transpose", list(data), []*onnx.Attribute{opstest.Ints("perm", operands(first)...)}
		}
		outputs := 1
		if op == "Split" {
			outputs = max(a.Len(), 1)
		}
		_, err = opstest.Try(movement.Ops, opstest.NewNode(op, "", len(in), outputs, attrs...), 18, in...)
		if err == nil {
			return
		}
		for _, fault := range []string{"internal fault", "failed: ", "inferred type", "differs with constant", "with inputs that change"} {
			if strings.Contains(err.Error(), fault) {
				t.Errorf("%s of %v, %v, %v: %v", op, data, operands(first), operands(second), err)
			}
		}
	})
}
