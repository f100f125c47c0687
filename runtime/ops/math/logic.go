package math

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/ops"
)

// logicDefs defines And, Or, Xor and Not on booleans (ONNX operator spec,
// And-7). Version 1 of the first three broadcasts by attributes.
func logicDefs() []ops.Def {
	define := func(name string, loops elementwise.Binary[bool, bool]) []ops.Def {
		op := binary{grain: elementwise.GrainCheap, kernels: []binaryKernel{two(loops)}}
		return slices.Concat(at(op.legacyDef(name), 1), at(op.def(name), 7))
	}
	not := unary{grain: elementwise.GrainCheap, kernels: []unaryKernel{one(elementwise.Not)}}
	return slices.Concat(
		define("And", elementwise.And()),
		define("Or", elementwise.Or()),
		define("Xor", elementwise.Xor()),
		at(not.def("Not"), 1),
	)
}
