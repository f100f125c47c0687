package reduce

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/reduce"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/half"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// foldKernel is a reduction of one element type.
type foldKernel interface {
	kernel
	run(p *pool.Pool, plan *reduce.Plan, dst, src *tensor.Tensor) error
}

type typedFold[T tensor.Element, A any] struct{ fold reduce.Fold[T, A, T] }

func folding[T tensor.Element, A any](f reduce.Fold[T, A, T]) foldKernel { return typedFold[T, A]{f} }

func (k typedFold[T, A]) dtype() tensor.DType { return tensor.TypeOf[T]() }

func (k typedFold[T, A]) run(p *pool.Pool, plan *reduce.Plan, dst, src *tensor.Tensor) error {
	out, in, err := both[T, T](dst, src)
	if err != nil {
		return err
	}
	k.fold.Run(p, plan, out, in)
	return nil
}

// folder is a reduction operator: its kernels, one a type.
type folder struct {
	kernels []foldKernel
	// product says that the symbolic value of the output is the product of the
	// input's: ReduceProd over a shape counts elements.
	product bool
}

// reduceDefs defines the reductions (ONNX operator spec, ReduceSum-13,
// ReduceMax-20 and so on): the elements along axes, all where none are named,
// become one. Integers are reduced in 64 bits and truncated.
//
// ReduceSum from version 13 on, and the others from 18 on, have the axes as an
// optional input; before that they are an attribute. Of nothing, a sum is 0, a
// product 1, a logarithm of a sum -∞, and an extreme the least or greatest
// value of the type.
func reduceDefs() []ops.Def {
	inf := math.Inf(1)
	inf32 := float32(inf)
	largest := folder{kernels: []foldKernel{
		folding(reduce.Max(-inf32)), folding(reduce.Max(-inf)),
		folding(reduce.Max[int64](math.MinInt64)), folding(reduce.Max[int32](math.MinInt32)), folding(reduce.Max[int16](math.MinInt16)), folding(reduce.Max[int8](math.MinInt8)),
		folding(reduce.Max[uint64](0)), folding(reduce.Max[uint32](0)), folding(reduce.Max[uint16](0)), folding(reduce.Max[uint8](0)),
		folding(reduce.Any()),
	}}
	smallest := folder{kernels: []foldKernel{
		folding(reduce.Min(inf32)), folding(reduce.Min(inf)),
		folding(reduce.Min[int64](math.MaxInt64)), folding(reduce.Min[int32](math.MaxInt32)), folding(reduce.Min[int16](math.MaxInt16)), folding(reduce.Min[int8](math.MaxInt8)),
		folding(reduce.Min[uint64](math.MaxUint64)), folding(reduce.Min[uint32](math.MaxUint32)), folding(reduce.Min[uint16](math.MaxUint16)), folding(reduce.Min[uint8](math.MaxUint8)),
		folding(reduce.All()),
	}}
	sum := folder{kernels: []foldKernel{
		folding(reduce.Sum[float32, float64]()), folding(reduce.Sum[float64, float64]()),
		folding(reduce.Sum[int64, int64]()), folding(reduce.Sum[int32, int64]()), folding(reduce.Sum[uint64, int64]()), folding(reduce.Sum[uint32, int64]()),
	}}
	mean := folder{kernels: []foldKernel{
		folding(reduce.Mean[float32, float64]()), folding(reduce.Mean[float64, float64]()),
		folding(reduce.Mean[int64, int64]()), folding(reduce.Mean[int32, int64]()), folding(reduce.Mean[uint64, int64]()), folding(reduce.Mean[uint32, int64]()),
	}}
	prod := folder{product: true, kernels: []foldKernel{
		folding(reduce.Prod[float32, float64]()), folding(reduce.Prod[float64, float64]()),
		folding(reduce.Prod[int64, int64]()), folding(reduce.Prod[int32, int64]()), folding(reduce.Prod[uint64, int64]()), folding(reduce.Prod[uint32, int64]()),
	}}
	return slices.Concat(
		sum.defs("ReduceSum", []int{1, 11}, []int{13}),
		mean.defs("ReduceMean", []int{1, 11, 13}, []int{18}),
		largest.defs("ReduceMax", []int{1, 11, 12, 13}, []int{18, 20}),
		smallest.defs("ReduceMin", []int{1, 11, 12, 13}, []int{18, 20}),
		prod.defs("ReduceProd", []int{1, 11, 13}, []int{18}),
		normDefs(),
	)
}

