package math

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/half"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// binaryKernel is an operation on two inputs of one element type.
type binaryKernel interface {
	in() tensor.DType
	out() tensor.DType
	// run computes dst from a and b as the layout has them.
	run(p *pool.Pool, grain int, l *elementwise.Layout, dst, a, b *tensor.Tensor) error
}

// typedBinary makes loops over slices a [binaryKernel].
type typedBinary[T, R tensor.Element] struct {
	loops elementwise.Binary[T, R]
	// refuse says why the second input cannot be taken; nil where all can.
	refuse func(b []T) error
}

func two[T, R tensor.Element](loops elementwise.Binary[T, R]) binaryKernel {
	return typedBinary[T, R]{loops: loops}
}

func (k typedBinary[T, R]) in() tensor.DType  { return tensor.TypeOf[T]() }
func (k typedBinary[T, R]) out() tensor.DType { return tensor.TypeOf[R]() }

func (k typedBinary[T, R]) run(p *pool.Pool, grain int, l *elementwise.Layout, dst, a, b *tensor.Tensor) error {
	out, err := tensor.Data[R](dst)
	if err != nil {
		return err
	}
	va, err := tensor.Data[T](a)
	if err != nil {
		return err
	}
	vb, err := tensor.Data[T](b)
	if err != nil {
		return err
	}
	if k.refuse != nil && l.Len() > 0 {
		if err := k.refuse(vb); err != nil {
			return err
		}
	}
	k.loops.Run(p, grain, l, out, va, vb)
	return nil
}

// divisor makes the kernel of an integer division, which refuses zeros.
func divisor[T elementwise.Integer](loops elementwise.Binary[T, T]) typedBinary[T, T] {
	return typedBinary[T, T]{loops: loops, refuse: func(b []T) error {
		for i, v := range b {
			if v == 0 {
				return fmt.Errorf("integer division by zero: element %d of input 1", i)
			}
		}
		return nil
	}}
}

// binary is an operator of two inputs that broadcast: its kernels, one a type.
type binary struct {
	kernels []binaryKernel
	grain   int
	// align places the shape of the second input under that of the first, for
	// versions with rules other than numpy's; nil for numpy's.
	align func(a, b []int) ([]int, error)
	// value works out what is known of an element; nil where nothing is.
	value func(a, b onnx.Dim) onnx.Dim
}

func (op binary) find(d tensor.DType) (binaryKernel, error) { return kernelFor(op.kernels, d) }

// Run computes output 0 from inputs 0 and 1.
func (op binary) Run(c *ops.Call) error {
	a, err := c.Need(0)
	if err != nil {
		return err
	}
	b, err := c.Need(1)
	if err != nil {
		return err
	}
	if a.DType() != b.DType() {
		return mismatch(a.DType(), b.DType())
	}
	k, err := op.find(a.DType())
	if err != nil {
		return err
	}
	l, y, err := op.prepare(c, outType(k.in(), k.out(), a.DType()), a.Shape(), b.Shape())
	if err != nil {
		return err
	}
	if k.in() == a.DType() {
		return k.run(c.Pool, op.grain, &l, y, a, b)
	}
	return half.Run(c, y, []*tensor.Tensor{a, b}, func(y *tensor.Tensor, in []*tensor.Tensor) error {
		return k.run(c.Pool, op.grain, &l, y, in[0], in[1])
	})
}

// prepare makes the output and lays out the inputs over it.
func (op binary) prepare(c *ops.Call, d tensor.DType, a, b []int) (l elementwise.Layout, y *tensor.Tensor, err error) {
	if op.align != nil {
		if b, err = op.align(a, b); err != nil {
			return l, nil, err
		}
	}
	shape, err := elementwise.Shape(make([]int, 0, max(len(a), len(b))), a, b)
	if err != nil {
		return l, nil, err
	}
	if err = l.Broadcast(shape, a, b); err != nil {
		return l, nil, err
	}
	y, err = c.Output(0, d, shape...)
	return l, y, err
}

func mismatch(a, b tensor.DType) error {
	return fmt.Errorf("inputs are %v and %v, expected one element type", a, b)
}

// infer gives output 0 the broadcast shape.
func (op binary) infer(n *ops.Inference) error {
	a, b := n.Input(0), n.Input(1)
	d, err := commonType(a, b)
	if err != nil || d == tensor.Undefined {
		return err
	}
	k, err := op.find(d)
	if err != nil {
		return err
	}
	out := outType(k.in(), k.out(), d)
	da, okA := a.Dims()
	db, okB := b.Dims()
	if !okA || !okB {
		n.SetDType(0, out)
		return nil
	}
	if op.align != nil { // the second input never widens the first
		n.Set(0, out, da...)
		return nil
	}
	shape, err := dims.Broadcast(da, db)
	if err != nil {
		return err
	}
	n.Set(0, out, shape...)
	if op.value != nil {
		setValue(n, shape, op.value)
	}
	return nil
}

// commonType is the element type of inputs that must agree, undefined where
// none is known.
func commonType(args ...ops.Arg) (tensor.DType, error) {
	d := tensor.Undefined
	for _, a := range args {
		switch t := a.DType(); {
		case t == tensor.Undefined:
		case d == tensor.Undefined:
			d = t
		case d != t:
			return d, mismatch(d, t)
		}
	}
	return d, nil
}

// def is a definition of the operator.
func (op binary) def(name string) ops.Def {
	return ops.Def{
		Name: name, MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
		InPlace: []int{0, 1},
		Infer:   op.infer,
		Compile: func(n *ops.Node) (ops.Compiled, error) { return op, n.Err() },
	}
}

// legacyDef is a definition as it was before opset 7: the second input is
// repeated only where the attribute broadcast says so, its dimensions standing
// under those of the first from the attribute axis on.
func (op binary) legacyDef(name string) ops.Def {
	def := op.def(name)
	def.InPlace = []int{0}
	op.align = func(_, b []int) ([]int, error) { return b, nil }
	def.Infer = op.infer
	def.Compile = func(n *ops.Node) (ops.Compiled, error) {
		op, broadcast, axis, has := op, n.Bool("broadcast", false), int(n.Int("axis", 0)), n.Attrs.Has("axis")
		op.align = func(a, b []int) ([]int, error) { return alignLegacy(a, b, broadcast, axis, has) }
		return op, n.Err()
	}
	return def
}

// alignLegacy is the shape of the second input with ones after it, so that
// numpy's rules then do what the attributes broadcast and axis ask for.
func alignLegacy(a, b []int, broadcast bool, axis int, hasAxis bool) ([]int, error) {
	if hasAxis && axis < 0 {
		axis += len(a)
	}
	if !hasAxis {
		axis = len(a) - len(b)
	}
	after := len(a) - len(b) - axis
	if axis < 0 || after < 0 || !broadcast && after+axis != 0 {
		return nil, fmt.Errorf("shape %s does not fit under %s (broadcast %t, axis %d)",
			tensor.FormatShape(b), tensor.FormatShape(a), broadcast, axis)
	}
	out := append(make([]int, 0, len(b)+after), b...)
	for range after {
		out = append(out, 1)
	}
	for i, d := range out {
		if size := a[axis+i]; d != size && (d != 1 || !broadcast) {
			return nil, fmt.Errorf("shape %s does not fit under %s (broadcast %t, axis %d)",
				tensor.FormatShape(b), tensor.FormatShape(a), broadcast, axis)
		}
	}
	return out, nil
}
