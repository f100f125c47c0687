package pretoken

import (
	"unicode/utf8"

	"github.com/seed6700ada1/infer/models/text/tokenizer/aligned"
	"github.com/seed6700ada1/infer/models/text/tokenizer/chars"
	"github.com/seed6700ada1/infer/models/text/tokenizer/pattern"
)

// ByteLevel cuts words as GPT-2 does and writes each byte as one character of its
// alphabet.
type ByteLevel struct {
	AddPrefixSpace bool // set a space before a piece that does not begin with one
	UseRegex       bool // cut; otherwise the pieces stay as they are
	// Raw leaves the bytes as they are, for a model that takes them so: the characters
	// of the alphabet and the bytes correspond one to one.
	Raw bool
}

// Split implements [Splitter].
func (s ByteLevel) Split(t aligned.Text, emit Emit) error {
	if s.AddPrefixSpace && (len(t.Bytes) == 0 || t.Bytes[0] != ' ') && len(t.Bytes) > 0 {
		e := aligned.Edit(t)
		defer e.Release()
		e.Put(' ')
		e.Keep(len(t.Bytes))
		t = e.Done()
	}
	if !s.Raw {
		raw := emit
		emit = func(piece aligned.Text) error { return mapBytes(piece, raw) }
	}
	if !s.UseRegex {
		return emit(t)
	}
	for i := 0; i < len(t.Bytes); {
		j := pattern.ScanGPT2(t.Bytes, i)
		if err := emit(t.Slice(i, j)); err != nil {
			return err
		}
		i = j
	}
	return nil
}

// mapBytes hands on piece in GPT-2's alphabet.
func mapBytes(piece aligned.Text, emit Emit) error {
	e := aligned.Edit(piece)
	defer e.Release()
	for b := e.Rest(); len(b) > 0; b = e.Rest() {
		_, n := utf8.DecodeRune(b)
		for _, c := range b[:n] {
			e.Put(chars.ByteRune(c))
		}
		e.Skip(n)
	}
	return emit(e.Done())
}