// normDefs defines the reductions that do more than fold.
func normDefs() []ops.Def {
	l1 := folder{kernels: []foldKernel{
		folding(reduce.L1[float32, float64]()), folding(reduce.L1[float64, float64]()),
		folding(reduce.L1[int64, int64]()), folding(reduce.L1[int32, int64]()), folding(reduce.L1[uint64, int64]()), folding(reduce.L1[uint32, int64]()),
	}}
	sumSquare := folder{kernels: []foldKernel{
		folding(reduce.SumSquare[float32, float64]()), folding(reduce.SumSquare[float64, float64]()),
		folding(reduce.SumSquare[int64, int64]()), folding(reduce.SumSquare[int32, int64]()), folding(reduce.SumSquare[uint64, int64]()), folding(reduce.SumSquare[uint32, int64]()),
	}}
	l2 := folder{kernels: []foldKernel{
		folding(reduce.L2[float32]()), folding(reduce.L2[float64]()),
		folding(reduce.L2[int64]()), folding(reduce.L2[int32]()), folding(reduce.L2[uint64]()), folding(reduce.L2[uint32]()),
	}}
	logSum := folder{kernels: []foldKernel{
		folding(reduce.LogSum[float32]()), folding(reduce.LogSum[float64]()),
		folding(reduce.LogSum[int64]()), folding(reduce.LogSum[int32]()), folding(reduce.LogSum[uint64]()), folding(reduce.LogSum[uint32]()),
	}}
	logSumExp := folder{kernels: []foldKernel{
		folding(reduce.LogSumExp[float32]()), folding(reduce.LogSumExp[float64]()),
		folding(reduce.LogSumExp[int64]()), folding(reduce.LogSumExp[int32]()), folding(reduce.LogSumExp[uint64]()), folding(reduce.LogSumExp[uint32]()),
	}}
	attribute, input := []int{1, 11, 13}, []int{18}
	return slices.Concat(
		l1.defs("ReduceL1", attribute, input),
		l2.defs("ReduceL2", attribute, input),
		sumSquare.defs("ReduceSumSquare", attribute, input),
		logSum.defs("ReduceLogSum", attribute, input),
		logSumExp.defs("ReduceLogSumExp", attribute, input),
	)
}

// defs is the operator at its versions with the axes as attribute, and as input.
func (op folder) defs(name string, attribute, input []int) []ops.Def {
	def := ops.Def{
		Name: name, MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
		Infer: op.infer,
		Compile: func(n *ops.Node) (ops.Compiled, error) {
			r := reduction{folder: op, settings: settingsOf(n.Attrs), constant: !n.Has(1)}
			if axes := n.Const(1); axes != nil {
				list, err := ops.IntsOf(axes)
				if err != nil {
					return nil, err
				}
				r.axes, r.constant = list, true
			}
			return r, n.Err()
		},
	}
	withInput := def
	withInput.MaxInputs = 2
	return slices.Concat(at(def, attribute...), at(withInput, input...))
}

// settings are the attributes of a reduction.
type settings struct {
	axes     []int
	keepDims bool
	noop     bool // no axes named means none, rather than all
}

func settingsOf(a *ops.Attrs) settings {
	return settings{
		axes:     a.Ints("axes"),
		keepDims: a.Bool("keepdims", true),
		noop:     a.Bool("noop_with_empty_axes", false),
	}
}

// reduced marks the axes that a list names.
func (s settings) reduced(axes []int, rank int) ([]bool, error) {
	mark := make([]bool, rank)
	if len(axes) == 0 && !s.noop {
		for i := range mark {
			mark[i] = true
		}
	}
	for _, axis := range axes {
		i, err := dims.Axis(int64(axis), rank)
		if err != nil {
			return nil, err
		}
		mark[i] = true
	}
	return mark, nil
}

// shape is what remains of a shape.
func shape[D any](s settings, in []D, reduced []bool, one D) []D {
	out := make([]D, 0, len(in))
	for i, d := range in {
		switch {
		case !reduced[i]:
			out = append(out, d)
		case s.keepDims:
			out = append(out, one)
		}
	}
	return out
}

func (op folder) infer(n *ops.Inference) error {
	s, x := settingsOf(n.Attrs), n.Input(0)
	d := x.DType()
	if d == tensor.Undefined || n.Err() != nil {
		return n.Err()
	}
	if _, err := find(op.kernels, half.Computed(d)); err != nil {
		return err
	}
	n.SetDType(0, d)
	in, ok := x.Dims()
	if !ok {
		return nil
	}
	axes := s.axes
	if n.Has(1) {
		if axes, ok = n.Ints(1); !ok {
			if s.keepDims {
				n.Set(0, d, dims.Unknown(len(in))...)
			}
			return nil
		}
	}
	reduced, err := s.reduced(axes, len(in))
	if err != nil {
		return err
	}
	n.Set(0, d, shape(s, in, reduced, onnx.Known(1))...)
	if op.product && x.Value != nil && len(in) <= 1 && !slices.Contains(reduced, false) {
		n.SetValue(0, []onnx.Dim{dims.Product(x.Value)})
	}
	return nil
}

// reduction is a compiled node.
type reduction struct {
	folder
	settings
	constant bool // the axes are those of the settings, not input 1
}

// Run reduces input 0.
func (r reduction) Run(c *ops.Call) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	axes := r.axes
	if !r.constant {
		t, err := c.Need(1)
		if err != nil {
			return err
		}
		if axes, err = ops.IntsOf(t); err != nil {
			return fmt.Errorf("axes: %w", err)
		}
	}
	k, err := find(r.kernels, half.Computed(x.DType()))
	if err != nil {
		return err
	}
	reduced, err := r.reduced(axes, x.Rank())
	if err != nil {
		return err
	}
	y, err := c.Output(0, x.DType(), shape(r.settings, x.Shape(), reduced, 1)...)
	if err != nil {
		return err
	}
	plan := reduce.NewPlan(x.Shape(), reduced)
	return half.Run(c, y, []*tensor.Tensor{x}, func(y *tensor.Tensor, in []*tensor.Tensor) error {
		return k.run(c.Pool, &plan, y, in[0])
	})
}
