package plan

import (
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// assign gives values their memory: see the package's documentation. It walks
// the steps once backwards, to find where each buffer dies, and once forwards,
// handing out slots.
func assign(c *compiler) {
	a := &assigner{c: c, p: c.program}
	a.root = make([]int, len(a.p.values))
	a.last = make([]int, len(a.p.values))
	a.pinned = make([]bool, len(a.p.values))
	a.born = make([]int, len(a.p.values))
	for v := range a.root {
		a.root[v], a.last[v], a.born[v] = v, -1, -1
	}
	a.findRoots()
	a.findLast()
	a.pin()
	a.slots()
	a.drops()
	for v := range a.p.values {
		a.p.values[v].escapes = a.pinned[a.root[v]]
	}
}

// assigner works out lifetimes. A value's root is the value whose buffer it
// shares: itself, or the input of the view that made it.
type assigner struct {
	c      *compiler
	p      *Program
	root   []int
	last   []int  // last step that uses a root's buffer
	born   []int  // step that makes a value, or -1
	pinned []bool // root whose buffer must be the heap's
}

func (a *assigner) findRoots() {
	for i := range a.p.steps {
		s := &a.p.steps[i]
		for _, v := range s.out {
			if v != absent {
				a.born[v] = i
			}
		}
		if s.def.View && len(s.in) > 0 && s.in[0] != absent && len(s.out) > 0 && s.out[0] != absent {
			a.root[s.out[0]] = a.root[s.in[0]]
		}
	}
}

func (a *assigner) findLast() {
	for i := range a.p.steps {
		a.eachUse(&a.p.steps[i], func(v int) { a.last[a.root[v]] = i })
	}
	for i := range a.p.outputs {
		o := &a.p.outputs[i]
		r := a.root[o.value]
		a.last[r] = len(a.p.steps)
		o.clone = a.born[r] < 0
	}
}

// eachUse calls f for each value that a step reads, captures included.
func (a *assigner) eachUse(s *step, f func(v int)) {
	for _, v := range s.in {
		if v != absent {
			f(v)
		}
	}
	for _, sub := range s.subs {
		for _, cp := range sub.program.captures {
			f(cp.outer)
		}
	}
}

// pin finds the buffers that may outlive their last use: outputs of the graph,
// and what goes into a node that may keep it, such as a sequence being built or
// a loop.
func (a *assigner) pin() {
	for _, o := range a.p.outputs {
		a.pinned[a.root[o.value]] = true
	}
	for i := range a.p.steps {
		s := &a.p.steps[i]
		if !a.keeps(s) {
			continue
		}
		a.eachUse(s, func(v int) { a.pinned[a.root[v]] = true })
		for _, v := range s.out {
			if v != absent {
				a.pinned[a.root[v]] = true
			}
		}
	}
}

// keeps reports whether a step may hold on to its inputs or hand out values
// that are not its own: it has subgraphs, or an output that is no tensor.
func (a *assigner) keeps(s *step) bool {
	if len(s.subs) > 0 {
		return true
	}
	for _, v := range s.out {
		if v == absent {
			continue
		}
		if t := a.c.scope.Get(a.p.values[v].name).Type; t == nil || t.Kind != onnx.TypeTensor {
			return true
		}
	}
	return false
}

// size is what is known of a buffer's size: bytes, or an expression that is
// equal where sizes are.
type size struct {
	bytes int // 0 where not known
	expr  string
}

func (a *assigner) sizeOf(v int) size {
	t := a.c.scope.Get(a.p.values[v].name).Type
	if t == nil || t.Kind != onnx.TypeTensor || t.Shape == nil {
		return size{}
	}
	n := dims.Product(t.Shape.Dims)
	if !n.IsKnown() {
		if n.Param == "" {
			return size{}
		}
		return size{expr: n.Param + t.DType.String()}
	}
	bytes, err := tensor.ByteSize(t.DType, int(n.Value))
	if err != nil {
		return size{}
	}
	return size{bytes: max(bytes, 1)}
}

// slots walks the steps forwards and gives each new buffer a free slot.
func (a *assigner) slots() {
	pool := &slotPool{}
	dying := make([][]int, len(a.p.steps)+1) // roots by the step after which they are free
	for i := range a.p.steps {
		s := &a.p.steps[i]
		a.inPlace(i, s)
		for k, v := range s.out {
			if v == absent || a.root[v] != v || a.pinned[v] {
				continue
			}
			if k == 0 && s.reuse != absent {
				a.p.values[v].slot = a.p.values[a.root[s.reuse]].slot
			} else {
				a.p.values[v].slot = pool.take(a.sizeOf(v))
			}
			end := max(a.last[v], i)
			dying[end] = append(dying[end], v)
		}
		for _, v := range dying[i] {
			if !a.reusedAt(i, v) {
				pool.give(a.p.values[v].slot)
			}
		}
	}
	a.p.slots = len(pool.sizes)
}

// inPlace decides whether output 0 of step i takes over the buffer of one of
// its inputs.
func (a *assigner) inPlace(i int, s *step) {
	if len(s.out) == 0 || s.out[0] == absent || s.def.View || a.pinned[s.out[0]] {
		return
	}
	for _, k := range s.def.InPlace {
		if k >= len(s.in) || s.in[k] == absent {
			continue
		}
		r := a.root[s.in[k]]
		if a.born[r] >= 0 && !a.pinned[r] && a.last[r] == i && a.uses(s, r) == 1 && a.sameType(s.in[k], s.out[0]) {
			s.reuse = s.in[k]
			return
		}
	}
}

// uses counts how often a step reads a root's buffer.
func (a *assigner) uses(s *step, root int) int {
	n := 0
	a.eachUse(s, func(v int) {
		if a.root[v] == root {
			n++
		}
	})
	return n
}

func (a *assigner) sameType(v, w int) bool {
	x, y := a.c.scope.Get(a.p.values[v].name).Type, a.c.scope.Get(a.p.values[w].name).Type
	if x == nil || y == nil || x.Kind != onnx.TypeTensor || y.Kind != onnx.TypeTensor || x.DType != y.DType ||
		x.Shape == nil || y.Shape == nil || len(x.Shape.Dims) != len(y.Shape.Dims) {
		return false
	}
	for i, d := range x.Shape.Dims {
		if !dims.Equal(d, y.Shape.Dims[i]) {
			return false
		}
	}
	return true
}

// reusedAt reports whether step i's output took over the buffer of root v.
func (a *assigner) reusedAt(i, v int) bool {
	s := &a.p.steps[i]
	return s.reuse != absent && a.root[s.reuse] == v
}

// drops lists, for each step, the heap values that die there.
func (a *assigner) drops() {
	for v := range a.p.values {
		r := a.root[v]
		if a.p.values[v].fixed != nil || a.born[v] < 0 || !(a.pinned[r] || a.p.values[r].slot == heap) {
			continue
		}
		if end := max(a.last[r], a.born[v]); end < len(a.p.steps) {
			a.p.steps[end].drop = append(a.p.steps[end].drop, v)
		}
	}
}

// slotPool keeps the slots that are free at the step being looked at.
type slotPool struct {
	sizes []size // of all slots
	free  []int
}

// take chooses a free slot for a buffer: one of the same size, else the
// smallest that is large enough, else the largest; and makes a new one where
// none fits by these rules.
func (p *slotPool) take(want size) int {
	best := -1
	for i, s := range p.free {
		have := p.sizes[s]
		switch {
		case have == want:
			best = i
		case want.bytes == 0 || have.bytes == 0:
			continue // nothing is known of which is the larger
		case best < 0 || p.sizes[p.free[best]] != want && better(have.bytes, p.sizes[p.free[best]].bytes, want.bytes):
			best = i
		}
	}
	if best < 0 {
		p.sizes = append(p.sizes, want)
		return len(p.sizes) - 1
	}
	s := p.free[best]
	p.free = append(p.free[:best], p.free[best+1:]...)
	if want.bytes > p.sizes[s].bytes && want.expr == "" {
		p.sizes[s] = want
	}
	return s
}

// better reports whether a slot of a bytes suits want better than one of b.
func better(a, b, want int) bool {
	if (a >= want) != (b >= want) {
		return a >= want
	}
	if a >= want {
		return a < b
	}
	return a > b
}

func (p *slotPool) give(s int) {
	if s != heap {
		p.free = append(p.free, s)
	}
}
