// Package math holds the elementwise operators: arithmetic, comparison, logic,
// activations and conversion between element types.
//
// An operator is a list of kernels of package elementwise, one for each element
// type that the processor computes with. Float16 and bfloat16 are computed in
// float32: the inputs are widened to scratch memory, the result rounded.
package math

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/ops"
)

// Ops lists the operators of the family.
var Ops = slices.Concat(
	arithmeticDefs(),
	modDefs(),
	swiGLUDefs(),
	powDefs(),
	bitDefs(),
	logicDefs(),
	compareDefs(),
	variadicDefs(),
	whereDefs(),
	clipDefs(),
	castDefs(),
	bitcastDefs(),
	unaryDefs(),
	isNaNDefs(),
	activationDefs(),
	preluDefs(),
	[]ops.Def{reluGradientDef},
)

// at is the same definition at each of those versions: ones that differ in the
// element types they allow, or in wording.
func at(def ops.Def, since ...int) []ops.Def {
	defs := make([]ops.Def, len(since))
	for i, v := range since {
		defs[i] = def
		defs[i].Since = v
	}
	return defs
}
