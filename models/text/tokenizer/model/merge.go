package model

import "slices"

// merged is what a pair becomes, and how early that was learned.
type merged struct{ rank, id int32 }

// pairs maps pairs of token ids to what they become: a hash table with open addressing.
type pairs struct {
	keys   []uint64 // 0 where free, otherwise the pair plus 1
	values []merged
	shift  uint
}

// newPairs returns a table with room for n pairs.
func newPairs(n int) pairs {
	bits := uint(4)
	for 1<<bits < 2*n {
		bits++
	}
	return pairs{keys: make([]uint64, 1<<bits), values: make([]merged, 1<<bits), shift: 64 - bits}
}

// slot returns where the key is, or could be.
func (p *pairs) slot(key uint64) uint64 {
	mask := uint64(len(p.keys) - 1)
	i := key * 0x9e3779b97f4a7c15 >> p.shift
	for p.keys[i] != 0 && p.keys[i] != key {
		i = (i + 1) & mask
	}
	return i
}

func pairKey(a, b int32) uint64 { return uint64(uint32(a))<<32 | uint64(uint32(b)) + 1 }

func (p *pairs) set(a, b int32, m merged) {
	i := p.slot(pairKey(a, b))
	p.keys[i], p.values[i] = pairKey(a, b), m
}

// get returns what a and b become; its rank is noRank where they are not a pair.
func (p *pairs) get(a, b int32) merged {
	i := p.slot(pairKey(a, b))
	if p.keys[i] == 0 {
		return merged{rank: noRank}
	}
	return p.values[i]
}

// noRank is the rank of pairs that do not merge, behind all others.
const noRank = 1<<31 - 1

// symbol is a part of a word that is being merged.
type symbol struct {
	id         int32
	size       int32 // in bytes of the word; 0 once it was merged into the one before
	prev, next int32 // neighbours, or -1
}

// wordBuffer holds a word while its symbols are merged.
type wordBuffer struct {
	symbols []symbol
	ranks   []merged // of each symbol with the next, for short words
	heap    []uint64 // rank<<32 | position, smallest first, for long ones
}

// shortWord is the most symbols for which looking through all pairs is faster than
// keeping a heap of them.
const shortWord = 48

// add appends a symbol.
func (w *wordBuffer) add(id, size int32) {
	n := int32(len(w.symbols))
	w.symbols = append(w.symbols, symbol{id: id, size: size, prev: n - 1, next: n + 1})
}

// merge merges the symbols until no pair is left: first the pair of the lowest rank, of
// several the leftmost.
func (w *wordBuffer) merge(p *pairs) {
	if len(w.symbols) < 2 {
		return
	}
	if len(w.symbols) <= shortWord {
		w.mergeShort(p)
		return
	}
	w.mergeLong(p)
}

// mergeShort keeps the symbols packed, and the rank of each pair.
func (w *wordBuffer) mergeShort(p *pairs) {
	s := w.symbols
	ranks := w.ranks[:0]
	for i := range len(s) - 1 {
		ranks = append(ranks, p.get(s[i].id, s[i+1].id))
	}
	for len(ranks) > 0 {
		best := 0
		for i := range ranks {
			if ranks[i].rank < ranks[best].rank {
				best = i
			}
		}
		if ranks[best].rank == noRank {
			break
		}
		s[best].id = ranks[best].id
		s[best].size += s[best+1].size
		s = slices.Delete(s, best+1, best+2)
		ranks = slices.Delete(ranks, best, best+1)
		if best > 0 {
			ranks[best-1] = p.get(s[best-1].id, s[best].id)
		}
		if best < len(ranks) {
			ranks[best] = p.get(s[best].id, s[best+1].id)
		}
	}
	w.symbols, w.ranks = s, ranks
}

// mergeLong keeps the symbols in a list and the pairs in a heap: each merge costs a
// logarithm, whatever the length of the word. Pairs that were overtaken stay in the
// heap and are dropped when they come up.
func (w *wordBuffer) mergeLong(p *pairs) {
	s := w.symbols
	s[len(s)-1].next = -1
	w.heap = w.heap[:0]
	for i := range len(s) - 1 {
		if m := p.get(s[i].id, s[i+1].id); m.rank != noRank {
			w.heap = append(w.heap, uint64(m.rank)<<32|uint64(i))
		}
	}
	for i := len(w.heap)/2 - 1; i >= 0; i-- {
		w.down(i)
	}
	for len(w.heap) > 0 {
		top := w.pop()
		i := int32(top & 0xffffffff)
		if s[i].size == 0 || s[i].next < 0 {
			continue
		}
		j := s[i].next
		m := p.get(s[i].id, s[j].id)
		if uint64(m.rank) != top>>32 {
			continue
		}
		s[i].id, s[i].next = m.id, s[j].next
		s[i].size += s[j].size
		s[j].size = 0
		if next := s[i].next; next >= 0 {
			s[next].prev = i
			w.offer(p, i, next)
		}
		if prev := s[i].prev; prev >= 0 {
			w.offer(p, prev, i)
		}
	}
}

// offer adds the pair of symbols i and j to the heap, if it merges.
func (w *wordBuffer) offer(p *pairs, i, j int32) {
	m := p.get(w.symbols[i].id, w.symbols[j].id)
	if m.rank == noRank {
		return
	}
	w.heap = append(w.heap, uint64(m.rank)<<32|uint64(i))
	h, k := w.heap, len(w.heap)-1
	for k > 0 && h[(k-1)/2] > h[k] {
		h[(k-1)/2], h[k] = h[k], h[(k-1)/2]
		k = (k - 1) / 2
	}
}

// pop takes the smallest element off the heap.
func (w *wordBuffer) pop() uint64 {
	top, last := w.heap[0], len(w.heap)-1
	w.heap[0] = w.heap[last]
	w.heap = w.heap[:last]
	w.down(0)
	return top
}

// down restores the heap below i.
func (w *wordBuffer) down(i int) {
	h := w.heap
	for {
		child := 2*i + 1
		if child >= len(h) {
			return
		}
		if child+1 < len(h) && h[child+1] < h[child] {
			child++
		}
		if h[i] <= h[child] {
			return
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
}
