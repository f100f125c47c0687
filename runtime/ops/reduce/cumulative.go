package reduce

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/reduce"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/half"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// scanKernel folds along an axis, keeping every step, for one element type.
type scanKernel interface {
	kernel
	run(p *pool.Pool, dst, src *tensor.Tensor, axis int, exclusive, reverse bool) error
}

type typedScan[T numeric] struct {
	init T
	step func(acc, v T) T
}

func adding[T numeric]() scanKernel {
	return typedScan[T]{0, func(acc, v T) T { return acc + v }}
}

func multiplying[T numeric]() scanKernel {
	return typedScan[T]{1, func(acc, v T) T { return acc * v }}
}

func (k typedScan[T]) dtype() tensor.DType { return tensor.TypeOf[T]() }

func (k typedScan[T]) run(p *pool.Pool, dst, src *tensor.Tensor, axis int, exclusive, reverse bool) error {
	out, in, err := both[T, T](dst, src)
	if err != nil {
		return err
	}
	outer, n, inner := split(src.Shape(), axis)
	reduce.Scan(p, out, in, outer, n, inner, exclusive, reverse, k.init, k.step)
	return nil
}

// cumulativeDefs defines CumSum and CumProd: the running sum or product along
// the axis that input 1 names, with the element itself or, where exclusive,
// without it, from the end where reverse (ONNX operator spec, CumSum-14,
// CumProd-26).
func cumulativeDefs() []ops.Def {
	sums := []scanKernel{
		adding[float32](), adding[float64](),
		adding[int64](), adding[int32](), adding[uint64](), adding[uint32](),
	}
	products := []scanKernel{
		multiplying[float32](), multiplying[float64](),
		multiplying[int64](), multiplying[int32](), multiplying[uint64](), multiplying[uint32](),
	}
	return append(at(cumulativeDef("CumSum", sums), 11, 14), at(cumulativeDef("CumProd", products), 26)...)
}

func cumulativeDef(name string, kernels []scanKernel) ops.Def {
	return ops.Def{
		Name: name, MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
		InPlace: []int{0},
		Infer:   ops.InferLike,
		Compile: func(n *ops.Node) (ops.Compiled, error) {
			return cumulative{kernels, n.Bool("exclusive", false), n.Bool("reverse", false)}, n.Err()
		},
	}
}

// cumulative is a compiled CumSum or CumProd.
type cumulative struct {
	kernels            []scanKernel
	exclusive, reverse bool
}

// Run folds input 0 along the axis in input 1.
func (op cumulative) Run(c *ops.Call) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	axis, err := scalarAxis(c, 1, x.Rank())
	if err != nil {
		return err
	}
	k, err := find(op.kernels, half.Computed(x.DType()))
	if err != nil {
		return err
	}
	y, err := c.Output(0, x.DType(), x.Shape()...)
	if err != nil || x.Len() == 0 {
		return err
	}
	return half.Run(c, y, []*tensor.Tensor{x}, func(y *tensor.Tensor, in []*tensor.Tensor) error {
		return k.run(c.Pool, y, in[0], axis, op.exclusive, op.reverse)
	})
}

// scalarAxis reads an axis from an input.
func scalarAxis(c *ops.Call, i, rank int) (int, error) {
	v, err := scalar(c, i)
	if err != nil {
		return 0, err
	}
	return dims.Axis(int64(v), rank)
}

// scalar reads an integer from an input of one element.
func scalar(c *ops.Call, i int) (int, error) {
	t, err := c.Need(i)
	if err != nil {
		return 0, err
	}
	list, err := ops.IntsOf(t)
	if err != nil {
		return 0, fmt.Errorf("input %d: %w", i, err)
	}
	if len(list) != 1 {
		return 0, fmt.Errorf("input %d has %d elements, expected one", i, len(list))
	}
	return list[0], nil
}
