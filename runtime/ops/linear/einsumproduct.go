package linear

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/gemm"
	"github.com/seed6700ada1/infer/runtime/kernel/strided"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// roles are the indices of an equation of two terms that is a batch of matrix
// products: by which of the first term (A), the second (B) and the result an
// index stands in.
type roles struct {
	batch []label // A, B and the result
	rows  []label // A and the result
	cols  []label // B and the result
	inner []label // A and B: summed over
}

// roles finds the roles of the indices; false where the equation is no product:
// an index that is summed over in one term alone, one that is in a term twice or
// broadcasts, or no elements at all.
func (b *binding) roles() (r roles, ok bool) {
	if len(b.terms) != 2 {
		return r, false
	}
	for i, term := range b.terms {
		for k, l := range term {
			d := b.shapes[i][k]
			if slices.Contains(term[:k], l) || d.Value == 0 || d.Value != b.size[l].Value {
				return r, false
			}
		}
	}
	for _, l := range slices.Concat(b.keep, b.sum) {
		inA, inB, kept := slices.Contains(b.terms[0], l), slices.Contains(b.terms[1], l), slices.Contains(b.keep, l)
		switch {
		case inA && inB && kept:
			r.batch = append(r.batch, l)
		case inA && inB:
			r.inner = append(r.inner, l)
		case inA && kept:
			r.rows = append(r.rows, l)
		case inB && kept:
			r.cols = append(r.cols, l)
		default:
			return r, false
		}
	}
	return r, true
}

// multiply computes the equation into y through kernel/gemm, after putting the
// operands in order where they are not.
func (r roles) multiply(c *ops.Call, b *binding, y *tensor.Tensor) error {
	count := func(labels []label) int {
		n := 1
		for _, size := range b.sizes(labels) {
			n *= size
		}
		return n
	}
	m, n, k := count(r.rows), count(r.cols), count(r.inner)
	g := gemm.Args[float32]{M: m, N: n, K: k, Alpha: 1, LDA: k, LDB: n, LDC: n}
	var err error
	if g.A, err = b.ordered(c, 0, slices.Concat(r.batch, r.rows, r.inner)); err != nil {
		return err
	}
	order := slices.Concat(r.batch, r.inner, r.cols)
	if swapped := slices.Concat(r.batch, r.cols, r.inner); b.inOrder(1, swapped) {
		order, g.TransB, g.LDB = swapped, true, k
	}
	if g.B, err = b.ordered(c, 1, order); err != nil {
		return err
	}
	result := slices.Concat(r.batch, r.rows, r.cols)
	to := y
	if !slices.Equal(result, b.keep) {
		if to, err = tensor.New(tensor.Float32, b.sizes(result)...); err != nil {
			return err
		}
	}
	if g.C, err = tensor.Data[float32](to); err != nil {
		return err
	}
	gemm.Batch(c.Pool, g, count(r.batch), func(i int) (int, int, int) { return i * m * k, i * k * n, i * m * n })
	if to == y {
		return nil
	}
	// copy the result to the order that the equation asks for
	sizes := b.sizes(b.keep)
	from := strided.Strides(b.sizes(result))
	steps := make([]int, len(sizes))
	for i, l := range b.keep {
		steps[i] = from[slices.Index(result, l)]
	}
	strided.New(sizes, strided.Strides(sizes), steps, 0, 0).Run(c.Pool, cells.Dest(y), cells.Load(to))
	return nil
}

// inOrder reports whether the dimensions of operand i are those of labels.
func (b *binding) inOrder(i int, labels []label) bool { return slices.Equal(b.terms[i], labels) }

// ordered is the elements of operand i with its dimensions in that order.
func (b *binding) ordered(c *ops.Call, i int, labels []label) ([]float32, error) {
	t := c.Input(i)
	if b.inOrder(i, labels) {
		return tensor.Data[float32](t)
	}
	sizes := b.sizes(labels)
	moved, err := tensor.New(tensor.Float32, sizes...)
	if err != nil {
		return nil, err
	}
	strided.New(sizes, strided.Strides(sizes), b.strides(i, labels), 0, 0).Run(c.Pool, cells.Dest(moved), cells.Load(t))
	return tensor.Data[float32](moved)
}
