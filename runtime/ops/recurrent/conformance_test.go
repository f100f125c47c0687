package recurrent_test

import (
	"testing"

	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/ops/recurrent"
)

func TestConformance(t *testing.T) {
	opstest.Conformance(t, recurrent.Ops, "GRU", "LSTM", "RNN")
}
