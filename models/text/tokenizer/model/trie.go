package model

import "slices"

// trie finds the entries that a text begins with. Its nodes lie level by level, the
// children of one side by side in the order of their bytes.
type trie struct {
	nodes  []trieNode
	labels []byte     // of each node, the byte that leads to it
	root   [256]int32 // children of the root, 0 where there is none
}

type trieNode struct {
	first int32 // of the children
	count int32
	value int32 // of the entry that ends here, or -1
}

// trieEntry is what a trie is built from.
type trieEntry struct {
	key   string
	value int32
}

// newTrie returns the trie of entries; of equal keys the last counts, an empty key not
// at all.
func newTrie(entries []trieEntry) *trie {
	slices.SortStableFunc(entries, func(a, b trieEntry) int {
		switch {
		case a.key < b.key:
			return -1
		case a.key > b.key:
			return 1
		}
		return 0
	})
	t := &trie{nodes: []trieNode{{value: -1}}, labels: []byte{0}}
	type open struct{ node, lo, hi, depth int }
	for queue := []open{{0, 0, len(entries), 0}}; len(queue) > 0; queue = queue[1:] {
		o := queue[0]
		for o.lo < o.hi && len(entries[o.lo].key) == o.depth {
			if o.depth > 0 {
				t.nodes[o.node].value = entries[o.lo].value
			}
			o.lo++
		}
		t.nodes[o.node].first = int32(len(t.nodes))
		for o.lo < o.hi {
			label, end := entries[o.lo].key[o.depth], o.lo+1
			for end < o.hi && entries[end].key[o.depth] == label {
				end++
			}
			queue = append(queue, open{len(t.nodes), o.lo, end, o.depth + 1})
			t.nodes = append(t.nodes, trieNode{value: -1})
			t.labels = append(t.labels, label)
			t.nodes[o.node].count++
			o.lo = end
		}
	}
	for i := range t.nodes[0].count {
		child := t.nodes[0].first + i
		t.root[t.labels[child]] = child
	}
	return t
}

// child returns the child of node for the byte c, or 0.
func (t *trie) child(node int32, c byte) int32 {
	if node == 0 {
		return t.root[c]
	}
	n := &t.nodes[node]
	for i := n.first; i < n.first+n.count; i++ {
		if t.labels[i] == c {
			return i
		}
		if t.labels[i] > c {
			return 0
		}
	}
	return 0
}

// longest returns the length and value of the longest entry that text begins with; n is
// 0 where there is none.
func (t *trie) longest(text []byte) (n int, value int32) {
	node := int32(0)
	for i, c := range text {
		if node = t.child(node, c); node == 0 {
			break
		}
		if v := t.nodes[node].value; v >= 0 {
			n, value = i+1, v
		}
	}
	return n, value
}
