package lm

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// cache is what a model remembers of the tokens that it was run on, for a batch of rows.
// Its tensors are outputs of the last run and inputs of the next; they are never changed,
// so that a copy of the cache can go another way from the same past.
//
// Everything that handles past and present is in this file: a session that owned its
// state would take its place.
type cache struct {
	layout *layout
	past   map[string]tensor.Value // by the input's name; nil before the first run
	width  int                     // columns of the past
	rows   []int                   // how many of them count, of each row
	// history holds the tokens of each row where the model has no cache and reads them
	// all again.
	history [][]int64
}

// newCache remembers nothing of a batch of n rows.
func newCache(l *layout, n int) *cache {
	c := &cache{layout: l, rows: make([]int, n)}
	if len(l.pairs) == 0 {
		c.history = make([][]int64, n)
	}
	return c
}

// fork returns a cache that begins where this one is.
func (c *cache) fork() *cache {
	f := *c
	f.rows = slices.Clone(c.rows)
	f.history = slices.Clone(c.history)
	for i, h := range f.history {
		f.history[i] = slices.Clip(h)
	}
	return &f
}

// feed adds the past to the inputs of a run.
func (c *cache) feed(inputs map[string]tensor.Value) error {
	l := c.layout
	if l.branch {
		inputs[inputBranch] = tensor.Vector(true)
	}
	for i := range l.pairs {
		p := &l.pairs[i]
		if v := c.past[p.past]; v != nil {
			inputs[p.past] = v
			continue
		}
		empty, err := tensor.New(p.dtype, len(c.rows), p.heads, p.state, p.size)
		if err != nil {
			return fmt.Errorf("lm: input %q: %w", p.past, err)
		}
		inputs[p.past] = empty
	}
	return nil
}

// take keeps the present of a run on columns new columns, of which grown[i] count in row i.
func (c *cache) take(outputs map[string]tensor.Value, columns int, grown []int) error {
	past := make(map[string]tensor.Value, len(c.layout.pairs))
	for i := range c.layout.pairs {
		p := &c.layout.pairs[i]
		t, ok := outputs[p.present].(remembered)
		if !ok || len(t.Shape()) != 4 || t.Shape()[0] != len(c.rows) || t.Shape()[2] != p.columns(c.width+columns) {
			return fmt.Errorf("lm: output %q is %v, expected a cache of %d rows and %d columns", p.present, outputs[p.present], len(c.rows), c.width+columns)
		}
		past[p.past] = t
	}
	c.past = past
	c.width += columns
	for i, n := range grown {
		c.rows[i] += n
	}
	return nil
}

// remembered is a tensor of a cache [batch, heads, columns, size]: a *tensor.Tensor, or a
// *tensor.Cache where the session carries it.
type remembered interface {
	tensor.Value
	DType() tensor.DType
	Shape() []int
}

// headOf is the columns of one head of one row, as bytes.
func headOf(v remembered, row, head int) []byte {
	if c, ok := v.(*tensor.Cache); ok {
		return c.Head(row, head)
	}
	t, ok := v.(*tensor.Tensor)
	if !ok {
		return nil
	}
	n := t.Dim(2) * t.Dim(3) * t.DType().Bits() / 8
	return t.Bytes()[(row*t.Dim(1)+head)*n:][:n]
}

// trim forgets all but the first n tokens of the single row. The tensors are copied, once.
func (c *cache) trim(n int) (*cache, error) {
	if len(c.rows) != 1 || n > c.rows[0] {
		return nil, fmt.Errorf("lm: cannot cut a cache of %v tokens to %d", c.rows, n)
	}
	if n == c.rows[0] {
		return c.fork(), nil
	}
	if c.history != nil {
		f := c.fork()
		f.history[0], f.rows[0] = f.history[0][:n:n], n
		return f, nil
	}
	if c.layout.recurrent {
		return nil, fmt.Errorf("lm: cannot cut the state of a recurrent model after %d tokens to %d", c.rows[0], n)
	}
	return joinCaches(c.layout, []part{{c, 0, n}})
}

// part is a row of a cache, or its first tokens.
type part struct {
	cache  *cache
	row    int
	tokens int
}

// joinCaches copies rows of several caches into one. It is what a batch costs whose rows
// change; a step of it costs no copy.
func joinCaches(l *layout, parts []part) (*cache, error) {
	joined := newCache(l, len(parts))
	for i, p := range parts {
		joined.rows[i] = p.tokens
		joined.width = max(joined.width, p.tokens)
		if joined.history != nil {
			joined.history[i] = slices.Clone(p.cache.history[p.row][:p.tokens])
		}
	}
	if joined.history != nil {
		joined.width = 0
		return joined, nil
	}
	joined.past = make(map[string]tensor.Value, len(l.pairs))
	for i := range l.pairs {
		t, err := joined.gather(&l.pairs[i], parts)
		if err != nil {
			return nil, err
		}
		joined.past[l.pairs[i].past] = t
	}
	return joined, nil
}

// gather copies one tensor of a cache, [batch, heads, length, size], row by row.
func (c *cache) gather(p *pair, parts []part) (*tensor.Tensor, error) {
	columns := p.columns(c.width)
	dst, err := tensor.New(p.dtype, len(parts), p.heads, columns, p.size)
	if err != nil {
		return nil, fmt.Errorf("lm: cache %q: %w", p.past, err)
	}
	to := dst.Bytes()
	vector := p.size * p.dtype.Bits() / 8
	for i, from := range parts {
		t, ok := from.cache.past[p.past].(remembered)
		if !ok {
			continue // a row without a past
		}
		if t.DType() != p.dtype || t.Shape()[1] != p.heads || t.Shape()[3] != p.size {
			return nil, fmt.Errorf("lm: cache %q is %v%s, expected %d heads of %d", p.past, t.DType(), tensor.FormatShape(t.Shape()), p.heads, p.size)
		}
		n, at, start := from.tokens*vector, c.start(i), from.cache.start(from.row)
		if p.state > 0 {
			n = p.state * vector // and at and start are 0: see newLayout
		}
		for h := range p.heads {
			d := ((i*p.heads+h)*columns + at) * vector
			copy(to[d:d+n], headOf(t, from.row, h)[start*vector:])
		}
	}
	return dst, nil
}

// start is the column at which a row begins.
func (c *cache) start(row int) int {
	if c.layout.right {
		return 0
	}
	return c.width - c.rows[row]
}
