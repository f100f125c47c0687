package attention

import (
	"fmt"

	kernel "github.com/seed6700ada1/infer/runtime/kernel/attention"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// heads is a tensor read as vectors [batch, head, row, size]: one of rank 4 in
// that order, or one of rank 3, [batch, row, head·size].
type heads struct {
	batch, heads, rows, size int
	last                     bool // rank 3
}

// split reads a shape as heads; count tells how many there are in one of rank 3.
func split(shape []int, count int, name string) (heads, error) {
	switch {
	case len(shape) == 4:
		return heads{shape[0], shape[1], shape[2], shape[3], false}, nil
	case len(shape) != 3:
		return heads{}, fmt.Errorf("%s has rank %d, expected 3 or 4", name, len(shape))
	case count < 1:
		return heads{}, fmt.Errorf("%s has rank 3, for which the attributes must tell the number of heads", name)
	case shape[2]%count != 0:
		return heads{}, fmt.Errorf("%s has %d columns, which do not divide into %d heads", name, shape[2], count)
	}
	return heads{shape[0], count, shape[1], shape[2] / count, true}, nil
}

// splitDims is split for shape inference: batch, heads, rows, size.
func splitDims(shape []onnx.Dim, count int, name string) ([4]onnx.Dim, error) {
	switch {
	case len(shape) == 4:
		return [4]onnx.Dim(shape), nil
	case len(shape) != 3:
		return [4]onnx.Dim{}, fmt.Errorf("%s has rank %d, expected 3 or 4", name, len(shape))
	case count < 1:
		return [4]onnx.Dim{}, fmt.Errorf("%s has rank 3, for which the attributes must tell the number of heads", name)
	case shape[2].IsKnown() && shape[2].Value%int64(count) != 0:
		return [4]onnx.Dim{}, fmt.Errorf("%s has %d columns, which do not divide into %d heads", name, shape[2].Value, count)
	}
	return [4]onnx.Dim{shape[0], onnx.Known(count), shape[1], dims.Div(shape[2], onnx.Known(count))}, nil
}

// shape is the shape of a tensor read so.
func (h heads) shape() []int {
	if h.last {
		return []int{h.batch, h.rows, h.heads * h.size}
	}
	return []int{h.batch, h.heads, h.rows, h.size}
}

// view reads a buffer of the tensor; width is the number of elements of the
// buffer for each of the tensor's: more than 1 for one of bytes.
func view[T any](h heads, data []T, width int) kernel.View[T] {
	if h.last {
		return kernel.HeadsLast(data, h.heads, h.rows, h.size*width)
	}
	return kernel.HeadsFirst(data, h.heads, h.rows, h.size*width)
}

// bytesOf is the width of an element; types that share bytes have none here.
func bytesOf(t *tensor.Tensor) int { return t.DType().Bits() / 8 }
