package control_test

import (
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/control"
	"github.com/seed6700ada1/infer/runtime/ops/math"
	"github.com/seed6700ada1/infer/runtime/ops/movement"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/ops/sequence"
	"github.com/seed6700ada1/infer/runtime/ops/shape"
)

func defs() []ops.Def {
	return slices.Concat(control.Ops, sequence.Ops, shape.Ops, movement.Ops, math.Ops)
}

func TestConformance(t *testing.T) {
	opstest.Conformance(t, defs(), "If", "Loop", "Scan", "SequenceMap")
}
