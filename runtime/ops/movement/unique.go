package movement

import (
	"cmp"
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/gather"
	"github.com/seed6700ada1/infer/runtime/kernel/strided"
	"github.com/seed6700ada1/infer/runtime/kernel/unique"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Unique gives the different elements of a tensor, or the different slices along
// an axis; and for them where each stands first, for all which one it is, and
// how often each is there (ONNX operator spec, Unique-11).
var uniqueDefs = []ops.Def{{
	Name: "Unique", Since: 11,
	MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 4,
	Infer:   inferUnique,
	Compile: compileUnique,
}}

func inferUnique(n *ops.Inference) error {
	in := n.Input(0)
	shape, ok := in.Dims()
	n.SetDType(0, in.DType())
	all := onnx.UnknownDim()
	switch {
	case !n.Attrs.Has("axis"):
		n.Set(0, in.DType(), onnx.UnknownDim())
		if ok {
			all = dims.Product(shape)
		}
	case ok:
		at, err := dims.Axis(n.Int("axis", 0), len(shape))
		if err != nil {
			return err
		}
		out := append([]onnx.Dim{}, shape...)
		all, out[at] = shape[at], onnx.UnknownDim()
		n.Set(0, in.DType(), out...)
	}
	n.Set(1, tensor.Int64, onnx.UnknownDim())
	n.Set(2, tensor.Int64, all)
	n.Set(3, tensor.Int64, onnx.UnknownDim())
	return n.Err()
}

func compileUnique(n *ops.Node) (ops.Compiled, error) {
	axis, whole := n.Int("axis", 0), !n.Attrs.Has("axis")
	sorted := n.Bool("sorted", true)
	return ops.RunFunc(func(c *ops.Call) error {
		in, err := c.Need(0)
		if err != nil {
			return err
		}
		at := 0
		if !whole {
			if at, err = dims.Axis(axis, in.Rank()); err != nil {
				return err
			}
		} else if in, err = in.Reshape(in.Len()); err != nil {
			return err
		}
		return runUnique(c, in, at, sorted)
	}), n.Err()
}

// runUnique compares the slices of in along axis at.
func runUnique(c *ops.Call, in *tensor.Tensor, at int, sorted bool) error {
	shape := append([]int{}, in.Shape()...)
	rows, err := rowsAlong(in, at)
	if err != nil {
		return err
	}
	r, err := uniqueRows(rows, shape[at], sorted)
	if err != nil {
		return err
	}
	size, inner := shape[at], dims.Count(shape[at+1:])
	shape[at] = len(r.First)
	out, err := c.Output(0, in.DType(), shape...)
	if err != nil {
		return err
	}
	dst := cells.Dest(out)
	gather.Blocks(c.Pool, dst, cells.Load(in), r.First, inner, inner, dims.Count(shape[:at]), size*inner)
	dst.Flush()
	for i, list := range [][]int{r.First, r.Inverse, r.Counts} {
		if !c.Wants(i + 1) {
			continue
		}
		if err := setInts(c, i+1, list); err != nil {
			return err
		}
	}
	return nil
}

func setInts(c *ops.Call, i int, list []int) error {
	out, err := c.Output(i, tensor.Int64, len(list))
	if err != nil {
		return err
	}
	dst, err := tensor.Data[int64](out)
	if err != nil {
		return err
	}
	for k, v := range list {
		dst[k] = int64(v)
	}
	return nil
}

// rowsAlong copies in so that what belongs to one index along axis at is
// together.
func rowsAlong(in *tensor.Tensor, at int) (*tensor.Tensor, error) {
	outer, size, inner := dims.Count(in.Shape()[:at]), in.Dim(at), dims.Count(in.Shape()[at+1:])
	if outer == 1 {
		return in, nil
	}
	out, err := tensor.New(in.DType(), size, outer, inner)
	if err != nil {
		return nil, err
	}
	dst := cells.Dest(out)
	block := []int{size, outer, inner}
	strided.New(block, strided.Strides(block), []int{inner, size * inner, 1}, 0, 0).Run(nil, dst, cells.Load(in))
	dst.Flush()
	return out, nil
}

// uniqueRows compares n rows in a type that orders their elements.
func uniqueRows(t *tensor.Tensor, n int, sorted bool) (unique.Result, error) {
	switch d := t.DType(); d {
	case tensor.String:
		return uniqueOf[string](t, n, sorted)
	case tensor.Uint64:
		return uniqueOf[uint64](t, n, sorted)
	case tensor.Float32:
		return uniqueOf[float32](t, n, sorted)
	case tensor.Bool:
		keys, err := tensor.Wrap(tensor.Uint8, t.Bytes(), t.Shape()...)
		if err != nil {
			return unique.Result{}, err
		}
		return uniqueOf[uint8](keys, n, sorted)
	case tensor.Complex64, tensor.Complex128: // the real part counts first
		part := tensor.Float32
		if d == tensor.Complex128 {
			part = tensor.Float64
		}
		keys, err := tensor.Wrap(part, t.Bytes(), 2*t.Len())
		if err != nil {
			return unique.Result{}, err
		}
		if part == tensor.Float32 {
			return uniqueOf[float32](keys, n, sorted)
		}
		return uniqueOf[float64](keys, n, sorted)
	default:
		if d.IsFloat() {
			keys, err := realNumbers(t)
			return unique.Rows(keys, n, sorted), err
		}
		keys, err := wholeNumbers(t)
		if err != nil {
			return unique.Result{}, fmt.Errorf("input: %w", err)
		}
		return unique.Rows(keys, n, sorted), nil
	}
}

func uniqueOf[T interface {
	cmp.Ordered
	tensor.Element
}](t *tensor.Tensor, n int, sorted bool) (unique.Result, error) {
	keys, err := tensor.Data[T](t)
	if err != nil {
		return unique.Result{}, err
	}
	return unique.Rows(keys, n, sorted), nil
}
