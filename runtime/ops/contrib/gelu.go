package contrib

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	kernel "github.com/seed6700ada1/infer/runtime/kernel/norm"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Gelu is x·Φ(x), Φ being the normal distribution; BiasGelu is that of A + B;
// FastGelu is its approximation with tanh, of X + bias; QuickGelu is
// x·sigmoid(alpha·x). A bias is a vector of the last dimension.
func geluDefs() []ops.Def {
	d := ops.Def{
		Domain: domain, Since: 1, MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
		InPlace: []int{0}, Infer: ops.InferLike, Compile: compileGelu,
	}
	defs := []ops.Def{d, d, d, d}
	for i, name := range []string{"Gelu", "QuickGelu", "FastGelu", "BiasGelu"} {
		defs[i].Name = name
	}
	defs[2].MaxInputs = 2
	defs[3].MinInputs, defs[3].MaxInputs = 2, 2
	return defs
}

func compileGelu(n *ops.Node) (ops.Compiled, error) {
	alpha := n.Float("alpha", 1.702)
	if err := n.Err(); err != nil {
		return nil, err
	}
	name := n.Def.Name
	return ops.RunFunc(func(c *ops.Call) error {
		x, err := c.Need(0)
		if err != nil {
			return err
		}
		if x.DType() == tensor.Float64 {
			return runGelu(c, x, geluOf[float64](name, alpha))
		}
		return runGelu(c, x, geluOf[float32](name, alpha))
	}), nil
}

func geluOf[T floats.Float](name string, alpha float32) elementwise.Unary[T, T] {
	switch name {
	case "FastGelu":
		return elementwise.GeluTanh[T]()
	case "QuickGelu":
		return elementwise.Swish[T](float64(alpha))
	default:
		return elementwise.Gelu[T]()
	}
}

// geluGrain is the number of elements that threads take at a time.
const geluGrain = 1 << 12

func runGelu[T floats.Float](c *ops.Call, x *tensor.Tensor, f elementwise.Unary[T, T]) error {
	in, err := floats.View[T](x)
	if err != nil {
		return err
	}
	y, err := c.Output(0, x.DType(), x.Shape()...)
	if err != nil {
		return err
	}
	out := floats.Target[T](y)
	if b := c.Input(1); b != nil {
		n := b.Len()
		if x.Rank() == 0 || x.Dim(-1) != n {
			return fmt.Errorf("bias has %d values, expected as many as the last dimension of %s", n, tensor.FormatShape(x.Shape()))
		}
		bias, err := floats.View[T](b)
		if err != nil {
			return err
		}
		kernel.AddRows(c.Pool, out, in, bias, n, nil)
		in = out
	}
	f.Run(c.Pool, geluGrain, out, in)
	return floats.Flush(y, out)
}
