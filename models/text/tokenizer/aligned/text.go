// Package aligned holds text that remembers where it came from.
//
// A tokenizer rewrites its input (case, accents, spaces, whole normal forms) before
// it cuts it, and must still say which part of the input each token stands for. A
// [Text] carries, for each of its bytes, the span of the original bytes that the
// byte's character was made from; an [Editor] rewrites a Text and moves the spans
// along.
//
// Most text is never rewritten, or only in place (ASCII letters to lower case). Such
// a Text holds no spans at all: it stands at a fixed distance from the original, and
// spans are worked out when they are asked for.
package aligned

import "unicode/utf8"

// Span is a part of the original text, [Start, End), in bytes.
type Span struct{ Start, End int32 }

// Text is UTF-8 text with the place of each byte in the original.
//
// The zero Text is empty. A Text shares its bytes with the one it was sliced from;
// neither may be written to.
type Text struct {
	// Bytes is the text as it is now: valid UTF-8, unless it was cut inside a rune.
	Bytes []byte
	// Origin is where in the original the text was cut out. It can differ from the
	// start of the first span: a text whose first characters were stripped keeps the
	// origin 0.
	Origin int32

	spans []Span // one a byte, or nil: byte i stands at base+i
	base  int32
}

// New returns s as text aligned with itself. Bytes that are not UTF-8 become U+FFFD,
// each aligned with the one byte it replaces.
func New(s string) Text {
	if utf8.ValidString(s) {
		return Text{Bytes: []byte(s)}
	}
	t := Text{Bytes: make([]byte, 0, len(s)+16), spans: make([]Span, 0, len(s)+16)}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		before := len(t.Bytes)
		t.Bytes = utf8.AppendRune(t.Bytes, r)
		for range len(t.Bytes) - before {
			t.spans = append(t.spans, Span{int32(i), int32(i + n)})
		}
		i += n
	}
	return t
}

// Identity says whether the text stands at a fixed distance from the original, byte
// for byte.
func (t *Text) Identity() bool { return t.spans == nil }

// Span returns the original of byte i: the whole character that it belongs to.
func (t *Text) Span(i int) Span {
	if t.spans != nil {
		return t.spans[i]
	}
	lo, hi := i, i+1
	for lo > 0 && !utf8.RuneStart(t.Bytes[lo]) {
		lo--
	}
	for hi < len(t.Bytes) && !utf8.RuneStart(t.Bytes[hi]) {
		hi++
	}
	return Span{t.base + int32(lo), t.base + int32(hi)}
}

// Range returns the original of bytes [i, j). An empty range has no original of its
// own and stands at its distance from the origin; one that ends behind the text has
// none at all and is returned as it is.
func (t *Text) Range(i, j int) (start, end int) {
	switch {
	case j > len(t.Bytes):
		return i, j
	case i >= j:
		return int(t.Origin) + i, int(t.Origin) + j
	}
	if t.spans != nil {
		return int(t.spans[i].Start), int(t.spans[j-1].End)
	}
	if !utf8.RuneStart(t.Bytes[i]) {
		start = int(t.Span(i).Start)
	} else {
		start = int(t.base) + i
	}
	if j < len(t.Bytes) && !utf8.RuneStart(t.Bytes[j]) {
		end = int(t.Span(j - 1).End)
	} else {
		end = int(t.base) + j
	}
	return start, end
}

// Slice returns bytes [i, j), which must lie at the borders of runes, as a text of
// its own.
func (t *Text) Slice(i, j int) Text {
	start, _ := t.Range(i, j)
	s := Text{Bytes: t.Bytes[i:j], Origin: int32(start), base: t.base + int32(i)}
	if t.spans != nil {
		s.spans = t.spans[i:j]
	}
	return s
}
