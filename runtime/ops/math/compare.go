package math

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
)

// compareDefs defines Equal, Less, Greater, LessOrEqual and GreaterOrEqual,
// whose output is bool (ONNX operator spec, Equal-19, Less-13). A comparison
// with NaN is false. Version 1 broadcasts by attributes.
func compareDefs() []ops.Def {
	equal := binary{kernels: []binaryKernel{
		two(elementwise.Equal[float32]()), two(elementwise.Equal[float64]()),
		two(elementwise.Equal[int64]()), two(elementwise.Equal[int32]()), two(elementwise.Equal[int16]()), two(elementwise.Equal[int8]()),
		two(elementwise.Equal[uint64]()), two(elementwise.Equal[uint32]()), two(elementwise.Equal[uint16]()), two(elementwise.Equal[uint8]()),
		two(elementwise.Equal[bool]()), two(elementwise.Equal[string]()),
	}}
	less := binary{kernels: []binaryKernel{
		two(elementwise.Less[float32]()), two(elementwise.Less[float64]()),
		two(elementwise.Less[int64]()), two(elementwise.Less[int32]()), two(elementwise.Less[int16]()), two(elementwise.Less[int8]()),
		two(elementwise.Less[uint64]()), two(elementwise.Less[uint32]()), two(elementwise.Less[uint16]()), two(elementwise.Less[uint8]()),
	}}
	greater := binary{kernels: []binaryKernel{
		two(elementwise.Greater[float32]()), two(elementwise.Greater[float64]()),
		two(elementwise.Greater[int64]()), two(elementwise.Greater[int32]()), two(elementwise.Greater[int16]()), two(elementwise.Greater[int8]()),
		two(elementwise.Greater[uint64]()), two(elementwise.Greater[uint32]()), two(elementwise.Greater[uint16]()), two(elementwise.Greater[uint8]()),
	}}
	lessOrEqual := binary{kernels: []binaryKernel{
		two(elementwise.LessOrEqual[float32]()), two(elementwise.LessOrEqual[float64]()),
		two(elementwise.LessOrEqual[int64]()), two(elementwise.LessOrEqual[int32]()), two(elementwise.LessOrEqual[int16]()), two(elementwise.LessOrEqual[int8]()),
		two(elementwise.LessOrEqual[uint64]()), two(elementwise.LessOrEqual[uint32]()), two(elementwise.LessOrEqual[uint16]()), two(elementwise.LessOrEqual[uint8]()),
	}}
	greaterOrEqual := binary{kernels: []binaryKernel{
		two(elementwise.GreaterOrEqual[float32]()), two(elementwise.GreaterOrEqual[float64]()),
		two(elementwise.GreaterOrEqual[int64]()), two(elementwise.GreaterOrEqual[int32]()), two(elementwise.GreaterOrEqual[int16]()), two(elementwise.GreaterOrEqual[int8]()),
		two(elementwise.GreaterOrEqual[uint64]()), two(elementwise.GreaterOrEqual[uint32]()), two(elementwise.GreaterOrEqual[uint16]()), two(elementwise.GreaterOrEqual[uint8]()),
	}}
	for _, op := range []*binary{&equal, &less, &greater, &lessOrEqual, &greaterOrEqual} {
		op.grain = elementwise.GrainCheap
	}
	equalDef := equal.def("Equal")
	equalDef.Infer = func(n *ops.Inference) error {
		if err := equal.infer(n); err != nil {
			return err
		}
		setEqual(n)
		return nil
	}
	return slices.Concat(
		at(equal.legacyDef("Equal"), 1), at(equalDef, 7, 11, 13, 19),
		at(less.legacyDef("Less"), 1), at(less.def("Less"), 7, 9, 13),
		at(greater.legacyDef("Greater"), 1), at(greater.def("Greater"), 7, 9, 13),
		at(lessOrEqual.def("LessOrEqual"), 12, 16),
		at(greaterOrEqual.def("GreaterOrEqual"), 12, 16),
	)
}

// setEqual follows the comparison of sizes, as exporters write it to replace
// the -1 in a shape: 1 where two are surely the same, 0 where surely not.
func setEqual(n *ops.Inference) {
	if len(n.Outputs) == 0 || n.Outputs[0].Type == nil || n.Outputs[0].Type.Shape == nil {
		return
	}
	size := count(n.Outputs[0].Type.Shape.Dims)
	a, b := valueOf(n.Input(0)), valueOf(n.Input(1))
	if !fits(size, a, b) {
		return
	}
	ca, cb := constants(n.Input(0)), constants(n.Input(1))
	out := make([]onnx.Dim, size)
	for i := range out {
		x, y := pick(a, i), pick(b, i)
		switch {
		case isSize(x) && negativeAt(cb, i), isSize(y) && negativeAt(ca, i), dims.Differ(x, y):
			out[i] = onnx.Known(0)
		case dims.Equal(x, y):
			out[i] = onnx.Known(1)
		case ca != nil && cb != nil && at1(ca, i) == at1(cb, i):
			out[i] = onnx.Known(1)
		default:
			out[i] = onnx.UnknownDim()
		}
	}
	n.SetValue(0, out)
}

// isSize reports whether d is surely a size, so not negative.
func isSize(d onnx.Dim) bool { return d.IsKnown() || d.Param != "" }

// constants is the elements of a constant integer input.
func constants(a ops.Arg) []int {
	if a.Const == nil {
		return nil
	}
	list, err := ops.IntsOf(a.Const)
	if err != nil {
		return nil
	}
	return list
}

func negativeAt(list []int, i int) bool { return list != nil && at1(list, i) < 0 }

// at1 is element i of a list that is repeated where it has one element.
func at1(list []int, i int) int {
	if len(list) == 1 {
		i = 0
	}
	return list[i]
}
