package reduce

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/topk"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/half"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// topKernel selects elements of one type.
type topKernel interface {
	kernel
	run(p *pool.Pool, values *tensor.Tensor, indices []int64, src *tensor.Tensor, axis, k int, largest bool) error
}

type typedTopK[T numeric] struct{}

func (typedTopK[T]) dtype() tensor.DType { return tensor.TypeOf[T]() }

func (typedTopK[T]) run(p *pool.Pool, values *tensor.Tensor, indices []int64, src *tensor.Tensor, axis, k int, largest bool) error {
	out, in, err := both[T, T](values, src)
	if err != nil {
		return err
	}
	outer, n, inner := split(src.Shape(), axis)
	topk.Select(p, out, indices, in, outer, n, k, inner, largest)
	return nil
}

var topKernels = []topKernel{
	typedTopK[float32]{},
	typedTopK[float64]{},
	typedTopK[int64]{},
	typedTopK[int32]{},
	typedTopK[int16]{},
	typedTopK[int8]{},
	typedTopK[uint64]{},
	typedTopK[uint32]{},
	typedTopK[uint16]{},
	typedTopK[uint8]{},
}

// topKDefs defines TopK: the k largest or smallest elements along an axis and
// their indices, best first, equals by rising index (ONNX operator spec,
// TopK-24). Version 1 has k as an attribute, later ones as input 1; 11 brought
// largest and sorted. The output is sorted even where it need not be.
func topKDefs() []ops.Def {
	def := ops.Def{
		Name: "TopK", MinInputs: 2, MaxInputs: 2, MinOutputs: 2, MaxOutputs: 2,
		Infer: inferTopK,
		Compile: func(n *ops.Node) (ops.Compiled, error) {
			return topK{axis: n.Int("axis", -1), k: -1, largest: n.Bool("largest", true)}, n.Err()
		},
	}
	old := def
	old.MinInputs, old.MaxInputs = 1, 1
	old.Compile = func(n *ops.Node) (ops.Compiled, error) {
		op := topK{axis: n.Int("axis", -1), k: int(n.Int("k", -1)), largest: true}
		if n.Err() == nil && op.k < 0 {
			return nil, fmt.Errorf(`attribute "k" is missing or negative`)
		}
		return op, n.Err()
	}
	return slices.Concat(at(old, 1), at(def, 10, 11, 24))
}

func inferTopK(n *ops.Inference) error {
	axisAttr, k := n.Int("axis", -1), onnx.UnknownDim()
	if v := n.Int("k", -1); v >= 0 {
		k = onnx.Known(int(v))
	} else if v := n.Input(1).Value; len(v) == 1 {
		k = v[0]
	} else if list, ok := n.Ints(1); ok && len(list) == 1 && list[0] >= 0 {
		k = onnx.Known(list[0])
	}
	x := n.Input(0)
	if x.DType() == tensor.Undefined {
		return n.Err()
	}
	n.SetDType(0, x.DType())
	n.SetDType(1, tensor.Int64)
	in, ok := x.Dims()
	if !ok {
		return n.Err()
	}
	axis, err := dims.Axis(axisAttr, len(in))
	if err != nil {
		return err
	}
	out := slices.Clone(in)
	out[axis] = k
	n.Set(0, x.DType(), out...)
	n.Set(1, tensor.Int64, out...)
	return n.Err()
}

// topK is a compiled TopK; k is negative where it is an input.
type topK struct {
	axis    int64
	k       int
	largest bool
}

// Run selects from input 0.
func (op topK) Run(c *ops.Call) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	axis, err := dims.Axis(op.axis, x.Rank())
	if err != nil {
		return err
	}
	k := op.k
	if k < 0 {
		if k, err = scalar(c, 1); err != nil {
			return err
		}
	}
	if k < 0 || k > x.Dim(axis) {
		return fmt.Errorf("k is %d, expected 0 to %d, the size of axis %d", k, x.Dim(axis), axis)
	}
	kernel, err := find(topKernels, half.Computed(x.DType()))
	if err != nil {
		return err
	}
	shape := slices.Clone(x.Shape())
	shape[axis] = k
	values, err := c.Output(0, x.DType(), shape...)
	if err != nil {
		return err
	}
	indices, err := c.Output(1, tensor.Int64, shape...)
	if err != nil || values.Len() == 0 {
		return err
	}
	at, err := tensor.Data[int64](indices)
	if err != nil {
		return err
	}
	return half.Run(c, values, []*tensor.Tensor{x}, func(values *tensor.Tensor, in []*tensor.Tensor) error {
		return kernel.run(c.Pool, values, at, in[0], axis, k, op.largest)
	})
}
