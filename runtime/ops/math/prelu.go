package math

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// preluDefs defines PRelu: x, times the slope where negative; the slope is
// repeated to the shape of x (ONNX operator spec, PRelu-16). In versions 1 and
// 6 it is one number, or one for each channel, dimension 1 of x.
func preluDefs() []ops.Def {
	op := binary{grain: elementwise.GrainCheap, kernels: []binaryKernel{
		two(elementwise.Slope[float32]()), two(elementwise.Slope[float64]()),
		two(elementwise.Slope[int64]()), two(elementwise.Slope[int32]()),
		two(elementwise.Slope[uint64]()), two(elementwise.Slope[uint32]()),
	}}
	op.align = alignSlope
	old := op
	old.align = alignChannels
	define := func(op binary) ops.Def {
		def := op.def("PRelu")
		def.InPlace = []int{0}
		return def
	}
	return slices.Concat(at(define(old), 1, 6), at(define(op), 7, 9, 16))
}

// alignSlope fails where the slope would widen x.
func alignSlope(x, slope []int) ([]int, error) {
	fits := len(slope) <= len(x)
	for i := range slope {
		fits = fits && (slope[i] == 1 || slope[i] == x[len(x)-len(slope)+i])
	}
	if !fits {
		return nil, fmt.Errorf("slope of shape %s does not broadcast to %s", tensor.FormatShape(slope), tensor.FormatShape(x))
	}
	return slope, nil
}

// alignChannels puts a slope a channel under dimension 1.
func alignChannels(x, slope []int) ([]int, error) {
	if len(slope) == 1 && slope[0] != 1 && len(x) > 1 {
		return alignLegacy(x, slope, true, 1, true)
	}
	return alignSlope(x, slope)
}
