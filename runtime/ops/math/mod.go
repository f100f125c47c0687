package math

import (
	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/ops"
)

// modDefs defines Mod (ONNX operator spec, Mod-28): the remainder of a / b with the sign
// of b, or with fmod = 1 with the sign of a. Up to version 13 floating point needs fmod
// = 1; an integer divisor of 0 is an error.
func modDefs() []ops.Def {
	def := func(floats bool) ops.Def {
		return ops.Def{
			Name: "Mod", MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
			InPlace: []int{0, 1},
			Infer:   func(n *ops.Inference) error { return mod(n.Attrs, floats).infer(n) },
			Compile: func(n *ops.Node) (ops.Compiled, error) { return mod(n.Attrs, floats), n.Err() },
		}
	}
	return append(at(def(false), 10, 13), at(def(true), 28)...)
}

// mod reads the attributes of a node; floats says that floating point needs no fmod.
func mod(attrs *ops.Attrs, floats bool) binary {
	op := binary{grain: elementwise.GrainCostly}
	if !attrs.Bool("fmod", false) {
		op.kernels = []binaryKernel{
			divisor(elementwise.Mod[int64]()), divisor(elementwise.Mod[int32]()), divisor(elementwise.Mod[int16]()), divisor(elementwise.Mod[int8]()),
			divisor(elementwise.Mod[uint64]()), divisor(elementwise.Mod[uint32]()), divisor(elementwise.Mod[uint16]()), divisor(elementwise.Mod[uint8]()),
		}
		if floats {
			op.kernels = append(op.kernels, two(elementwise.FloorMod[float32]()), two(elementwise.FloorMod[float64]()))
		}
		return op
	}
	op.kernels = []binaryKernel{
		two(elementwise.Fmod[float32]()), two(elementwise.Fmod[float64]()),
		divisor(elementwise.Remainder[int64]()), divisor(elementwise.Remainder[int32]()), divisor(elementwise.Remainder[int16]()), divisor(elementwise.Remainder[int8]()),
		divisor(elementwise.Remainder[uint64]()), divisor(elementwise.Remainder[uint32]()), divisor(elementwise.Remainder[uint16]()), divisor(elementwise.Remainder[uint8]()),
	}
	return op
}
