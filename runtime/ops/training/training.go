// Package training is the family of optimizers: those of the domain infer.optim, a
// value at a time, and those of the domain ai.onnx.preview.training. The latter share their inputs and outputs:
//
//	R (learning rate, scalar), T (step count, int64 scalar),
//	X1…Xn (values), G1…Gn (gradients), and the state of each value
//	→  the next values, then the next state
package training

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Domain is the domain of the training operators.
const Domain = "ai.onnx.preview.training"

// Ops lists the family.
var Ops = slices.Concat(
	adagradDefs(),
	adamDefs(),
	momentumDefs(),
	stepDefs(),
)

// update makes the next values and states of one trainable value. in holds x, its
// gradient and its states, out the next x and states.
type update[T tensor.Element] func(rate float64, step int64, in, out [][]T)

// def defines an optimizer that keeps so many states for a value.
func def(name string, states int, compile func(*ops.Node) (update[float32], update[float64])) ops.Def {
	return ops.Def{
		Name: name, Domain: Domain, Since: 1,
		MinInputs: 4 + states, MaxInputs: ops.Variadic, MinOutputs: 1, MaxOutputs: ops.Variadic,
		Infer: func(n *ops.Inference) error { return infer(n, states) },
		Compile: func(n *ops.Node) (ops.Compiled, error) {
			single, double := compile(n)
			if err := n.Err(); err != nil {
				return nil, err
			}
			return ops.RunFunc(func(c *ops.Call) error { return dispatch(c, states, single, double) }), nil
		},
	}
}

// values counts the trainable values among so many inputs.
func values(inputs, states int) (int, error) {
	each := 2 + states
	if inputs < 2+each || (inputs-2)%each != 0 {
		return 0, fmt.Errorf("there are %d inputs, expected 2 and a multiple of %d", inputs, each)
	}
	return (inputs - 2) / each, nil
}

func infer(n *ops.Inference, states int) error {
	count, err := values(len(n.Inputs), states)
	if err != nil {
		return err
	}
	for i := range count {
		n.Like(i, 2+i)
		for s := range states {
			n.Like((1+s)*count+i, 2+(2+s)*count+i)
		}
	}
	return nil
}

func dispatch(c *ops.Call, states int, single update[float32], double update[float64]) error {
	count, err := values(len(c.Inputs), states)
	if err != nil {
		return err
	}
	for i := range count {
		x, err := c.Need(2 + i)
		if err != nil {
			return err
		}
		switch x.DType() {
		case tensor.Float32:
			err = run(c, count, states, i, single)
		case tensor.Float64:
			err = run(c, count, states, i, double)
		default:
			err = fmt.Errorf("elements are %v, expected float32 or float64", x.DType())
		}
		if err != nil {
			return fmt.Errorf("value %d: %w", i, err)
		}
	}
	return nil
}

// run updates value i.
func run[T tensor.Element](c *ops.Call, count, states, i int, f update[T]) error {
	rate, step, err := progress(c)
	if err != nil {
		return err
	}
	shape := c.Input(2 + i).Shape()
	var in, out [][]T
	for k := range 2 + states {
		t, err := c.Need(2 + k*count + i)
		if err != nil {
			return err
		}
		if !slices.Equal(t.Shape(), shape) {
			return fmt.Errorf("value is %v, its gradient and state %v, expected the same shape", c.Input(2+i), t)
		}
		data, err := tensor.Data[T](t)
		if err != nil {
			return err
		}
		in = append(in, data)
	}
	for k := range 1 + states {
		data := make([]T, len(in[0]))
		if at := k*count + i; c.Wants(at) {
			t, err := c.Output(at, tensor.TypeOf[T](), shape...)
			if err != nil {
				return err
			}
			if data, err = tensor.Data[T](t); err != nil {
				return err
			}
		}
		out = append(out, data)
	}
	f(rate, step, in, out)
	return nil
}

// progress reads the learning rate and the step count.
func progress(c *ops.Call) (rate float64, step int64, err error) {
	r, err := c.Need(0)
	if err != nil {
		return 0, 0, err
	}
	t, err := c.Need(1)
	if err != nil {
		return 0, 0, err
	}
	rates, err := tensor.Float64s(r)
	if err != nil || len(rates) != 1 {
		return 0, 0, fmt.Errorf("learning rate is %v, expected one number", r)
	}
	steps, err := tensor.Data[int64](t)
	if err != nil || len(steps) != 1 {
		return 0, 0, fmt.Errorf("step count is %v, expected one int64", t)
	}
	return rates[0], steps[0], nil
}
