// Package quant holds the operators that map real numbers to small integers and
// floats and back, and those that compute on such integers.
package quant

import (
	"fmt"
	"slices"

	kernel "github.com/seed6700ada1/infer/runtime/kernel/quant"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Ops lists the family's definitions.
var Ops = slices.Concat(
	quantizeLinearDefs(),
	dequantizeLinearDefs(),
	dynamicQuantizeLinearDefs(),
	qLinearMatMulDefs(),
)

// microsoft is the domain of ONNX Runtime's own operators, where some of this
// family appeared with types that the standard took over later.
const microsoft = "com.microsoft"

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

// granularity holds the attributes that tell which scale an element has.
type granularity struct {
	axis  int64
	block int // 0 where there are no blocks
}

func readGranularity(a *ops.Attrs) granularity {
	g := granularity{axis: a.Int("axis", 1), block: int(a.Int("block_size", 0))}
	if g.block < 0 {
		a.Fail(fmt.Errorf("attribute %q is %d, expected 0 or more", "block_size", g.block))
	}
	return g
}

// layout works out which scale each element of shape has, and holds the shapes
// of scale and zero point, which may be nil, against it.
func (g granularity) layout(shape []int, scale, zero *tensor.Tensor) (kernel.Layout, error) {
	l := kernel.Layout{Outer: 1, N: 1, Inner: 1}
	if zero != nil && zero.Len() != scale.Len() {
		return l, fmt.Errorf("the zero point has shape %s, the scale %s; expected the same", tensor.FormatShape(zero.Shape()), tensor.FormatShape(scale.Shape()))
	}
	if scale.Len() == 1 && g.block == 0 {
		for _, d := range shape {
			l.Inner *= d
		}
		return l, nil
	}
	axis := 0
	if len(shape) != 1 {
		var err error
		if axis, err = dims.Axis(g.axis, len(shape)); err != nil {
			return l, err
		}
	}
	for i, d := range shape {
		switch {
		case i < axis:
			l.Outer *= d
		case i == axis:
			l.N = d
		default:
			l.Inner *= d
		}
	}
	want := []int{l.N}
	l.Kind = kernel.PerAxis
	if g.block > 0 {
		l.Kind, l.Block = kernel.Blocked, g.block
		want = slices.Clone(shape)
		want[axis] = (l.N + g.block - 1) / g.block
	}
	if !slices.Equal(scale.Shape(), want) {
		return l, fmt.Errorf("the scale has shape %s, expected one value or %s", tensor.FormatShape(scale.Shape()), tensor.FormatShape(want))
	}
	return l, nil
}

// inferLike sets output 0 to type d and the shape of input 0.
func inferLike(n *ops.Inference, d tensor.DType) {
	shape, ok := n.Input(0).Dims()
	if !ok {
		n.SetDType(0, d)
		return
	}
	n.Set(0, d, append([]onnx.Dim{}, shape...)...)
}

// integers is the range of the integer types that numbers are quantised to.
func integers(d tensor.DType) (kernel.Range, bool) {
	if !d.IsInteger() || d.Bits() > 16 {
		return kernel.Range{}, false
	}
	n := float32(int(1) << d.Bits())
	if d.IsSigned() {
		return kernel.Range{Min: -n / 2, Max: n/2 - 1}, true
	}
	return kernel.Range{Max: n - 1}, true
}
