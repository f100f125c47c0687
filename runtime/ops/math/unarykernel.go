package math

import (
	"fmt"
	"strings"

	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/half"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// unaryKernel is an operation on one input of one element type.
type unaryKernel interface {
	in() tensor.DType
	out() tensor.DType
	// run computes dst from src, which has as many elements.
	run(p *pool.Pool, grain int, dst, src *tensor.Tensor) error
}

// typedUnary makes a loop over slices a [unaryKernel].
type typedUnary[T, R tensor.Element] struct {
	loop elementwise.Unary[T, R]
}

func one[T, R tensor.Element](loop elementwise.Unary[T, R]) unaryKernel {
	return typedUnary[T, R]{loop}
}

func (k typedUnary[T, R]) in() tensor.DType  { return tensor.TypeOf[T]() }
func (k typedUnary[T, R]) out() tensor.DType { return tensor.TypeOf[R]() }

func (k typedUnary[T, R]) run(p *pool.Pool, grain int, dst, src *tensor.Tensor) error {
	out, err := tensor.Data[R](dst)
	if err != nil {
		return err
	}
	in, err := tensor.Data[T](src)
	if err != nil {
		return err
	}
	k.loop.Run(p, grain, out, in)
	return nil
}

// unary is an operator of one input: its kernels, one a type.
type unary struct {
	kernels []unaryKernel
	grain   int
}

func (op unary) find(d tensor.DType) (unaryKernel, error) { return kernelFor(op.kernels, d) }

// kernelFor is the kernel for elements of type d, or for float32 where d is to be
// computed in that type.
func kernelFor[K interface{ in() tensor.DType }](kernels []K, d tensor.DType) (K, error) {
	want := half.Computed(d)
	for _, k := range kernels {
		if k.in() == want {
			return k, nil
		}
	}
	list := make([]tensor.DType, len(kernels))
	for i, k := range kernels {
		list[i] = k.in()
	}
	var none K
	return none, unsupported(d, list)
}

// Run computes output 0 from input 0.
func (op unary) Run(c *ops.Call) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	k, err := op.find(x.DType())
	if err != nil {
		return err
	}
	y, err := c.Output(0, outType(k.in(), k.out(), x.DType()), x.Shape()...)
	if err != nil {
		return err
	}
	if k.in() == x.DType() {
		return k.run(c.Pool, op.grain, y, x)
	}
	return half.Run(c, y, []*tensor.Tensor{x}, func(y *tensor.Tensor, x []*tensor.Tensor) error {
		return k.run(c.Pool, op.grain, y, x[0])
	})
}

// infer gives output 0 the shape of input 0.
func (op unary) infer(n *ops.Inference) error {
	arg := n.Input(0)
	if arg.DType() == tensor.Undefined {
		return nil
	}
	k, err := op.find(arg.DType())
	if err != nil {
		return err
	}
	out := outType(k.in(), k.out(), arg.DType())
	if shape, ok := arg.Dims(); ok {
		n.Set(0, out, shape...)
	} else {
		n.SetDType(0, out)
	}
	return nil
}

// outType is the element type of an output of a kernel from in to out that is
// given elements of type d: what came in low precision goes out in it.
func outType(in, out, d tensor.DType) tensor.DType {
	if in != d && out == in {
		return d
	}
	return out
}

// unsupported says which element types an operator takes. Those computed in
// float32 are named where float32 is among the kernels'.
func unsupported(d tensor.DType, kernels []tensor.DType) error {
	names := make([]string, 0, len(kernels)+2)
	for _, k := range kernels {
		names = append(names, k.String())
		if k == tensor.Float32 {
			names = append(names, tensor.Float16.String(), tensor.BFloat16.String())
		}
	}
	return fmt.Errorf("elements are %v, expected %s", d, strings.Join(names, ", "))
}

// def is a definition of the operator.
func (op unary) def(name string) ops.Def {
	return ops.Def{
		Name: name, MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
		InPlace: []int{0},
		Infer:   op.infer,
		Compile: func(n *ops.Node) (ops.Compiled, error) { return op, n.Err() },
	}
}
