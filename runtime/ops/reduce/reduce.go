// Package reduce holds the operators that work along axes: the reductions, the
// index of the extreme, running sums, the k largest, and the normalizations of
// the Softmax kind.
package reduce

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Ops lists the operators of the family.
var Ops = slices.Concat(
	reduceDefs(),
	argDefs(),
	cumulativeDefs(),
	topKDefs(),
	softmaxDefs(),
)

// at is the same definition at each of those versions: ones that differ in the
// element types they allow, or in wording.
func at(def ops.Def, since ...int) []ops.Def {
	defs := make([]ops.Def, len(since))
	for i, v := range since {
		defs[i] = def
		defs[i].Since = v
	}
	return defs
}

// split is the shape seen as [outer, n, inner] around an axis.
func split(shape []int, axis int) (outer, n, inner int) {
	outer, inner = 1, 1
	for _, d := range shape[:axis] {
		outer *= d
	}
	for _, d := range shape[axis+1:] {
		inner *= d
	}
	return outer, shape[axis], inner
}

// kernel is the entry of a list of kernels, one for each element type.
type kernel interface{ dtype() tensor.DType }

// find is the kernel for elements of type d.
func find[K kernel](list []K, d tensor.DType) (K, error) {
	var zero K
	names := make([]string, len(list))
	for i, k := range list {
		if k.dtype() == d {
			return k, nil
		}
		names[i] = k.dtype().String()
	}
	return zero, fmt.Errorf("elements are %v, expected one of %v", d, names)
}

// both is the two views that a kernel of one element type needs.
func both[T, R tensor.Element](dst, src *tensor.Tensor) ([]R, []T, error) {
	out, err := tensor.Data[R](dst)
	if err != nil {
		return nil, nil, err
	}
	in, err := tensor.Data[T](src)
	return out, in, err
}
