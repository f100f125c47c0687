package aligned

import (
	"sync"
	"unicode/utf8"
)

// Editor reads a [Text] from its front to its end and writes another: each step keeps,
// replaces, drops or inserts characters. Take one with [Edit].
type Editor struct {
	src Text
	pos int // bytes of src that were consumed
	dst Text

	shift   int  // pos - len(dst.Bytes), while dst stands at a fixed distance
	aligned bool // dst still does
	spans   []Span
}

// editors keeps the buffers of editors for the next one.
var editors = sync.Pool{New: func() any { return new(Editor) }}

// maxPooled is the largest buffer, in bytes of text, that an editor keeps.
const maxPooled = 1 << 16

// Edit returns an editor at the front of src. Its result lives in buffers of the
// editor: it is valid until [Editor.Release], or for good where that is never called.
func Edit(src Text) *Editor {
	e := editors.Get().(*Editor)
	e.src, e.pos, e.shift, e.aligned = src, 0, 0, src.spans == nil
	e.dst = Text{Bytes: e.dst.Bytes[:0], Origin: src.Origin}
	e.spans = e.spans[:0]
	return e
}

// Release gives the editor's buffers back; texts that it returned must no longer be
// used.
func (e *Editor) Release() {
	if cap(e.dst.Bytes) > maxPooled {
		return
	}
	e.src = Text{}
	editors.Put(e)
}

// Rest returns what was not consumed yet.
func (e *Editor) Rest() []byte { return e.src.Bytes[e.pos:] }

// Keep copies the next n bytes.
func (e *Editor) Keep(n int) {
	if n <= 0 {
		return
	}
	if e.settle() {
		e.dst.Bytes = append(e.dst.Bytes, e.src.Bytes[e.pos:e.pos+n]...)
		e.pos += n
		return
	}
	e.dst.Bytes = append(e.dst.Bytes, e.src.Bytes[e.pos:e.pos+n]...)
	e.appendSpans(e.pos, e.pos+n)
	e.pos += n
}

// Skip drops the next n bytes.
func (e *Editor) Skip(n int) { e.pos += n }

// Replace writes r in place of the next n bytes, the encoding of one rune, and takes
// that rune's place in the original.
func (e *Editor) Replace(n int, r rune) {
	if e.settle() && utf8.RuneLen(r) == n {
		e.dst.Bytes = utf8.AppendRune(e.dst.Bytes, r)
		e.pos += n
		return
	}
	e.Put(r)
	e.pos += n
}

// Put writes r with the place of the next character, and consumes nothing. At the
// end of the source, it takes the place of the last character.
func (e *Editor) Put(r rune) {
	if e.pos >= len(e.src.Bytes) {
		e.Insert(r)
		return
	}
	e.write(r, e.src.Span(e.pos))
}

// Insert writes r with the place of the character that was consumed last; at the
// front, it has an empty place there.
func (e *Editor) Insert(r rune) {
	span := Span{e.src.Origin, e.src.Origin}
	if e.pos > 0 {
		span = e.src.Span(e.pos - 1)
	}
	e.write(r, span)
}

// Done returns the text that was written.
func (e *Editor) Done() Text {
	t := e.dst
	if e.aligned {
		t.base = e.src.base + int32(e.shift)
		return t
	}
	t.spans = e.spans
	if t.spans == nil {
		t.spans = []Span{}
	}
	return t
}

// write appends r, which came from span.
func (e *Editor) write(r rune, span Span) {
	e.unalign()
	before := len(e.dst.Bytes)
	e.dst.Bytes = utf8.AppendRune(e.dst.Bytes, r)
	for range len(e.dst.Bytes) - before {
		e.spans = append(e.spans, span)
	}
}

// settle says whether what is written next, of the length of what is consumed, leaves
// the result at a fixed distance from the original. If not, it gives it spans.
func (e *Editor) settle() bool {
	if !e.aligned {
		return false
	}
	if len(e.dst.Bytes) == 0 {
		e.shift = e.pos
	}
	if e.pos-len(e.dst.Bytes) == e.shift {
		return true
	}
	e.unalign()
	return false
}

// unalign gives the result spans, if it has none.
func (e *Editor) unalign() {
	if !e.aligned {
		return
	}
	e.aligned = false
	e.appendSpans(e.shift, e.shift+len(e.dst.Bytes))
}

// appendSpans appends the spans of the source's bytes [i, j), which lie at the borders
// of runes.
func (e *Editor) appendSpans(i, j int) {
	if e.src.spans != nil {
		e.spans = append(e.spans, e.src.spans[i:j]...)
		return
	}
	for i < j {
		n := 1
		for i+n < j && !utf8.RuneStart(e.src.Bytes[i+n]) {
			n++
		}
		span := Span{e.src.base + int32(i), e.src.base + int32(i+n)}
		for range n {
			e.spans = append(e.spans, span)
		}
		i += n
	}
}
