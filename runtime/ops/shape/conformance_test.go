package shape_test

import (
	"testing"

	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/ops/shape"
)

func TestConformance(t *testing.T) {
	opstest.Conformance(t, shape.Ops, "Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Shape", "Size",
		"Constant", "ConstantOfShape", "EyeLike", "Range")
}
