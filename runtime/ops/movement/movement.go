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
	strided.CopyRows(c.Pool, to, cells.Load(src), strided.Rows{}, strided.Rows{}, 1, src.Len())
	to.Flush()
}

// copying keeps the plan of a strided copy from one run of a node to the next,
// for as long as what it was made for stays the same.
type copying struct {
	made  bool
	key   []int
	parts [maxParts]int // lengths of the key's parts
	shape []int         // of the output
	plan  *strided.Plan
}

// maxParts is the number of lists that a plan may depend on.
const maxParts = 5

func newCopying() any { return new(copying) }

// lastCopying is that of the node's last run.
func lastCopying(c *ops.Call) *copying { return c.State(newCopying).(*copying) }

// fits reports whether the plan was made for the same key, a few lists; where it
// was not, it takes the key for the plan that the caller then makes.
func (k *copying) fits(key ...[]int) bool {
	n, same := 0, k.made
	for i, part := range key {
		same = same && len(part) == k.parts[i] && slices.Equal(k.key[n:n+len(part)], part)
		n += len(part)
	}
	if same {
		return true
	}
	k.made, k.key = true, k.key[:0]
	for i, part := range key {
		k.key, k.parts[i] = append(k.key, part...), len(part)
	}
	return false
}

// run makes output 0 by the plan.
func (k *copying) run(c *ops.Call, in *tensor.Tensor) error {
	out, err := c.Output(0, in.DType(), k.shape...)
	if err != nil {
		return err
	}
	dst := cells.Dest(out)
	k.plan.Run(c.Pool, dst, cells.Load(in))
	dst.Flush()
	return nil
}

// places lends a list of n ints that is kept from one run of the node to the
// next.
func places(c *ops.Call, n int) []int {
	buf := c.State(newPlaces).(*[]int)
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

func newPlaces() any { return new([]int) }

func indexTypeError(t *tensor.Tensor) error {
	return fmt.Errorf("indices are %v, expected int64 or int32", t.DType())
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
