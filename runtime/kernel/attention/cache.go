package attention

import "github.com/seed6700ada1/infer/runtime/kernel/pool"

// Cache is the shape of a buffer of keys or values, [Batch, Heads, Rows, Size];
// Size counts what the buffer's elements count, bytes for one of bytes.
type Cache struct {
	Batch, Heads, Rows, Size int
}

// copyWork is the number of elements that threads copy at a time.
const copyWork = 1 << 16

// Fill copies the first rows vectors of each head of v to the cache dst, from
// row first on, as span tells for each batch entry. What does not fit between
// the first row and the last is left out.
func Fill[E any](p *pool.Pool, c Cache, dst []E, v View[E], span func(b int) (first, rows int)) {
	p.For(c.Batch*c.Heads, max(1, copyWork/max(1, c.Rows*c.Size)), func(lo, hi int) {
		for t := lo; t < hi; t++ {
			b, h := t/c.Heads, t%c.Heads
			first, rows := span(b)
			for i := max(0, -first); i < min(rows, c.Rows-first); i++ {
				copy(dst[(t*c.Rows+first+i)*c.Size:][:c.Size], v.at(b, h, i, c.Size))
			}
		}
	})
}
