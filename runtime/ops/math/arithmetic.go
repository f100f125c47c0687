package math

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
)

// arithmeticDefs defines Add, Sub, Mul and Div: a ∘ b with numpy's broadcasting
// (ONNX operator spec, Add-14). Integers wrap around; integer quotients are
// truncated towards zero, and division by an integer zero is an error.
//
// Versions 1 and 6 broadcast by the attributes broadcast and axis instead.
func arithmeticDefs() []ops.Def {
	add := binary{kernels: []binaryKernel{
		two(elementwise.Add[float32]()), two(elementwise.Add[float64]()),
		two(elementwise.Add[int64]()), two(elementwise.Add[int32]()), two(elementwise.Add[int16]()), two(elementwise.Add[int8]()),
		two(elementwise.Add[uint64]()), two(elementwise.Add[uint32]()), two(elementwise.Add[uint16]()), two(elementwise.Add[uint8]()),
	}, value: dims.Add}
	sub := binary{kernels: []binaryKernel{
		two(elementwise.Sub[float32]()), two(elementwise.Sub[float64]()),
		two(elementwise.Sub[int64]()), two(elementwise.Sub[int32]()), two(elementwise.Sub[int16]()), two(elementwise.Sub[int8]()),
		two(elementwise.Sub[uint64]()), two(elementwise.Sub[uint32]()), two(elementwise.Sub[uint16]()), two(elementwise.Sub[uint8]()),
	}, value: dims.Sub}
	mul := binary{kernels: []binaryKernel{
		two(elementwise.Mul[float32]()), two(elementwise.Mul[float64]()),
		two(elementwise.Mul[int64]()), two(elementwise.Mul[int32]()), two(elementwise.Mul[int16]()), two(elementwise.Mul[int8]()),
		two(elementwise.Mul[uint64]()), two(elementwise.Mul[uint32]()), two(elementwise.Mul[uint16]()), two(elementwise.Mul[uint8]()),
	}, value: dims.Mul}
	div := binary{kernels: []binaryKernel{
		two(elementwise.Div[float32]()), two(elementwise.Div[float64]()),
		divisor(elementwise.Div[int64]()), divisor(elementwise.Div[int32]()), divisor(elementwise.Div[int16]()), divisor(elementwise.Div[int8]()),
		divisor(elementwise.Div[uint64]()), divisor(elementwise.Div[uint32]()), divisor(elementwise.Div[uint16]()), divisor(elementwise.Div[uint8]()),
	}, value: dims.Div}
	return slices.Concat(
		withLegacy("Add", add), withLegacy("Sub", sub), withLegacy("Mul", mul), withLegacy("Div", div),
	)
}

// withLegacy is an arithmetic operator at all its versions.
func withLegacy(name string, op binary) []ops.Def {
	op.grain = elementwise.GrainCheap
	return slices.Concat(at(op.legacyDef(name), 1, 6), at(op.def(name), 7, 13, 14))
}
