package loss_test

import (
	"testing"

	"github.com/seed6700ada1/infer/runtime/ops/loss"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
)

func TestConformance(t *testing.T) {
	opstest.Conformance(t, loss.Ops, "NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss")
}
