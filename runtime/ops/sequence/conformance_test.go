package sequence_test

import (
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/ops/movement"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/ops/sequence"
	"github.com/seed6700ada1/infer/runtime/ops/shape"
)

func TestConformance(t *testing.T) {
	opstest.Conformance(t, slices.Concat(sequence.Ops, shape.Ops, movement.Ops),
		"SequenceInsert", "SplitToSequence", "OptionalHasElement", "OptionalGetElement")
}
