package nn_test

import (
	"testing"

	"github.com/seed6700ada1/infer/runtime/ops/nn"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
)

func TestConformance(t *testing.T) {
	opstest.Conformance(t, nn.Ops,
		"AveragePool", "Col2Im", "Conv", "ConvTranspose", "DeformConv", "Dropout", "GlobalAveragePool", "GlobalMaxPool", "LpPool", "MaxPool", "MaxUnpool",
	)
}
