package tokenizer

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Decode returns the text of ids, without special tokens if skipSpecial. Ids that are
// not in the vocabulary are left out.
func (t *Tokenizer) Decode(ids []int64, skipSpecial bool) (string, error) {
	tokens := make([]string, 0, len(ids))
	for _, id := range ids {
		token, ok := t.IDToToken(id)
		if !ok || skipSpecial && t.added.special[token] {
			continue
		}
		tokens = append(tokens, token)
	}
	if t.decoder == nil {
		return strings.Join(tokens, " "), nil
	}
	tokens, err := t.decoder.Decode(tokens)
	if err != nil {
		return "", fmt.Errorf("tokenizer: decode: %w", err)
	}
	return strings.Join(tokens, ""), nil
}

// DecodeStream decodes ids as they come. The pieces of text that it returns are whole
// runes, and one behind the other they are what [Tokenizer.Decode] returns.
type DecodeStream struct {
	t           *Tokenizer
	skipSpecial bool
	ids         []int64 // the last that gave text, as context, and what came since
	prefix      string  // text of the context
	context     int     // how many of ids are the context
}

// maxWaiting is how many ids without a whole rune a stream waits for more. A rune has
// at most four bytes, and a token at least one: more of them are not UTF-8.
const maxWaiting = 64

// NewDecodeStream returns a stream that has seen nothing yet. It belongs to one
// goroutine.
func (t *Tokenizer) NewDecodeStream(skipSpecial bool) *DecodeStream {
	return &DecodeStream{t: t, skipSpecial: skipSpecial}
}

// Step takes the next id and returns the text that is complete with it, or "".
func (s *DecodeStream) Step(id int64) (string, error) {
	s.ids = append(s.ids, id)
	text, err := s.t.Decode(s.ids, s.skipSpecial)
	if err != nil {
		return "", err
	}
	if strings.HasSuffix(text, string(utf8.RuneError)) && len(s.ids)-s.context < maxWaiting || len(text) <= len(s.prefix) {
		return "", nil
	}
	return s.take(text)
}

// Flush returns the text of ids that waited for more: the end of a text that stops
// within a rune.
func (s *DecodeStream) Flush() (string, error) {
	text, err := s.t.Decode(s.ids, s.skipSpecial)
	if err != nil || len(text) <= len(s.prefix) {
		return "", err
	}
	return s.take(text)
}

// take returns what text has behind the context, and makes the ids that gave it the
// context of the next.
func (s *DecodeStream) take(text string) (string, error) {
	rest, ok := strings.CutPrefix(text, s.prefix)
	if !ok {
		return "", fmt.Errorf("tokenizer: decode: text %q became %q with the next token", s.prefix, text)
	}
	s.ids = append(s.ids[:0], s.ids[s.context:]...)
	var err error
	if s.prefix, err = s.t.Decode(s.ids, s.skipSpecial); err != nil {
		return "", err
	}
	s.context = len(s.ids)
	return rest, nil
}
