package reduce

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/softmax"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/half"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// softmaxDefs defines Softmax, e^x / Σ e^x, LogSoftmax, its logarithm, and
// Hardmax, 1 for the first largest element and 0 elsewhere (ONNX operator spec,
// Softmax-13).
//
// From version 13 on they work along one axis, the last by default. Before, the
// tensor is seen as a matrix of the dimensions before the axis, 1 by default, by
// those from it on, and they work along its rows.
func softmaxDefs() []ops.Def {
	return slices.Concat(
		normalizer{softmax.Softmax[float32], softmax.Softmax[float64]}.defs("Softmax", 0),
		normalizer{softmax.Log[float32], softmax.Log[float64]}.defs("LogSoftmax", 0),
		normalizer{softmax.Hardmax[float32], softmax.Hardmax[float64]}.defs("Hardmax"),
	)
}

// line works along the middle of [outer, n, inner].
type line[T elementwise.Float] func(p *pool.Pool, dst, src []T, outer, n, inner int)

type normalizer struct {
	f32 line[float32]
	f64 line[float64]
}

// defs is the operator at all versions, in place where its kernel can.
func (k normalizer) defs(name string, inPlace ...int) []ops.Def {
	def := ops.Def{
		Name: name, MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1, InPlace: inPlace,
		Infer: inferNormalized(-1),
		Compile: func(n *ops.Node) (ops.Compiled, error) {
			return normalization{normalizer: k, axis: n.Int("axis", -1)}, n.Err()
		},
	}
	old := def
	old.Infer = inferNormalized(1)
	old.Compile = func(n *ops.Node) (ops.Compiled, error) {
		return normalization{normalizer: k, axis: n.Int("axis", 1), rows: true}, n.Err()
	}
	return slices.Concat(at(old, 1, 11), at(def, 13))
}

func inferNormalized(axis int64) func(n *ops.Inference) error {
	return func(n *ops.Inference) error {
		if rank := n.Input(0).Rank(); rank > 0 {
			if _, err := dims.Axis(n.Int("axis", axis), rank); err != nil && axis < 0 {
				return err
			}
		}
		if d := n.Input(0).DType(); d != tensor.Undefined && !realFloat(half.Computed(d)) {
			return floatsOnly(d)
		}
		return ops.InferLike(n)
	}
}

func realFloat(d tensor.DType) bool { return d == tensor.Float32 || d == tensor.Float64 }

func floatsOnly(d tensor.DType) error {
	return fmt.Errorf("elements are %v, expected float32, float64, float16 or bfloat16", d)
}

// normalization is a compiled node.
type normalization struct {
	normalizer
	axis int64
	rows bool // along all dimensions from axis on
}

// Run normalizes input 0.
func (op normalization) Run(c *ops.Call) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	outer, n, inner, err := op.lines(x.Shape())
	if err != nil {
		return err
	}
	if !realFloat(half.Computed(x.DType())) {
		return floatsOnly(x.DType())
	}
	y, err := c.Output(0, x.DType(), x.Shape()...)
	if err != nil || x.Len() == 0 {
		return err
	}
	return half.Run(c, y, []*tensor.Tensor{x}, func(y *tensor.Tensor, in []*tensor.Tensor) error {
		if x.DType() == tensor.Float64 {
			return normalize(c.Pool, op.f64, y, in[0], outer, n, inner)
		}
		return normalize(c.Pool, op.f32, y, in[0], outer, n, inner)
	})
}

// lines is the shape seen as [outer, n, inner].
func (op normalization) lines(shape []int) (outer, n, inner int, err error) {
	if len(shape) == 0 { // a scalar is a line of one
		return 1, 1, 1, nil
	}
	rank := len(shape)
	if op.rows && op.axis == int64(rank) { // rows of nothing but the element itself
		outer, n, inner = split(shape, rank-1)
		return outer * n, 1, inner, nil
	}
	axis, err := dims.Axis(op.axis, rank)
	if err != nil {
		return 0, 0, 0, err
	}
	outer, n, inner = split(shape, axis)
	if op.rows {
		n, inner = n*inner, 1
	}
	return outer, n, inner, nil
}

func normalize[T interface {
	elementwise.Float
	tensor.Element
}](p *pool.Pool, f line[T], dst, src *tensor.Tensor, outer, n, inner int) error {
	out, in, err := both[T, T](dst, src)
	if err != nil {
		return err
	}
	f(p, out, in, outer, n, inner)
	return nil
}
