// Package topk selects the first elements of an order, with their places.
package topk

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// grain is the number of input elements that a thread takes at once.
const grain = 1 << 14

// Select writes, for src of shape [outer, n, inner], the k <= n largest (or
// smallest) elements along the middle to values and their indices to indices,
// both of shape [outer, k, inner], best first. Of equal elements the one with
// the lower index is first; NaN counts as larger than every number.
func Select[T elementwise.Number](p *pool.Pool, values []T, indices []int64, src []T, outer, n, k, inner int, largest bool) {
	if k == 0 {
		return
	}
	lines := outer * inner
	p.For(lines, max(grain/max(n, 1), 1), func(lo, hi int) {
		s := selector[T]{largest: largest, line: make([]T, n), best: make([]int, 0, n)}
		for l := lo; l < hi; l++ {
			o, i := l/inner, l%inner
			for j := range n {
				s.line[j] = src[(o*n+j)*inner+i]
			}
			s.choose(k)
			for j, at := range s.best {
				values[(o*k+j)*inner+i] = s.line[at]
				indices[(o*k+j)*inner+i] = int64(at)
			}
		}
	})
}

// selector finds the best of one line.
type selector[T elementwise.Number] struct {
	largest bool
	line    []T
	best    []int // indices, best first
}

// heapLimit is the k up to which the line is searched with a heap of k elements
// rather than sorted whole.
const heapLimit = 1 << 10

// choose puts the indices of the k best of the line into best.
func (s *selector[T]) choose(k int) {
	s.best = s.best[:0]
	if k > heapLimit || k == len(s.line) {
		for i := range s.line {
			s.best = append(s.best, i)
		}
		slices.SortFunc(s.best, s.compare)
		s.best = s.best[:k]
		return
	}
	for i := range s.line {
		switch {
		case len(s.best) < k:
			s.best = append(s.best, i)
			s.up(len(s.best) - 1)
		case s.compare(i, s.best[0]) < 0:
			s.best[0] = i
			s.down()
		}
	}
	slices.SortFunc(s.best, s.compare)
}

// compare orders indices by their elements, best first.
func (s *selector[T]) compare(i, j int) int {
	a, b := s.line[i], s.line[j]
	if !s.largest {
		a, b = b, a
	}
	switch {
	case a > b || (a != a && b == b):
		return -1
	case a < b || (a == a && b != b):
		return 1
	}
	return i - j
}

// up and down keep best a heap with the worst on top.
func (s *selector[T]) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if s.compare(s.best[i], s.best[parent]) <= 0 {
			return
		}
		s.best[i], s.best[parent] = s.best[parent], s.best[i]
		i = parent
	}
}

func (s *selector[T]) down() {
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(s.best) {
			return
		}
		if r := child + 1; r < len(s.best) && s.compare(s.best[r], s.best[child]) > 0 {
			child = r
		}
		if s.compare(s.best[child], s.best[i]) <= 0 {
			return
		}
		s.best[i], s.best[child] = s.best[child], s.best[i]
		i = child
	}
}
