package normalize

import (
	"unicode/utf8"

	"github.com/seed6700ada1/infer/models/text/tokenizer/aligned"
	"github.com/seed6700ada1/infer/models/text/tokenizer/chars"
	"github.com/seed6700ada1/infer/models/text/tokenizer/pattern"
)

// edit walks over the runes of t: step consumes the rune r of n bytes.
func edit(t aligned.Text, step func(e *aligned.Editor, r rune, n int)) aligned.Text {
	e := aligned.Edit(t)
	for b := e.Rest(); len(b) > 0; b = e.Rest() {
		r, n := rune(b[0]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(b)
		}
		step(e, r, n)
	}
	return e.Done()
}

// Lowercase writes letters in lower case.
type Lowercase struct{}

// Normalize implements [Normalizer].
func (Lowercase) Normalize(t aligned.Text) (aligned.Text, error) {
	return edit(t, func(e *aligned.Editor, r rune, n int) {
		lower, second := chars.Lower(r)
		e.Replace(n, lower)
		if second != 0 {
			e.Insert(second)
		}
	}), nil
}

// StripAccents drops combining marks. It does not take characters apart: a normal
// form does that before.
type StripAccents struct{}

// Normalize implements [Normalizer].
func (StripAccents) Normalize(t aligned.Text) (aligned.Text, error) {
	return filter(t, func(r rune) bool { return !chars.Mark(r) }), nil
}

// filter keeps the runes that keep says.
func filter(t aligned.Text, keep func(r rune) bool) aligned.Text {
	return edit(t, func(e *aligned.Editor, r rune, n int) {
		if keep(r) {
			e.Keep(n)
		} else {
			e.Skip(n)
		}
	})
}

// Strip drops white space at the ends of the text.
type Strip struct{ Left, Right bool }

// Normalize implements [Normalizer].
func (s Strip) Normalize(t aligned.Text) (aligned.Text, error) {
	lo, hi := 0, len(t.Bytes)
	for s.Left && lo < hi {
		r, n := utf8.DecodeRune(t.Bytes[lo:])
		if !chars.Space(r) {
			break
		}
		lo += n
	}
	for s.Right && hi > lo {
		r, n := utf8.DecodeLastRune(t.Bytes[:hi])
		if !chars.Space(r) {
			break
		}
		hi -= n
	}
	if lo == 0 && hi == len(t.Bytes) {
		return t, nil
	}
	origin := t.Origin
	t = t.Slice(lo, hi)
	t.Origin = origin
	return t, nil
}

// Nmt drops control characters and turns what separates words into spaces, as
// SentencePiece does for translation.
type Nmt struct{}

// Normalize implements [Normalizer].
func (Nmt) Normalize(t aligned.Text) (aligned.Text, error) {
	return edit(t, func(e *aligned.Editor, r rune, n int) {
		switch {
		case 0x1 <= r && r <= 0x8, r == 0xb, 0xe <= r && r <= 0x1f, r == 0x7f, r == 0x8f, r == 0x9f:
			e.Skip(n)
		case r == 0x9, r == 0xa, r == 0xc, r == 0xd, r == 0x1680, 0x200b <= r && r <= 0x200f,
			r == 0x2028, r == 0x2029, r == 0x2581, r == 0xfeff, r == 0xfffd:
			e.Replace(n, ' ')
		default:
			e.Keep(n)
		}
	}), nil
}

// Prepend sets a string before any text that is not empty.
type Prepend string

// Normalize implements [Normalizer].
func (p Prepend) Normalize(t aligned.Text) (aligned.Text, error) {
	if len(t.Bytes) == 0 || p == "" {
		return t, nil
	}
	e := aligned.Edit(t)
	for _, r := range string(p) {
		e.Put(r)
	}
	e.Keep(len(t.Bytes))
	return e.Done(), nil
}

// Replace writes Content in place of every match of Pattern; it stands where the last
// character of the match stood.
type Replace struct {
	Pattern *pattern.Pattern
	Content string
}

// Normalize implements [Normalizer].
func (p *Replace) Normalize(t aligned.Text) (aligned.Text, error) {
	e := aligned.Edit(t)
	err := p.Pattern.Segments(t.Bytes, func(start, end int, match bool) error {
		if !match {
			e.Keep(end - start)
			return nil
		}
		e.Skip(end - start)
		for _, r := range p.Content {
			e.Insert(r)
		}
		return nil
	})
	return e.Done(), err
}

// ByteLevel writes each byte as one character of GPT-2's alphabet.
type ByteLevel struct{}

// Normalize implements [Normalizer].
func (ByteLevel) Normalize(t aligned.Text) (aligned.Text, error) {
	return edit(t, func(e *aligned.Editor, _ rune, n int) {
		for _, b := range e.Rest()[:n] {
			e.Put(chars.ByteRune(b))
		}
		e.Skip(n)
	}), nil
}
