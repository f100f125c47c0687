package reduce

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/reduce"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/half"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// numeric is what is ordered, as elements of tensors.
type numeric interface {
	reduce.Number
	tensor.Element
}

// argKernel finds extremes of one element type.
type argKernel interface {
	kernel
	run(p *pool.Pool, dst, src *tensor.Tensor, axis int, last bool) error
}

type typedArg[T numeric] struct{ better func(a, b T) bool }

func (k typedArg[T]) dtype() tensor.DType { return tensor.TypeOf[T]() }

func (k typedArg[T]) run(p *pool.Pool, dst, src *tensor.Tensor, axis int, last bool) error {
	out, in, err := both[T, int64](dst, src)
	if err != nil {
		return err
	}
	outer, n, inner := split(src.Shape(), axis)
	reduce.Arg(p, out, in, outer, n, inner, last, k.better)
	return nil
}

// argDefs defines ArgMax and ArgMin: the index, an int64, of the extreme element
// along an axis (ONNX operator spec, ArgMax-13). Of equal elements the first
// counts, or the last where select_last_index says so; NaN is more extreme than
// every number.
func argDefs() []ops.Def {
	largest := []argKernel{
		typedArg[float32]{reduce.Larger[float32]},
		typedArg[float64]{reduce.Larger[float64]},
		typedArg[int64]{reduce.Larger[int64]},
		typedArg[int32]{reduce.Larger[int32]},
		typedArg[int16]{reduce.Larger[int16]},
		typedArg[int8]{reduce.Larger[int8]},
		typedArg[uint64]{reduce.Larger[uint64]},
		typedArg[uint32]{reduce.Larger[uint32]},
		typedArg[uint16]{reduce.Larger[uint16]},
		typedArg[uint8]{reduce.Larger[uint8]},
	}
	smallest := []argKernel{
		typedArg[float32]{reduce.Smaller[float32]},
		typedArg[float64]{reduce.Smaller[float64]},
		typedArg[int64]{reduce.Smaller[int64]},
		typedArg[int32]{reduce.Smaller[int32]},
		typedArg[int16]{reduce.Smaller[int16]},
		typedArg[int8]{reduce.Smaller[int8]},
		typedArg[uint64]{reduce.Smaller[uint64]},
		typedArg[uint32]{reduce.Smaller[uint32]},
		typedArg[uint16]{reduce.Smaller[uint16]},
		typedArg[uint8]{reduce.Smaller[uint8]},
	}
	return append(
		at(argDef("ArgMax", largest), 1, 11, 12, 13),
		at(argDef("ArgMin", smallest), 1, 11, 12, 13)...)
}

// arg is a compiled ArgMax or ArgMin.
type arg struct {
	kernels  []argKernel
	axis     int64
	keepDims bool
	last     bool
}

func argOf(a *ops.Attrs, kernels []argKernel) arg {
	return arg{kernels, a.Int("axis", 0), a.Bool("keepdims", true), a.Bool("select_last_index", false)}
}

func argDef(name string, kernels []argKernel) ops.Def {
	return ops.Def{
		Name: name, MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
		Infer:   func(n *ops.Inference) error { return argOf(n.Attrs, kernels).infer(n) },
		Compile: func(n *ops.Node) (ops.Compiled, error) { return argOf(n.Attrs, kernels), n.Err() },
	}
}

// along marks the one axis.
func (op arg) along(rank int) (settings, []bool, int, error) {
	s := settings{keepDims: op.keepDims}
	axis, err := dims.Axis(op.axis, rank)
	if err != nil {
		return s, nil, 0, err
	}
	reduced, err := s.reduced([]int{axis}, rank)
	return s, reduced, axis, err
}

func (op arg) infer(n *ops.Inference) error {
	n.SetDType(0, tensor.Int64)
	in, ok := n.Input(0).Dims()
	if !ok {
		return nil
	}
	s, reduced, _, err := op.along(len(in))
	if err != nil {
		return err
	}
	n.Set(0, tensor.Int64, shape(s, in, reduced, onnx.Known(1))...)
	return nil
}

// Run finds the extremes of input 0.
func (op arg) Run(c *ops.Call) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	s, reduced, axis, err := op.along(x.Rank())
	if err != nil {
		return err
	}
	k, err := find(op.kernels, half.Computed(x.DType()))
	if err != nil {
		return err
	}
	y, err := c.Output(0, tensor.Int64, shape(s, x.Shape(), reduced, 1)...)
	if err != nil {
		return err
	}
	if x.Len() == 0 {
		if y.Len() > 0 {
			return fmt.Errorf("axis %d has no elements", axis)
		}
		return nil
	}
	return half.Run(c, y, []*tensor.Tensor{x}, func(y *tensor.Tensor, in []*tensor.Tensor) error {
		return k.run(c.Pool, y, in[0], axis, op.last)
	})
}
