package lm

import (
	"context"
	"slices"
)

// group is answers that are written together: a run of the model adds a token to each.
type group struct {
	m     *Model
	rows  []*row
	cache *cache // of the rows, in their order; nil where there are none
}

// row is an answer of a group.
type row struct {
	seq  *sequence
	last int64
	// take is given each token, or the error that ends this answer alone. It says
	// whether more is wanted.
	take func(Token, error) bool
	over bool
}

// next chooses the row's next token.
func (r *row) next(scores []float32) {
	t, err := r.seq.next(scores)
	more := r.take(t, err)
	r.last = t.ID
	r.over = !more || err != nil || r.seq.finish != FinishNone
}

// fail ends all answers with an error.
func (g *group) fail(err error) {
	for _, r := range g.rows {
		r.take(Token{}, err)
	}
	g.rows, g.cache = nil, nil
}

// add runs the prompts of new rows and joins those to the group that go on.
func (g *group) add(ctx context.Context, rows ...*row) error {
	parts := g.parts()
	for _, set := range g.m.together(rows) {
		more, err := g.begin(ctx, set)
		if err != nil {
			return err
		}
		parts = append(parts, more...)
	}
	return g.join(parts)
}

// parts lists the rows of the group's cache.
func (g *group) parts() []part {
	var parts []part
	for i := range g.rows {
		parts = append(parts, part{g.cache, i, g.cache.rows[i]})
	}
	return parts
}

// begin runs the prompts of rows as one. It adds those that go on to the group, and
// returns the parts of the cache that are to be joined for them.
func (g *group) begin(ctx context.Context, rows []*row) ([]part, error) {
	c := newCache(g.m.layout, len(rows))
	tokens := make([][]int64, len(rows))
	for i, r := range rows {
		tokens[i] = r.seq.prompt
	}
	l, err := g.m.run(ctx, tokens, c)
	if err != nil {
		return nil, err
	}
	var parts []part
	for i, r := range rows {
		if r.next(l.lastOf(i)); !r.over {
			g.rows = append(g.rows, r)
			parts = append(parts, part{c, i, c.rows[i]})
		}
	}
	return parts, nil
}

// together groups rows whose prompts can be run as one: all, padded on the left, unless
// the rows of the model's cache begin at its first column, or a row would change with
// its neighbours.
func (m *Model) together(rows []*row) [][]*row {
	if len(rows) == 0 {
		return nil
	}
	if !m.alone && (len(m.layout.pairs) == 0 || !m.layout.right) {
		return [][]*row{rows}
	}
	sets := make([][]*row, len(rows))
	for i, r := range rows {
		sets[i] = []*row{r}
	}
	return sets
}

// join makes one cache of the rows.
func (g *group) join(parts []part) (err error) {
	switch {
	case len(parts) == 0:
		g.cache = nil
	case len(parts) == 1 && len(parts[0].cache.rows) == 1:
		g.cache = parts[0].cache
	default:
		g.cache, err = joinCaches(g.m.layout, parts)
	}
	return err
}

// step adds a token to each row, and drops the rows that are over.
func (g *group) step(ctx context.Context) error {
	if len(g.rows) == 0 {
		return nil
	}
	if g.m.alone {
		return g.stepAlone(ctx)
	}
	tokens := make([][]int64, len(g.rows))
	for i, r := range g.rows {
		tokens[i] = []int64{r.last}
	}
	l, err := g.m.run(ctx, tokens, g.cache)
	if err != nil {
		return err
	}
	var parts []part
	for i, r := range g.rows {
		if r.next(l.lastOf(i)); !r.over {
			parts = append(parts, part{g.cache, i, g.cache.rows[i]})
		}
	}
	if len(parts) == len(g.rows) {
		return nil
	}
	g.rows = slices.DeleteFunc(g.rows, func(r *row) bool { return r.over })
	return g.join(parts)
}

// stepAlone is step for a model whose rows would change with their neighbours: each row
// is a run of its own.
func (g *group) stepAlone(ctx context.Context) error {
	var parts []part
	for i, r := range g.rows {
		c, err := joinCaches(g.m.layout, []part{{g.cache, i, g.cache.rows[i]}})
		if err != nil {
			return err
		}
		l, err := g.m.run(ctx, [][]int64{{r.last}}, c)
		if err != nil {
			return err
		}
		if r.next(l.lastOf(0)); !r.over {
			parts = append(parts, part{c, 0, c.rows[0]})
		}
	}
	g.rows = slices.DeleteFunc(g.rows, func(r *row) bool { return r.over })
	return g.join(parts)
}

// GenerateBatch writes the answers to several prompts together, padded on the left. An
// answer is what [Model.Generate] writes, but for the rounding of additions in another
// order.
func (m *Model) GenerateBatch(ctx context.Context, prompts []string, o Options) ([]*Result, error) {
	results := make([]*Result, len(prompts))
	g := &group{m: m}
	rows := make([]*row, len(prompts))
	var failed error
	for i, prompt := range prompts {
		ids, err := m.encodePrompt(prompt, &o)
		if err != nil {
			return nil, err
		}
		s, err := m.newSequence(ids, &o)
		if err != nil {
			return nil, err
		}
		r := &Result{Prompt: len(s.prompt)}
		results[i] = r
		rows[i] = &row{seq: s, take: func(t Token, err error) bool {
			if err != nil {
				failed = err
				return false
			}
			r.add(t, s.ends(t.ID))
			return true
		}}
	}
	if err := g.add(ctx, rows...); err != nil {
		return nil, err
	}
	for len(g.rows) > 0 && failed == nil {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := g.step(ctx); err != nil {
			return nil, err
		}
	}
	return results, failed
}
