package math

import (
	"math"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/ops"
)

// unaryDefs defines the functions of one number (ONNX operator spec, Exp-13 and
// so on). Round takes the even of two equally near integers, Sign gives NaN for
// NaN, Neg and Abs of the smallest integer wrap around.
func unaryDefs() []ops.Def {
	return slices.Concat(
		at(cheap(
			one(elementwise.Neg[float32]), one(elementwise.Neg[float64]),
			one(elementwise.Neg[int64]), one(elementwise.Neg[int32]), one(elementwise.Neg[int16]), one(elementwise.Neg[int8]),
		).def("Neg"), 1, 6, 13),
		at(cheap(
			one(elementwise.AbsFloat[float32]), one(elementwise.AbsFloat[float64]),
			one(elementwise.Abs[int64]), one(elementwise.Abs[int32]), one(elementwise.Abs[int16]), one(elementwise.Abs[int8]),
			one(elementwise.Abs[uint64]), one(elementwise.Abs[uint32]), one(elementwise.Abs[uint16]), one(elementwise.Abs[uint8]),
		).def("Abs"), 1, 6, 13),
		at(cheap(
			one(elementwise.Sign[float32]), one(elementwise.Sign[float64]),
			one(elementwise.Sign[int64]), one(elementwise.Sign[int32]), one(elementwise.Sign[int16]), one(elementwise.Sign[int8]),
			one(elementwise.Sign[uint64]), one(elementwise.Sign[uint32]), one(elementwise.Sign[uint16]), one(elementwise.Sign[uint8]),
		).def("Sign"), 9, 13),
		at(cheap(one(elementwise.Sqrt[float32]), one(elementwise.Sqrt[float64])).def("Sqrt"), 1, 6, 13),
		at(cheap(one(elementwise.Reciprocal[float32]), one(elementwise.Reciprocal[float64])).def("Reciprocal"), 1, 6, 13),
		at(cheap(one(elementwise.Floor[float32]), one(elementwise.Floor[float64])).def("Floor"), 1, 6, 13),
		at(cheap(one(elementwise.Ceil[float32]), one(elementwise.Ceil[float64])).def("Ceil"), 1, 6, 13),
		at(cheap(one(elementwise.Round[float32]), one(elementwise.Round[float64])).def("Round"), 11, 22),
		at(costly(elementwise.Exp[float32], elementwise.Exp[float64]).def("Exp"), 1, 6, 13),
		at(costly(elementwise.Sigmoid[float32], elementwise.Sigmoid[float64]).def("Sigmoid"), 1, 6, 13),
		at(costly(elementwise.Tanh[float32], elementwise.Tanh[float64]).def("Tanh"), 1, 6, 13),
		at(each(math.Log).def("Log"), 1, 6, 13),
		at(erf().def("Erf"), 9, 13),
		at(each(math.Sin).def("Sin"), 7, 22),
		at(each(math.Cos).def("Cos"), 7, 22),
		at(each(math.Tan).def("Tan"), 7, 22),
		at(each(math.Asin).def("Asin"), 7, 22),
		at(each(math.Acos).def("Acos"), 7, 22),
		at(each(math.Atan).def("Atan"), 7, 22),
		at(each(math.Sinh).def("Sinh"), 9, 22),
		at(each(math.Cosh).def("Cosh"), 9, 22),
		at(each(math.Asinh).def("Asinh"), 9, 22),
		at(each(math.Acosh).def("Acosh"), 9, 22),
		at(each(math.Atanh).def("Atanh"), 9, 22),
	)
}

// cheap is an operator whose kernels take an instruction or two an element.
func cheap(kernels ...unaryKernel) unary {
	return unary{kernels: kernels, grain: elementwise.GrainCheap}
}

// costly is an operator on floating point whose kernels take long an element.
func costly(f32 elementwise.Unary[float32, float32], f64 elementwise.Unary[float64, float64]) unary {
	return unary{kernels: []unaryKernel{one(f32), one(f64)}, grain: elementwise.GrainCostly}
}

// each is a function of float64 as an operator.
func each(f func(float64) float64) unary {
	return costly(elementwise.Each[float32](f), elementwise.Each[float64](f))
}

// erf is Erf, which version 9 also allows on integers, truncated.
func erf() unary {
	op := costly(elementwise.Erf[float32](), elementwise.Erf[float64]())
	op.kernels = append(op.kernels,
		one(erfInt[int64]), one(erfInt[int32]), one(erfInt[int16]), one(erfInt[int8]),
		one(erfInt[uint64]), one(erfInt[uint32]), one(erfInt[uint16]), one(erfInt[uint8]))
	return op
}

func erfInt[T elementwise.Integer](dst, src []T) {
	for i, v := range src {
		dst[i] = T(math.Erf(float64(v)))
	}
}
