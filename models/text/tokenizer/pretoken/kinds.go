package pretoken

import (
	"unicode/utf8"

	"github.com/seed6700ada1/infer/models/text/tokenizer/aligned"
	"github.com/seed6700ada1/infer/models/text/tokenizer/chars"
)

// WhitespaceSplit cuts at white space, and drops it.
type WhitespaceSplit struct{}

// Split implements [Splitter].
func (WhitespaceSplit) Split(t aligned.Text, emit Emit) error {
	return splitRunes(t, Removed, emit, chars.Space)
}

// Punctuation cuts at punctuation marks.
type Punctuation struct{ Behavior Behavior }

// Split implements [Splitter].
func (p Punctuation) Split(t aligned.Text, emit Emit) error {
	return splitRunes(t, p.Behavior, emit, chars.Punctuation)
}

// Digits cuts numbers off, each digit for itself or all that stand together.
type Digits struct{ Individual bool }

// Split implements [Splitter].
func (d Digits) Split(t aligned.Text, emit Emit) error {
	if d.Individual {
		return splitRunes(t, Isolated, emit, chars.Numeric)
	}
	return splitRunes(t, Contiguous, emit, chars.Numeric)
}

// Delimiter cuts at one character, and drops it.
type Delimiter rune

// Split implements [Splitter].
func (d Delimiter) Split(t aligned.Text, emit Emit) error {
	return splitRunes(t, Removed, emit, func(r rune) bool { return r == rune(d) })
}

// Whitespace takes runs of word characters, and runs of what is neither word nor
// white space: \w+|[^\w\s]+.
type Whitespace struct{}

// Split implements [Splitter].
func (Whitespace) Split(t aligned.Text, emit Emit) error {
	const (
		blank = iota
		word
		sign
	)
	start, kind := 0, blank
	for i := 0; i < len(t.Bytes); {
		r, n := utf8.DecodeRune(t.Bytes[i:])
		k := sign
		switch {
		case chars.Word(r):
			k = word
		case chars.Space(r):
			k = blank
		}
		if k != kind {
			if kind != blank {
				if err := emit(t.Slice(start, i)); err != nil {
					return err
				}
			}
			start, kind = i, k
		}
		i += n
	}
	if kind == blank {
		return nil
	}
	return emit(t.Slice(start, len(t.Bytes)))
}

// UnicodeScripts cuts where the script changes. Kana count as Han, spaces go with what
// stands before them, and spaces at the front are dropped, as in SentencePiece.
type UnicodeScripts struct{}

// Split implements [Splitter].
func (UnicodeScripts) Split(t aligned.Text, emit Emit) error {
	start, last := -1, ""
	for i := 0; i < len(t.Bytes); {
		r, n := utf8.DecodeRune(t.Bytes[i:])
		if s := chars.Script(r); s != "" && s != last {
			if start >= 0 {
				if err := emit(t.Slice(start, i)); err != nil {
					return err
				}
			}
			start, last = i, s
		}
		i += n
	}
	if start < 0 {
		return nil
	}
	return emit(t.Slice(start, len(t.Bytes)))
}

// FixedLength cuts pieces of as many characters.
type FixedLength int

// Split implements [Splitter].
func (f FixedLength) Split(t aligned.Text, emit Emit) error {
	start, count := 0, 0
	for i := 0; i < len(t.Bytes); {
		_, n := utf8.DecodeRune(t.Bytes[i:])
		i += n
		if count++; count == int(f) {
			if err := emit(t.Slice(start, i)); err != nil {
				return err
			}
			start, count = i, 0
		}
	}
	if start == len(t.Bytes) {
		return nil
	}
	return emit(t.Slice(start, len(t.Bytes)))
}

// Metaspace writes spaces as a character of their own, as SentencePiece does, and
// cuts before each.
type Metaspace struct {
	Replacement rune
	// Prepend says which pieces get the replacement before them if they do not begin
	// with it: "always"; "first", the one at the front of the original; "never".
	Prepend string
	Whole   bool // do not cut
}

// Split implements [Splitter].
func (m Metaspace) Split(t aligned.Text, emit Emit) error {
	e := aligned.Edit(t)
	defer e.Release()
	first, _ := utf8.DecodeRune(t.Bytes)
	starts := first == ' ' || first == m.Replacement
	if len(t.Bytes) > 0 && !starts && (m.Prepend == "always" || m.Prepend == "first" && t.Origin == 0) {
		e.Put(m.Replacement)
	}
	for b := e.Rest(); len(b) > 0; b = e.Rest() {
		n := 0
		for n < len(b) && b[n] != ' ' {
			n++
		}
		e.Keep(n)
		if n < len(b) {
			e.Put(m.Replacement)
			e.Skip(1)
		}
	}
	t = e.Done()
	if m.Whole {
		return emit(t)
	}
	return splitRunes(t, MergedWithNext, emit, func(r rune) bool { return r == m.Replacement })
}
