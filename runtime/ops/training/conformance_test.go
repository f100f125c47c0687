package training_test

import (
	"testing"

	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/ops/training"
)

func TestConformance(t *testing.T) {
	opstest.Conformance(t, training.Ops, "Adagrad", "Adam", "Momentum")
}
