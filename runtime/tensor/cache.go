package tensor

import (
	"fmt"
	"sync"
)

// Cache is a tensor [batch, heads, rows, size] that grows along its rows: the
// keys or values that a decoder remembers. Append works as that of Go's slices
// does: the old cache stays as it is, and the new one shares its memory where
// there is room behind the last row and nobody has appended there before. So a
// step costs what is new, and a cache can go two ways from one past.
type Cache struct {
	dtype DType
	shape [4]int
	store *store
}

// store is the memory of caches that grew out of each other: for each batch
// entry and head, room rows.
type store struct {
	data []byte
	room int

	mu   sync.Mutex
	used int // rows that a cache has
}

// minRoom is the number of rows for which a cache has room at least.
const minRoom = 64

// NewCache makes a cache without rows.
func NewCache(d DType, batch, heads, size int) (*Cache, error) {
	c := &Cache{dtype: d, shape: [4]int{batch, heads, 0, size}}
	if d.Packed() || d == String || !d.Valid() {
		return nil, fmt.Errorf("tensor: a cache cannot hold %v elements", d)
	}
	var err error
	c.store, err = c.newStore(0)
	return c, err
}

// CacheOf copies a tensor [batch, heads, rows, size].
func CacheOf(t *Tensor) (*Cache, error) {
	if t.Rank() != 4 {
		return nil, fmt.Errorf("tensor: a cache has rank 4, not that of %s", t)
	}
	c, err := NewCache(t.dtype, t.Dim(0), t.Dim(1), t.Dim(3))
	if err != nil {
		return nil, err
	}
	return c.Append(t)
}

func (c *Cache) newStore(rows int) (*store, error) {
	room := max(minRoom, 2*rows)
	n, err := NumElements([]int{c.shape[0], c.shape[1], room, c.shape[3]})
	if err != nil {
		return nil, err
	}
	size, err := ByteSize(c.dtype, n)
	if err != nil {
		return nil, err
	}
	return &store{data: Alloc(size), room: room}, nil
}

// Kind makes *Cache a [Value].
func (*Cache) Kind() Kind { return KindCache }

// DType is the element type.
func (c *Cache) DType() DType { return c.dtype }

// Shape is [batch, heads, rows, size].
func (c *Cache) Shape() []int { return c.shape[:] }

// Rows is the number of rows.
func (c *Cache) Rows() int { return c.shape[2] }

// Room is the number of rows from the beginning of one head's to that of the
// next in [Cache.Bytes].
func (c *Cache) Room() int { return c.store.room }

// Bytes is the memory of all heads, shared with c and its descendants. Only what
// belongs to rows of c may be read.
func (c *Cache) Bytes() []byte { return c.store.data }

// vector is the bytes of one row of a head.
func (c *Cache) vector() int { return c.shape[3] * c.dtype.Bits() / 8 }

// Head is the rows of one head, side by side.
func (c *Cache) Head(batch, head int) []byte {
	n := c.vector()
	at := (batch*c.shape[1] + head) * c.store.room * n
	return c.store.data[at:][:c.Rows()*n]
}

// Append gives a cache with the rows of t, [batch, heads, more rows, size], behind
// those of c.
func (c *Cache) Append(t *Tensor) (*Cache, error) {
	if t.dtype != c.dtype || t.Rank() != 4 || t.Dim(0) != c.shape[0] || t.Dim(1) != c.shape[1] || t.Dim(3) != c.shape[3] {
		return nil, fmt.Errorf("tensor: %s cannot be appended to a cache of %v%s", t, c.dtype, FormatShape(c.Shape()))
	}
	more := t.Dim(2)
	grown := *c
	grown.shape[2] += more
	if !c.store.claim(c.Rows(), more) {
		var err error
		if grown.store, err = c.newStore(grown.Rows()); err != nil {
			return nil, err
		}
		grown.store.used = grown.Rows()
		c.copyTo(&grown)
	}
	n := c.vector()
	for h := range c.shape[0] * c.shape[1] {
		at := (h*grown.store.room + c.Rows()) * n
		copy(grown.store.data[at:][:more*n], t.data[h*more*n:])
	}
	return &grown, nil
}

// claim reserves rows behind the first ones for one cache.
func (s *store) claim(rows, more int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used != rows || rows+more > s.room {
		return false
	}
	s.used += more
	return true
}

// copyTo copies the rows to a cache with memory of its own.
func (c *Cache) copyTo(to *Cache) {
	for b := range c.shape[0] {
		for h := range c.shape[1] {
			copy(to.Head(b, h), c.Head(b, h))
		}
	}
}

// Truncate gives a cache of the first rows.
func (c *Cache) Truncate(rows int) (*Cache, error) {
	if rows < 0 || rows > c.Rows() {
		return nil, fmt.Errorf("tensor: a cache of %d rows cannot be cut to %d", c.Rows(), rows)
	}
	cut := *c
	cut.shape[2] = rows
	return &cut, nil
}

// Tensor copies the cache to a tensor.
func (c *Cache) Tensor() (*Tensor, error) {
	t, err := New(c.dtype, c.shape[:]...)
	if err != nil {
		return nil, err
	}
	n := c.Rows() * c.vector()
	for b := range c.shape[0] {
		for h := range c.shape[1] {
			copy(t.data[(b*c.shape[1]+h)*n:][:n], c.Head(b, h))
		}
	}
	return t, nil
}
