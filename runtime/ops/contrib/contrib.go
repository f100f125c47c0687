// Package contrib holds operators that are not in the ONNX standard but in
// files all the same: those of the domain com.microsoft, which ONNX Runtime's
// tools and exporters write, and strays of theirs in the default domain.
//
// Their meaning is that of ONNX Runtime's CPU kernels, by their documentation
// (docs/ContribOperators.md there) and by experiment: tests compare with results
// of ONNX Runtime that testdata/gen/contrib.py of the repository makes.
package contrib

import (
	"slices"
)

// domain is where ONNX Runtime's own operators live.
const domain = "com.microsoft"

// Ops lists the family's definitions.
var Ops = slices.Concat(
	attentionDefs(),
	embedLayerNormalizationDefs(),
	fusedMatMulDefs(),
	gatherBlockQuantizedDefs(),
	geluDefs(),
	groupQueryAttentionDefs(),
	matMulIntegerToFloatDefs(),
	matMulNBitsDefs(),
	multiHeadAttentionDefs(),
	qGemmDefs(),
	rotaryEmbeddingDefs(),
	simplifiedLayerNormalizationDefs(),
	skipLayerNormalizationDefs(),
)
