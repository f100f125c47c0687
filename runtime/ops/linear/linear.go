// Package linear holds the operators of linear algebra: matrix products, the
// summation convention, determinants.
package linear

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Ops lists the family's definitions.
var Ops = slices.Concat(
	matMulDefs(),
	fusedMatMulDefs(),
	fusedMatMulIntegerDefs(),
	gemmDefs(),
	matMulIntegerDefs(),
	einsumDefs(),
	detDefs(),
)

// versions repeats a definition for versions that differ in the types they
// allow, and not in what the operator does.
func versions(d ops.Def, since ...int) []ops.Def {
	list := make([]ops.Def, len(since))
	for i, v := range since {
		list[i] = d
		list[i].Since = v
	}
	return list
}

// promote tells in which type products of elements of type d are computed:
// float16 and bfloat16 in float32, others as they are.
func promote(d tensor.DType) tensor.DType {
	if d == tensor.Float16 || d == tensor.BFloat16 {
		return tensor.Float32
	}
	return d
}
