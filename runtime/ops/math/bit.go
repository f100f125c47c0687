package math

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/ops"
)

// bitDefs defines the operators on the bits of integers: BitwiseAnd, BitwiseOr,
// BitwiseXor and BitwiseNot (ONNX operator spec, BitwiseAnd-18), and BitShift
// (BitShift-11), whose attribute direction is LEFT or RIGHT. A count of the
// type's width or more shifts everything out.
func bitDefs() []ops.Def {
	and := binary{grain: elementwise.GrainCheap, kernels: []binaryKernel{
		two(elementwise.BitAnd[int64]()), two(elementwise.BitAnd[int32]()), two(elementwise.BitAnd[int16]()), two(elementwise.BitAnd[int8]()),
		two(elementwise.BitAnd[uint64]()), two(elementwise.BitAnd[uint32]()), two(elementwise.BitAnd[uint16]()), two(elementwise.BitAnd[uint8]()),
	}}
	or := binary{grain: elementwise.GrainCheap, kernels: []binaryKernel{
		two(elementwise.BitOr[int64]()), two(elementwise.BitOr[int32]()), two(elementwise.BitOr[int16]()), two(elementwise.BitOr[int8]()),
		two(elementwise.BitOr[uint64]()), two(elementwise.BitOr[uint32]()), two(elementwise.BitOr[uint16]()), two(elementwise.BitOr[uint8]()),
	}}
	xor := binary{grain: elementwise.GrainCheap, kernels: []binaryKernel{
		two(elementwise.BitXor[int64]()), two(elementwise.BitXor[int32]()), two(elementwise.BitXor[int16]()), two(elementwise.BitXor[int8]()),
		two(elementwise.BitXor[uint64]()), two(elementwise.BitXor[uint32]()), two(elementwise.BitXor[uint16]()), two(elementwise.BitXor[uint8]()),
	}}
	not := unary{grain: elementwise.GrainCheap, kernels: []unaryKernel{
		one(elementwise.BitNot[int64]), one(elementwise.BitNot[int32]), one(elementwise.BitNot[int16]), one(elementwise.BitNot[int8]),
		one(elementwise.BitNot[uint64]), one(elementwise.BitNot[uint32]), one(elementwise.BitNot[uint16]), one(elementwise.BitNot[uint8]),
	}}
	return slices.Concat(
		at(and.def("BitwiseAnd"), 18),
		at(or.def("BitwiseOr"), 18),
		at(xor.def("BitwiseXor"), 18),
		at(not.def("BitwiseNot"), 18),
		at(bitShiftDef(), 11),
	)
}

var shiftLeft = binary{grain: elementwise.GrainCheap, kernels: []binaryKernel{
	two(elementwise.ShiftLeft[uint64]()), two(elementwise.ShiftLeft[uint32]()), two(elementwise.ShiftLeft[uint16]()), two(elementwise.ShiftLeft[uint8]()),
	two(elementwise.ShiftLeft[int64]()), two(elementwise.ShiftLeft[int32]()), two(elementwise.ShiftLeft[int16]()), two(elementwise.ShiftLeft[int8]()),
}}

var shiftRight = binary{grain: elementwise.GrainCheap, kernels: []binaryKernel{
	two(elementwise.ShiftRight[uint64]()), two(elementwise.ShiftRight[uint32]()), two(elementwise.ShiftRight[uint16]()), two(elementwise.ShiftRight[uint8]()),
	two(elementwise.ShiftRight[int64]()), two(elementwise.ShiftRight[int32]()), two(elementwise.ShiftRight[int16]()), two(elementwise.ShiftRight[int8]()),
}}

func bitShiftDef() ops.Def {
	def := shiftLeft.def("BitShift")
	def.Compile = func(n *ops.Node) (ops.Compiled, error) {
		direction := n.String("direction", "")
		switch {
		case n.Err() != nil:
			return nil, n.Err()
		case direction == "LEFT":
			return shiftLeft, nil
		case direction == "RIGHT":
			return shiftRight, nil
		}
		return nil, fmt.Errorf(`attribute "direction" is %q, expected "LEFT" or "RIGHT"`, direction)
	}
	return def
}
