package math

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/cast"
	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/half"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// pow is Pow: a to the power of b, in the type of a (ONNX operator spec,
// Pow-15). From version 12 on, b may have another type: it is converted to
// that of a, or, where a is an integer and b is not, both are computed in
// float64.
var pow = binary{grain: elementwise.GrainCostly, kernels: []binaryKernel{
	two(elementwise.Pow[float32]()), two(elementwise.Pow[float64]()),
	two(elementwise.PowInt[int64]()), two(elementwise.PowInt[int32]()),
}}

func powDefs() []ops.Def {
	def := pow.def("Pow")
	def.InPlace = []int{0}
	def.Infer = inferPow
	def.Compile = func(n *ops.Node) (ops.Compiled, error) { return ops.RunFunc(runPow), n.Err() }
	return slices.Concat(at(pow.legacyDef("Pow"), 1), at(def, 7, 12, 13, 15))
}

// inferPow is binary.infer for inputs whose types may differ.
func inferPow(n *ops.Inference) error {
	a, b := n.Input(0), n.Input(1)
	if !powExponent(b.DType()) && b.DType() != tensor.Undefined {
		return fmt.Errorf("exponents are %v, expected numbers", b.DType())
	}
	alike := *n
	alike.Inputs = slices.Clone(n.Inputs)
	if b.Type != nil && a.Type != nil {
		t := *b.Type
		t.DType = a.DType()
		alike.Inputs[1].Type = &t
	}
	return pow.infer(&alike)
}

func powExponent(d tensor.DType) bool {
	return d.IsInteger() && !d.Packed() || d == tensor.Float32 || d == tensor.Float64 || half.Is(d)
}

func runPow(c *ops.Call) error {
	a, err := c.Need(0)
	if err != nil {
		return err
	}
	b, err := c.Need(1)
	if err != nil {
		return err
	}
	if a.DType() == b.DType() {
		return pow.Run(c)
	}
	if !powExponent(b.DType()) {
		return fmt.Errorf("exponents are %v, expected numbers", b.DType())
	}
	k, err := pow.find(a.DType())
	if err != nil {
		return err
	}
	l, y, err := pow.prepare(c, a.DType(), a.Shape(), b.Shape())
	if err != nil {
		return err
	}
	if a.DType().IsInteger() && !b.DType().IsInteger() {
		return powThrough(c, floatPow, &l, y, a, b)
	}
	if half.Is(a.DType()) {
		return powThrough(c, k, &l, y, a, b)
	}
	exponent, err := converted(c, b, a.DType())
	if err != nil {
		return err
	}
	return k.run(c.Pool, pow.grain, &l, y, a, exponent)
}

// floatPow serves integers to a fractional power.
var floatPow = two(elementwise.Scalar(math.Pow))

// powThrough computes in the type of the kernel k, with conversions before and
// after.
func powThrough(c *ops.Call, k binaryKernel, l *elementwise.Layout, y, a, b *tensor.Tensor) error {
	wideA, err := converted(c, a, k.in())
	if err != nil {
		return err
	}
	wideB, err := converted(c, b, k.in())
	if err != nil {
		return err
	}
	wideY, err := tensor.New(k.in(), y.Shape()...)
	if err != nil {
		return err
	}
	if err := k.run(c.Pool, pow.grain, l, wideY, wideA, wideB); err != nil {
		return err
	}
	return cast.Convert(c.Pool, y, wideY, cast.Options{})
}

// converted is a copy of t with elements of type d.
func converted(c *ops.Call, t *tensor.Tensor, d tensor.DType) (*tensor.Tensor, error) {
	out, err := tensor.New(d, t.Shape()...)
	if err != nil {
		return nil, err
	}
	return out, cast.Convert(c.Pool, out, t, cast.Options{})
}
