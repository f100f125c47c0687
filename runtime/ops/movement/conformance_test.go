package movement_test

import (
	"testing"

	"github.com/seed6700ada1/infer/runtime/ops/movement"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
)

func TestConformance(t *testing.T) {
	opstest.Conformance(t, movement.Ops, "Transpose", "Concat", "Split", "Slice", "Gather", "GatherElements", "GatherND",
		"Scatter", "ScatterElements", "ScatterND", "TensorScatter", "Pad", "Expand", "Tile", "OneHot", "NonZero", "Unique",
		"Trilu", "DepthToSpace", "SpaceToDepth", "Compress", "ReverseSequence", "CenterCropPad")
}
