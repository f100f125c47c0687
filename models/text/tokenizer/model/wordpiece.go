package model

import (
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/seed6700ada1/infer/models/text/tokenizer/schema"
)

// WordPiece takes the longest token that a word begins with, and goes on with the rest,
// whose tokens carry a prefix. A word that does not come out even is unknown.
type WordPiece struct {
	vocabulary
	unknown    string
	maxChars   int
	begin, mid *trie // tokens at the front of a word, and behind, without the prefix
	runs       sync.Pool
}

// NewWordPiece returns the model of a vocabulary, token to id. Words of more than
// maxChars characters are unknown.
func NewWordPiece(ids map[string]int32, unknown, prefix string, maxChars int) *WordPiece {
	m := &WordPiece{vocabulary: newVocabulary(ids), unknown: unknown, maxChars: maxChars}
	var begin, mid []trieEntry
	for _, token := range m.sortedTokens() {
		begin = append(begin, trieEntry{token, ids[token]})
		if rest, ok := strings.CutPrefix(token, prefix); ok {
			mid = append(mid, trieEntry{rest, ids[token]})
		}
	}
	m.begin, m.mid = newTrie(begin), newTrie(mid)
	m.runs.New = func() any { return &wordPieceRun{m: m} }
	return m
}

// parseWordPiece reads a model of the type "WordPiece".
func parseWordPiece(o *schema.Object) (Model, error) {
	v, err := readVocabulary(o)
	if err != nil {
		return nil, err
	}
	unknown, prefix := o.String("unk_token"), o.String("continuing_subword_prefix")
	maxChars := o.Int("max_input_chars_per_word")
	if o.Err() != nil {
		return nil, o.Err()
	}
	return NewWordPiece(v.ids, unknown, prefix, maxChars), nil
}

// Begin implements [Model].
func (m *WordPiece) Begin() Run { return m.runs.Get().(*wordPieceRun) }

type wordPieceRun struct {
	m     *WordPiece
	cache cache
}

// End implements [Run].
func (r *wordPieceRun) End() { r.m.runs.Put(r) }

// Tokenize implements [Run].
func (r *wordPieceRun) Tokenize(dst []Token, word []byte) ([]Token, error) {
	if len(word) > maxCached {
		return r.m.tokenize(dst, word)
	}
	tokens, hash, ok := r.cache.find(word)
	if ok {
		return append(dst, tokens...), nil
	}
	n := len(dst)
	dst, err := r.m.tokenize(dst, word)
	if err == nil {
		r.cache.add(hash, word, dst[n:])
	}
	return dst, err
}

func (m *WordPiece) tokenize(dst []Token, word []byte) ([]Token, error) {
	n := len(dst)
	entries := m.begin
	for at := 0; at < len(word); entries = m.mid {
		size, id := entries.longest(word[at:])
		if size == 0 || at == 0 && utf8.RuneCount(word) > m.maxChars {
			id, ok := m.ids[m.unknown]
			if !ok {
				return dst, unknownError(m.unknown)
			}
			return append(dst[:n], Token{ID: id, End: int32(len(word))}), nil
		}
		dst = append(dst, Token{ID: id, Start: int32(at), End: int32(at + size)})
		at += size
	}
	return dst, nil
}

// WordLevel takes words whole.
type WordLevel struct {
	vocabulary
	unknown string
}

// parseWordLevel reads a model of the type "WordLevel".
func parseWordLevel(o *schema.Object) (Model, error) {
	v, err := readVocabulary(o)
	return &WordLevel{v, o.String("unk_token")}, err
}

// Begin implements [Model].
func (m *WordLevel) Begin() Run { return m }

// End implements [Run].
func (m *WordLevel) End() {}

// Tokenize implements [Run].
func (m *WordLevel) Tokenize(dst []Token, word []byte) ([]Token, error) {
	id, ok := m.ids[string(word)]
	if !ok {
		if id, ok = m.ids[m.unknown]; !ok {
			return dst, unknownError(m.unknown)
		}
	}
	return append(dst, Token{ID: id, End: int32(len(word))}), nil
}
