// Package movement holds the operators that bring elements to other places
// without computing with them: transposes, joins, cuts, gathers, scatters, pads
// and the like.
//
// They know an element only by its size (see kernel/cells), so that every type
// is supported wherever the standard allows it, strings and the packed 2- and
// 4-bit types included.
package movement

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/index"
	"github.com/seed6700ada1/infer/runtime/kernel/strided"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Ops lists the definitions of this family.
var Ops = slices.Concat(
	transposeDefs,
	concatDefs,
	splitDefs,
	sliceDefs,
	gatherDefs,
	gatherElementsDefs,
	gatherNDDefs,
	scatterElementsDefs,
	scatterNDDefs,
	tensorScatterDefs,
	padDefs,
	expandDefs,
	tileDefs,
	oneHotDefs,
	nonZeroDefs,
	uniqueDefs,
	triluDefs,
	depthToSpaceDefs,
	spaceToDepthDefs,
	compressDefs,
	reverseSequenceDefs,
	centerCropPadDefs,
)

// moveAll copies the elements of src to dst, which has as many.
func moveAll(c *ops.Call, dst, src *tensor.Tensor) {
	to := cells.Dest(dst)
	strided.New([]int{src.Len()}, []int{1}, []int{1}, 0, 0).Run(c.Pool, to, cells.Load(src))
	to.Flush()
}

// places lends a list of n ints that is kept from one run of the node to the
// next.
func places(c *ops.Call, n int) []int {
	buf := c.State(func() any { return new([]int) }).(*[]int)
	*buf = slices.Grow((*buf)[:0], n)[:n]
	return *buf
}

// axisPlaces reads t as indices along a dimension of that size.
func axisPlaces(c *ops.Call, t *tensor.Tensor, size int) ([]int, error) {
	dst := places(c, t.Len())
	switch t.DType() {
	case tensor.Int64:
		data, err := tensor.Data[int64](t)
		if err != nil {
			return nil, err
		}
		return dst, index.Axis(dst, data, size)
	case tensor.Int32:
		data, err := tensor.Data[int32](t)
		if err != nil {
			return nil, err
		}
		return dst, index.Axis(dst, data, size)
	default:
		return nil, indexTypeError(t)
	}
}

func indexTypeError(t *tensor.Tensor) error {
	return fmt.Errorf("indices are %v, expected int64 or int32", t.DType())
}

func product(list []int) int {
	p := 1
	for _, d := range list {
		p *= d
	}
	return p
}

// needTwo gives inputs 0 and 1.
func needTwo(c *ops.Call) (a, b *tensor.Tensor, err error) {
	if a, err = c.Need(0); err != nil {
		return nil, nil, err
	}
	b, err = c.Need(1)
	return a, b, err
}

// fromInts is a list of sizes as dimensions; negative ones are unknown.
func fromInts(list []int) []onnx.Dim {
	out := make([]onnx.Dim, len(list))
	for i, v := range list {
		out[i] = onnx.Dim{Value: max(int64(v), -1)}
	}
	return out
}
