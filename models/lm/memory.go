package lm

import (
	"slices"
	"sync"
)

// Memory keeps caches of prompts and answers, so that a prompt that begins as an earlier
// one is run from where they part: the turns of a chat, documents under one instruction.
// It is safe for concurrent use. A model that quantises activations over a whole run
// may answer a little differently than without.
type Memory struct {
	limit int
	mu    sync.Mutex
	list  []memory // least recently used first
}

type memory struct {
	m     *Model
	ids   []int64
	cache *cache
}

// NewMemory keeps up to n caches.
func NewMemory(n int) *Memory { return &Memory{limit: n} }

// recall returns a cache that has seen the beginning of a prompt, and how much of it: at
// least one token is left to run. A nil Memory knows nothing.
func (k *Memory) recall(m *Model, prompt []int64) (*cache, int, error) {
	if k == nil {
		return newCache(m.layout, 1), 0, nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	best, at := 0, -1
	for i, e := range k.list {
		n := commonPrefix(e.ids, prompt[:len(prompt)-1])
		if m.layout.recurrent && n < len(e.ids) {
			continue // a state cannot be cut
		}
		if e.m == m && n > best {
			best, at = n, i
		}
	}
	if at < 0 {
		return newCache(m.layout, 1), 0, nil
	}
	e := k.list[at]
	k.list = append(slices.Delete(k.list, at, at+1), e)
	c, err := e.cache.trim(best)
	return c, best, err
}

// keep stores what the cache has seen: the prompt, and the answer but for its last token.
// It replaces what is a beginning of that.
func (k *Memory) keep(m *Model, s *sequence, c *cache) {
	if k == nil || c == nil || c.rows[0] == 0 {
		return
	}
	seen := slices.Concat(s.prompt, s.ids)
	seen = seen[:min(c.rows[0], len(seen))]
	k.mu.Lock()
	defer k.mu.Unlock()
	k.list = slices.DeleteFunc(k.list, func(e memory) bool {
		return e.m == m && len(e.ids) <= len(seen) && commonPrefix(e.ids, seen) == len(e.ids)
	})
	k.list = append(k.list, memory{m, seen, c})
	if over := len(k.list) - k.limit; over > 0 {
		k.list = slices.Delete(k.list, 0, over)
	}
}

// commonPrefix is the number of tokens that both begin with.
func commonPrefix(a, b []int64) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
