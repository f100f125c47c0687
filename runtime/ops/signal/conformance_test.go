package signal_test

import (
	"testing"

	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/ops/signal"
)

func TestConformance(t *testing.T) {
	opstest.Conformance(t, signal.Ops,
		"BlackmanWindow", "DFT", "HammingWindow", "HannWindow", "MelWeightMatrix", "STFT",
	)
}
