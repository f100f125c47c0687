package contrib

import (
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/norm"
)

// SimplifiedLayerNormalization is the standard's RMSNormalization under the name
// that it had before, with the inverse of the root as a second output. Exporters
// of language models write it in the default domain.
func simplifiedLayerNormalizationDefs() []ops.Def {
	return []ops.Def{{
		Name: "SimplifiedLayerNormalization", Since: 1, MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 2,
		InPlace: []int{0}, Infer: norm.InferRMS, Compile: norm.CompileRMS,
	}}
}
