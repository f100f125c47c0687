// Package unique finds the different ones among rows of equal length.
package unique

import (
	"cmp"
	"slices"
)

// Result describes the different rows, in the order asked for.
type Result struct {
	First   []int // of each different row, where it stands first
	Inverse []int // of each row, the number of the different row that it equals
	Counts  []int // of each different row, how many rows equal it
}

// Rows compares the rows of keys, n of them, of len(keys)/n elements each, and
// lists the different ones by rising value, element by element, or in the order
// in which they come first. NaN counts as larger than all else and equal to
// itself.
func Rows[T cmp.Ordered](keys []T, n int, sorted bool) Result {
	width := 0
	if n > 0 {
		width = len(keys) / n
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	compare := func(i, j int) int {
		a, b := keys[i*width:(i+1)*width], keys[j*width:(j+1)*width]
		for k, v := range a {
			if c := compareElements(v, b[k]); c != 0 {
				return c
			}
		}
		return 0
	}
	slices.SortStableFunc(order, compare)
	var r Result
	r.Inverse = make([]int, n)
	for at, i := range order {
		if at == 0 || compare(order[at-1], i) != 0 {
			r.First = append(r.First, i)
			r.Counts = append(r.Counts, 0)
		}
		last := len(r.First) - 1
		r.Inverse[i] = last
		r.Counts[last]++
	}
	if !sorted {
		r.inOrder()
	}
	return r
}

// compareElements is cmp.Compare but for NaN, which it puts last.
func compareElements[T cmp.Ordered](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	}
	return -cmp.Compare(a, b)
}

// inOrder brings the different rows into the order in which they come first.
func (r *Result) inOrder() {
	rank := make([]int, len(r.First))
	for i := range rank {
		rank[i] = i
	}
	slices.SortFunc(rank, func(i, j int) int { return cmp.Compare(r.First[i], r.First[j]) })
	first, counts, number := make([]int, len(rank)), make([]int, len(rank)), make([]int, len(rank))
	for at, i := range rank {
		first[at], counts[at], number[i] = r.First[i], r.Counts[i], at
	}
	for i, v := range r.Inverse {
		r.Inverse[i] = number[v]
	}
	r.First, r.Counts = first, counts
}
