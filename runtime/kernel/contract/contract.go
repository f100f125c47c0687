// Package contract sums products over indices: the arithmetic of Einstein's
// summation convention.
//
// A contraction has indices that the result keeps and indices that are summed
// over; each operand is a buffer with a stride for every index, 0 where the
// operand does not depend on it.
package contract

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// Number lists the element types. Integers wrap around.
type Number interface {
	float32 | float64 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

// Operand is a factor.
type Operand[T Number] struct {
	Data []T
	Keep []int // stride of each index that the result keeps
	Sum  []int // stride of each index that is summed over
}

// chunkWork is the number of products that threads take at a time.
const chunkWork = 1 << 15

// Sum fills out, row-major over the sizes keep, with the sums over all indices
// below the sizes sum of the products of the operands' elements.
func Sum[T Number](p *pool.Pool, out []T, keep, sum []int, operands []Operand[T]) {
	inner := 1
	for _, s := range sum {
		inner *= s
	}
	p.For(len(out), max(1, chunkWork/max(1, inner*len(operands))), func(lo, hi int) {
		c := cursor[T]{operands: operands, at: make([]int, len(operands)), index: make([]int, len(sum)), sum: sum}
		for i := lo; i < hi; i++ {
			c.seek(i, keep)
			out[i] = c.total(inner)
		}
	})
}

// cursor walks the operands of one element of the result.
type cursor[T Number] struct {
	operands []Operand[T]
	at       []int // where each operand stands
	sum      []int
	index    []int // of the summed indices
}

// seek goes to the first term of element i.
func (c *cursor[T]) seek(i int, keep []int) {
	clear(c.at)
	for d, size := range slices.Backward(keep) {
		k := i % size
		i /= size
		for o := range c.operands {
			c.at[o] += k * c.operands[o].Keep[d]
		}
	}
}

// total adds up the terms, count of them, the last index running fastest.
func (c *cursor[T]) total(count int) T {
	var s T
	if count == 0 {
		return s
	}
	if len(c.sum) == 0 {
		return c.run(1, 0)
	}
	last := len(c.sum) - 1
	for done := 0; done < count; done += c.sum[last] {
		s += c.run(c.sum[last], last)
		c.next(last - 1)
	}
	return s
}

// next moves on to the next value of the indices up to d.
func (c *cursor[T]) next(d int) {
	for ; d >= 0; d-- {
		c.index[d]++
		back := 0
		if c.index[d] == c.sum[d] {
			c.index[d], back = 0, c.sum[d]
		}
		for o := range c.operands {
			c.at[o] += (1 - back) * c.operands[o].Sum[d]
		}
		if back == 0 {
			return
		}
	}
}

// run adds up n terms along summed index d.
func (c *cursor[T]) run(n, d int) T {
	var s T
	switch len(c.operands) {
	case 1:
		x, step := c.operands[0].Data[c.at[0]:], c.step(0, d)
		for i := range n {
			s += x[i*step]
		}
	case 2:
		x, stepX := c.operands[0].Data[c.at[0]:], c.step(0, d)
		y, stepY := c.operands[1].Data[c.at[1]:], c.step(1, d)
		for i := range n {
			s += x[i*stepX] * y[i*stepY]
		}
	default:
		for i := range n {
			term := T(1)
			for o := range c.operands {
				term *= c.operands[o].Data[c.at[o]+i*c.step(o, d)]
			}
			s += term
		}
	}
	return s
}

func (c *cursor[T]) step(o, d int) int {
	if len(c.sum) == 0 {
		return 0
	}
	return c.operands[o].Sum[d]
}
