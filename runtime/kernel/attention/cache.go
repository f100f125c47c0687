package attention

import "github.com/seed6700ada1/infer/runtime/kernel/pool"

// Cache is the shape of a buffer of keys or values, [Batch, Heads, Rows, Size];
// Size counts what the buffer's elements count, bytes for one of bytes.
type Cache struct {
	Batch, Heads, Rows, Size int
}

// copyWork is the number of elements that threads copy at a time.
const copyWork = 1 << 16

// Fill copies the first rows vectors of each head of v to dst, from row at(b) on
// for batch entry b. What does not fit between the first row and the last is
// left out.
func (c Cache) Fill(p *pool.Pool, dst []byte, v View[byte], rows int, at func(b int) int) {
	p.For(c.Batch*c.Heads, max(1, copyWork/max(1, rows*c.Size)), func(lo, hi int) {
		for t := lo; t < hi; t++ {
			b, h := t/c.Heads, t%c.Heads
			first := at(b)
			for i := max(0, -first); i < min(rows, c.Rows-first); i++ {
				copy(dst[(t*c.Rows+first+i)*c.Size:][:c.Size], v.at(b, h, i, c.Size))
			}
		}
	})
}
