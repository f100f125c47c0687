package reduce

import "github.com/seed6700ada1/infer/runtime/kernel/pool"

const (
	// grain is the number of input elements that a thread takes at once.
	grain = 1 << 15
	// block is the number of neighbouring outputs that are folded together.
	block = 256
)

// Fold is a reduction of elements T to elements R by way of an accumulator A.
type Fold[T, A, R any] struct {
	Init  A                        // of no elements
	Row   func(acc A, x []T) A     // folds neighbours into one accumulator
	Col   func(acc []A, x []T)     // folds each element into its own
	Final func(acc A, count int) R // the result of count elements
}

// Step makes a [Fold] of a function that folds one element. It calls step for
// each: for types and operations whose speed does not matter.
func Step[T, A, R any](init A, step func(acc A, v T) A, final func(acc A, count int) R) Fold[T, A, R] {
	return Fold[T, A, R]{
		Init: init, Final: final,
		Row: func(acc A, x []T) A {
			for _, v := range x {
				acc = step(acc, v)
			}
			return acc
		},
		Col: func(acc []A, x []T) {
			for i, v := range x {
				acc[i] = step(acc[i], v)
			}
		},
	}
}

// Run computes dst, plan.Len() elements.
func (f Fold[T, A, R]) Run(p *pool.Pool, plan *Plan, dst []R, src []T) {
	switch {
	case plan.n == 0:
		return
	case plan.count == 0:
		for i := range dst {
			dst[i] = f.Final(f.Init, 0)
		}
		return
	}
	span := f.cols
	outputs := max(grain/plan.count, block)
	if plan.byRows() {
		span, outputs = f.rows, max(grain/plan.count, 1)
	}
	p.For(plan.n, outputs, func(lo, hi int) { span(plan, dst, src, lo, hi) })
}

// rows computes outputs lo to hi where the innermost dimension is reduced.
func (f Fold[T, A, R]) rows(p *Plan, dst []R, src []T, lo, hi int) {
	length := p.folded[0].size
	o := odometer{dims: p.folded[1:]}
	for i := lo; i < hi; i++ {
		base, acc := p.offset(i), f.Init
		for more := true; more; more = o.next() {
			at := base + o.off
			acc = f.Row(acc, src[at:at+length])
		}
		dst[i] = f.Final(acc, p.count)
	}
}

// cols computes outputs lo to hi where the innermost dimension is kept.
func (f Fold[T, A, R]) cols(p *Plan, dst []R, src []T, lo, hi int) {
	length := 1
	if len(p.kept) > 0 {
		length = p.kept[0].size
	}
	acc := make([]A, min(block, length))
	o := odometer{dims: p.folded}
	for lo < hi {
		n := min(length-lo%length, hi-lo, block)
		base, part := p.offset(lo), acc[:n]
		for i := range part {
			part[i] = f.Init
		}
		for more := true; more; more = o.next() {
			at := base + o.off
			f.Col(part, src[at:at+n])
		}
		for i, a := range part {
			dst[lo+i] = f.Final(a, p.count)
		}
		lo += n
	}
}
