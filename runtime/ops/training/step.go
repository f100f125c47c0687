package training

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/optimizer"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// stepDefs defines the optimizers of the domain infer.optim, which the graphs that
// use them have as functions of standard operators too:
//
//	x, its gradient, what is kept of x, numbers (scalars)  →  the next x and the next of what is kept
//
// The numbers stand at the functions of package optimizer.
func stepDefs() []ops.Def {
	return []ops.Def{
		step("SGD", 0, 1, optimizer.Descend, optimizer.Descend),
		step("Momentum", 1, 2, optimizer.MomentumStep, optimizer.MomentumStep),
		step("Nesterov", 1, 2, optimizer.NesterovStep, optimizer.NesterovStep),
		step("Adam", 2, 7, optimizer.AdamStep, optimizer.AdamStep),
		step("AdamW", 2, 7, optimizer.AdamStep, optimizer.AdamStep),
		step("RMSProp", 1, 4, optimizer.RMSPropStep, optimizer.RMSPropStep),
		step("Adagrad", 1, 2, optimizer.AdagradStep, optimizer.AdagradStep),
		step("Lion", 1, 5, optimizer.LionStep, optimizer.LionStep),
	}
}

func step(name string, kept, numbers int, single optimizer.Step[float32], double optimizer.Step[float64]) ops.Def {
	return ops.Def{
		Name: name, Domain: "infer.optim", Since: 1,
		MinInputs: 2 + kept + numbers, MaxInputs: 2 + kept + numbers, MinOutputs: 1, MaxOutputs: 1 + kept,
		Infer: func(n *ops.Inference) error {
			for i := range n.Outputs {
				n.Like(i, 0)
			}
			return nil
		},
		Compile: func(*ops.Node) (ops.Compiled, error) {
			return widen.Func(func(c *ops.Call) error {
				x, err := c.Need(0)
				if err != nil {
					return err
				}
				if x.DType() == tensor.Float64 {
					return runStep(c, double, kept)
				}
				return runStep(c, single, kept)
			}), nil
		},
	}
}

func runStep[T optimizer.Float](c *ops.Call, f optimizer.Step[T], kept int) error {
	x := c.Input(0)
	var in [][]T
	var numbers []T
	for i := range c.Inputs {
		t, err := c.Need(i)
		if err != nil {
			return err
		}
		data, err := tensor.Data[T](t)
		if err != nil {
			return fmt.Errorf("input %d: %w", i, err)
		}
		switch {
		case i >= 2+kept:
			if len(data) != 1 {
				return fmt.Errorf("input %d is %v, expected a number", i, t)
			}
			numbers = append(numbers, data[0])
		case !slices.Equal(t.Shape(), x.Shape()):
			return fmt.Errorf("input %d is %v, expected the shape of %v", i, t, x)
		default:
			in = append(in, data)
		}
	}
	var out [][]T
	for i := range 1 + kept {
		if !c.Wants(i) {
			out = append(out, make([]T, x.Len()))
			continue
		}
		t, err := c.Output(i, tensor.TypeOf[T](), x.Shape()...)
		if err != nil {
			return err
		}
		data, err := tensor.Data[T](t)
		if err != nil {
			return err
		}
		out = append(out, data)
	}
	f.Run(c.Pool, in[0], in[1], in[2:], out[0], out[1:], numbers)
	return nil
}
