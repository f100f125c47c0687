package normalize

import (
	"slices"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/seed6700ada1/infer/models/text/tokenizer/aligned"
	"github.com/seed6700ada1/infer/models/text/tokenizer/chars"
)

// Form is one of Unicode's normal forms (UAX #15).
type Form norm.Form

// The four normal forms: composed or not, by canonical equivalence or by
// compatibility.
const (
	NFC  = Form(norm.NFC)
	NFD  = Form(norm.NFD)
	NFKC = Form(norm.NFKC)
	NFKD = Form(norm.NFKD)
)

// Normalize implements [Normalizer]. The characters of a decomposition stand where
// the whole stood; a composed character stands where its first part did.
//
// It runs the algorithm itself, by the properties of x/text, because that package
// does not tell which character came from which.
func (f Form) Normalize(t aligned.Text) (aligned.Text, error) {
	if norm.Form(f).IsNormal(t.Bytes) {
		return t, nil
	}
	c := composer{edits: edits{aligned.Edit(t)}, composing: f == NFC || f == NFKC}
	d := decomposer{form: norm.NFD, out: c.put}
	if f == NFKC || f == NFKD {
		d.form = norm.NFKD
	}
	for b := t.Bytes; len(b) > 0; {
		r, n := utf8.DecodeRune(b)
		d.rune(r, b[:n])
		b = b[n:]
	}
	d.flush()
	c.flush()
	return c.e.Done(), nil
}

// change says how a character of the result relates to the source: 0 replaces the next
// character, 1 is added behind what was consumed, -n replaces the next and drops n
// more.
type change int

// edits applies changes to a text.
type edits struct{ e *aligned.Editor }

func (p edits) apply(r rune, c change) {
	if c > 0 {
		p.e.Insert(r)
		return
	}
	_, n := utf8.DecodeRune(p.e.Rest())
	p.e.Replace(n, r)
	for ; c < 0; c++ {
		_, n := utf8.DecodeRune(p.e.Rest())
		p.e.Skip(n)
	}
}

// marked is a character on its way through normalization.
type marked struct {
	r      rune
	class  uint8 // canonical combining class
	change change
}

// decomposer takes characters apart and sorts the marks behind each starter by class.
type decomposer struct {
	form    norm.Form
	out     func(m marked)
	pending []marked // behind the last starter, which was sent
}

// rune takes r, whose encoding is b.
func (d *decomposer) rune(r rune, b []byte) {
	if r < 0xa0 {
		d.push(marked{r: r})
		return
	}
	if 0xac00 <= r && r < 0xac00+11172 { // Hangul syllables, by arithmetic
		s := r - 0xac00
		d.push(marked{r: 0x1100 + s/588})
		d.push(marked{r: 0x1161 + s%588/28, change: 1})
		if s%28 != 0 {
			d.push(marked{r: 0x11a7 + s%28, change: 1})
		}
		return
	}
	p := d.form.Properties(b)
	parts := p.Decomposition()
	if parts == nil || chars.Indivisible(r) {
		d.push(marked{r: r, class: p.CCC()})
		return
	}
	for first := true; len(parts) > 0; first = false {
		r, n := utf8.DecodeRune(parts)
		m := marked{r: r, class: d.form.Properties(parts).CCC()}
		if !first {
			m.change = 1
		}
		d.push(m)
		parts = parts[n:]
	}
}

func (d *decomposer) push(m marked) {
	if m.class == 0 {
		d.flush()
		d.out(m)
		return
	}
	d.pending = append(d.pending, m)
}

func (d *decomposer) flush() {
	slices.SortStableFunc(d.pending, func(a, b marked) int { return int(a.class) - int(b.class) })
	for _, m := range d.pending {
		d.out(m)
	}
	d.pending = d.pending[:0]
}

// composer puts together what has a composed form, if it composes, and applies the
// changes.
type composer struct {
	edits
	composing bool
	starter   marked // waits for what may join it
	waiting   bool
	blocked   []marked // marks behind starter that did not join
}

func (c *composer) put(m marked) {
	if !c.composing {
		c.apply(m.r, m.change)
		return
	}
	if !c.waiting {
		if m.class != 0 {
			c.apply(m.r, m.change)
			return
		}
		c.starter, c.waiting = m, true
		return
	}
	if n := len(c.blocked); n == 0 || c.blocked[n-1].class < m.class {
		if r, ok := compose(c.starter.r, m.r); ok {
			c.starter.r = r
			c.starter.change += m.change - 1
			return
		}
	}
	if m.class == 0 {
		c.flush()
		c.starter, c.waiting = m, true
		return
	}
	c.blocked = append(c.blocked, m)
}

func (c *composer) flush() {
	if c.waiting {
		c.apply(c.starter.r, c.starter.change)
	}
	for _, m := range c.blocked {
		c.apply(m.r, m.change)
	}
	c.waiting, c.blocked = false, c.blocked[:0]
}

// compose returns the primary composite of a and b.
func compose(a, b rune) (rune, bool) {
	if b < 0x300 {
		return 0, false
	}
	var buf, out [3 * utf8.UTFMax]byte
	pair := utf8.AppendRune(buf[:0], a)
	n := len(pair)
	pair = utf8.AppendRune(pair, b)
	if norm.NFC.Properties(pair[n:]).BoundaryBefore() {
		return 0, false
	}
	composed := norm.NFC.Append(out[:0], pair...)
	r, size := utf8.DecodeRune(composed)
	return r, size == len(composed) && r != a
}
