// Package ngram counts in sequences the n-grams of a pool.
package ngram

import "fmt"

// Pool is a set of n-grams of several lengths, as a tree: each node is what
// comes so far, its children the items that may come next.
type Pool[T comparable] struct {
	root node[T]
	n    int
}

type node[T comparable] struct {
	id   int // number of the n-gram that ends here, or -1
	next map[T]*node[T]
}

// NewPool makes a pool of items, in which the 1-grams stand first, then the
// 2-grams, and so on: those of length k+1 start at starts[k]. The n-grams are
// numbered in this order.
func NewPool[T comparable](items []T, starts []int) (*Pool[T], error) {
	p := &Pool[T]{root: node[T]{id: -1}}
	for k, lo := range starts {
		hi, size := len(items), k+1
		if k+1 < len(starts) {
			hi = starts[k+1]
		}
		if lo < 0 || lo > hi || hi > len(items) || (hi-lo)%size != 0 {
			return nil, fmt.Errorf("%d-grams at %d to %d of a pool of %d items", size, lo, hi, len(items))
		}
		for ; lo < hi; lo += size {
			p.add(items[lo : lo+size])
		}
	}
	return p, nil
}

func (p *Pool[T]) add(gram []T) {
	at := &p.root
	for _, v := range gram {
		if at.next == nil {
			at.next = map[T]*node[T]{}
		}
		if at.next[v] == nil {
			at.next[v] = &node[T]{id: -1}
		}
		at = at.next[v]
	}
	at.id = p.n
	p.n++
}

// Len is the number of n-grams.
func (p *Pool[T]) Len() int { return p.n }

// Count adds to counts, by number, how often each n-gram of lo to hi items
// stands in seq, with 0 to skips items left out between any two of its own. A
// 1-gram is counted once, whatever the skips.
func (p *Pool[T]) Count(counts []int, seq []T, lo, hi, skips int) {
	for step := 1; step <= skips+1 && step <= max(len(seq), 1); step++ {
		for start := range seq {
			at := &p.root
			size := 0
			for i := start; i < len(seq) && size < hi; i += step {
				if at = at.next[seq[i]]; at == nil {
					break
				}
				size++
				if size >= lo && at.id >= 0 && (size > 1 || step == 1) {
					counts[at.id]++
				}
			}
		}
	}
}
