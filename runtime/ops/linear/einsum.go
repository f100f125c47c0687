package linear

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/contract"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Einsum evaluates an equation of the summation convention, such as "ij,jk->ik":
// each letter is an index; letters that the result does not have are summed
// over; a letter twice in a term takes a diagonal; an ellipsis stands for
// indices that broadcast. Without "->" the result has the ellipsis, then the
// letters that occur once, in the order of their codes.
//
// ONNX operator spec, Einsum-12.
func einsumDefs() []ops.Def {
	return []ops.Def{{
		Name: "Einsum", Since: 12, MinInputs: 1, MaxInputs: ops.Variadic, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferEinsum, Compile: compileEinsum,
	}}
}

func inferEinsum(n *ops.Inference) error {
	eq, err := readEquation(n.Attrs, len(n.Inputs))
	if err != nil {
		return err
	}
	n.SetDType(0, n.Input(0).DType())
	shapes := make([][]onnx.Dim, len(n.Inputs))
	for i := range shapes {
		shape, ok := n.Input(i).Dims()
		if !ok {
			return nil
		}
		shapes[i] = shape
	}
	b, err := eq.bind(shapes)
	if err != nil {
		return err
	}
	out := make([]onnx.Dim, len(b.keep))
	for i, label := range b.keep {
		out[i] = b.size[label]
	}
	n.Set(0, n.Input(0).DType(), out...)
	return nil
}

func readEquation(a *ops.Attrs, inputs int) (*equation, error) {
	text := a.String("equation", "")
	if err := a.Err(); err != nil {
		return nil, err
	}
	if text == "" {
		return nil, errors.New(`attribute "equation" is missing`)
	}
	eq, err := parseEquation(text)
	if err != nil {
		return nil, fmt.Errorf("equation %q: %w", text, err)
	}
	if len(eq.terms) != inputs {
		return nil, fmt.Errorf("equation %q has %d terms for %d inputs", text, len(eq.terms), inputs)
	}
	return eq, nil
}

func compileEinsum(n *ops.Node) (ops.Compiled, error) {
	return readEquation(n.Attrs, len(n.Inputs))
}

// Run evaluates the equation.
func (eq *equation) Run(c *ops.Call) error {
	first, err := c.Need(0)
	if err != nil {
		return err
	}
	switch promote(first.DType()) {
	case tensor.Float32:
		return runEinsum[float32](c, eq)
	case tensor.Float64:
		return runEinsum[float64](c, eq)
	case tensor.Int8:
		return runEinsum[int8](c, eq)
	case tensor.Int16:
		return runEinsum[int16](c, eq)
	case tensor.Int32:
		return runEinsum[int32](c, eq)
	case tensor.Int64:
		return runEinsum[int64](c, eq)
	case tensor.Uint8:
		return runEinsum[uint8](c, eq)
	case tensor.Uint16:
		return runEinsum[uint16](c, eq)
	case tensor.Uint32:
		return runEinsum[uint32](c, eq)
	case tensor.Uint64:
		return runEinsum[uint64](c, eq)
	default:
		return fmt.Errorf("elements are %v, expected a float or an integer type", first.DType())
	}
}

// einsumElement is what an equation computes in: see [promote].
type einsumElement interface {
	contract.Number
	tensor.Element
}

func runEinsum[T einsumElement](c *ops.Call, eq *equation) error {
	shapes := make([][]onnx.Dim, len(c.Inputs))
	for i := range shapes {
		t, err := c.Need(i)
		if err != nil {
			return err
		}
		shapes[i] = dims.Of(t.Shape())
	}
	b, err := eq.bind(shapes)
	if err != nil {
		return err
	}
	keep, sum := b.sizes(b.keep), b.sizes(b.sum)
	if _, err := tensor.NumElements(append(slices.Clip(keep), sum...)); err != nil {
		return err
	}
	if r, ok := b.roles(); ok && c.Input(0).DType() == tensor.Float32 && c.Input(1).DType() == tensor.Float32 {
		y, err := c.Output(0, tensor.Float32, keep...)
		if err != nil {
			return err
		}
		return r.multiply(c, b, y)
	}
	operands := make([]contract.Operand[T], len(c.Inputs))
	for i := range operands {
		operands[i] = contract.Operand[T]{
			Data: nil, Keep: b.strides(i, b.keep), Sum: b.strides(i, b.sum),
		}
		if operands[i].Data, err = elements[T](c.Input(i)); err != nil {
			return err
		}
	}
	y, err := c.Output(0, c.Input(0).DType(), keep...)
	if err != nil {
		return err
	}
	if wide, ok := any(operands).([]contract.Operand[float32]); ok {
		out := floats.Target[float32](y)
		contract.Sum(c.Pool, out, keep, sum, wide)
		return floats.Flush(y, out)
	}
	out, err := tensor.Data[T](y)
	if err != nil {
		return err
	}
	contract.Sum(c.Pool, out, keep, sum, operands)
	return nil
}

// elements is [load] for more types.
func elements[T einsumElement](t *tensor.Tensor) ([]T, error) {
	if t.DType() != promote(t.DType()) {
		wide, err := floats.View[float32](t)
		if same, ok := any(wide).([]T); ok && err == nil {
			return same, nil
		}
	}
	return tensor.Data[T](t)
}
