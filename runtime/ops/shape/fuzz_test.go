package shape_test

import (
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/ops/shape"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// FuzzShapes runs operators on targets and axes from outside. They may refuse
// them, but must neither panic nor contradict what was inferred.
func FuzzShapes(f *testing.F) {
	for kind := range byte(5) {
		f.Add(kind, uint8(38), int64(0), int64(-1), int64(2))
		f.Add(kind, uint8(2), int64(1)<<62, int64(-1)<<63, int64(4))
	}
	f.Fuzz(func(t *testing.T, kind, size uint8, a, b, c int64) {
		data := zeros(int(size&3), int(size>>2&3), int(size>>4&3))
		list := ints(a, b, c)
		var op string
		var in []tensor.Value
		attrs := attrs(opstest.Int("axis", a))
		switch kind % 5 {
		case 0:
			op, in = "Reshape", []tensor.Value{data, list}
			attrs = append(attrs, opstest.Int("allowzero", int64(size>>6&1)))
		case 1:
			op, in = []string{"Squeeze", "Unsqueeze"}[size>>6&1], []tensor.Value{data, list}
		case 2:
			op, in = "Flatten", []tensor.Value{data}
		case 3:
			op, in = "ConstantOfShape", []tensor.Value{list}
		default:
			op, in = "Range", []tensor.Value{tensor.Scalar(a), tensor.Scalar(b), tensor.Scalar(c)}
		}
		_, err := opstest.Try(shape.Ops, opstest.NewNode(op, "", len(in), 1, attrs...), 18, in...)
		if err == nil {
			return
		}
		for _, fault := range []string{"internal fault", "failed: ", "inferred type", "differs with constant", "with inputs that change"} {
			if strings.Contains(err.Error(), fault) {
				t.Errorf("%s of %v, %d, %d, %d: %v", op, data, a, b, c, err)
			}
		}
	})
}
