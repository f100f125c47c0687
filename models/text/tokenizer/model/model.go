// Package model takes words apart into the tokens of a vocabulary: byte-pair encoding,
// WordPiece, Unigram and whole words.
//
// Each [Model] is one kind of the `model` of a tokenizer.json. All run in time linear
// in the word, up to a logarithm and the length of the longest token, whatever the
// word is.
package model

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/models/text/tokenizer/schema"
)

// Token is a part of a word.
type Token struct {
	ID         int32
	Start, End int32 // in the word, in bytes
	Surface    bool  // its text is that of the word, not that of the vocabulary's entry
}

// Model takes words apart. It is safe for concurrent use.
type Model interface {
	// Begin returns a run, which takes words apart one after the other.
	Begin() Run
	// TokenToID returns the id of a token of the vocabulary.
	TokenToID(token string) (id int, ok bool)
	// IDToToken returns the token of an id.
	IDToToken(id int) (token string, ok bool)
	// Size returns the number of tokens.
	Size() int
}

// Run holds what a model remembers from word to word. It belongs to one goroutine.
type Run interface {
	// Tokenize appends the tokens of word, which is not empty.
	Tokenize(dst []Token, word []byte) ([]Token, error)
	// End gives the run back; it must not be used afterwards.
	End()
}

// Parse returns the model that data, which stands at path of a tokenizer.json,
// describes.
func Parse(data []byte, path string) (Model, error) {
	o, err := schema.Parse(data, path)
	if err != nil {
		return nil, err
	}
	var m Model
	switch kind := kindOf(o); kind {
	case "BPE":
		m, err = parseBPE(o)
	case "WordPiece":
		m, err = parseWordPiece(o)
	case "WordLevel":
		m, err = parseWordLevel(o)
	case "Unigram":
		m, err = parseUnigram(o)
	default:
		o.Failf("type", "%q is not a kind of model that is known", kind)
	}
	if o.Err() != nil {
		err = o.Err()
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

// kindOf returns the type of the model. Old files do not name it, but only one kind has
// merges, and so on.
func kindOf(o *schema.Object) string {
	switch {
	case o.Has("type"):
		return o.String("type")
	case o.Has("merges"):
		return "BPE"
	case o.Has("continuing_subword_prefix"):
		return "WordPiece"
	case o.Has("unk_token"):
		return "WordLevel"
	case o.Has("vocab"):
		return "Unigram"
	}
	return o.String("type")
}

// vocabulary maps tokens to ids and back.
type vocabulary struct {
	ids    map[string]int32
	tokens []string         // by id, where ids are dense
	sparse map[int32]string // by id, otherwise
	known  []bool           // which of tokens there are
}

// maxID is the largest id of a token.
const maxID = 1<<31 - 1

// newVocabulary returns the vocabulary of ids.
func newVocabulary(ids map[string]int32) vocabulary {
	v := vocabulary{ids: ids}
	top := int32(-1)
	for _, id := range ids {
		top = max(top, id)
	}
	if int64(top) > 4*int64(len(ids))+1024 { // holes would cost more than the tokens
		v.sparse = make(map[int32]string, len(ids))
		for token, id := range ids {
			if old, ok := v.sparse[id]; !ok || token < old {
				v.sparse[id] = token
			}
		}
		return v
	}
	v.tokens, v.known = make([]string, top+1), make([]bool, top+1)
	for token, id := range ids {
		if !v.known[id] || token < v.tokens[id] {
			v.tokens[id], v.known[id] = token, true
		}
	}
	return v
}

// readVocabulary reads the field "vocab" of o, an object of ids by token.
func readVocabulary(o *schema.Object) (vocabulary, error) {
	var raw map[string]int64
	o.Read("vocab", "an object with the id of each token", &raw)
	if err := o.Err(); err != nil {
		return vocabulary{}, err
	}
	ids := make(map[string]int32, len(raw))
	for token, id := range raw {
		if id < 0 || id > maxID {
			o.Failf("vocab", "token %q has the id %d, want one from 0 to %d", token, id, maxID)
			return vocabulary{}, o.Err()
		}
		ids[token] = int32(id)
	}
	return newVocabulary(ids), nil
}

// TokenToID implements [Model].
func (v *vocabulary) TokenToID(token string) (id int, ok bool) {
	i, ok := v.ids[token]
	return int(i), ok
}

// IDToToken implements [Model].
func (v *vocabulary) IDToToken(id int) (token string, ok bool) {
	if v.sparse != nil {
		if id < 0 || id > maxID {
			return "", false
		}
		token, ok = v.sparse[int32(id)]
		return token, ok
	}
	if id < 0 || id >= len(v.tokens) || !v.known[id] {
		return "", false
	}
	return v.tokens[id], true
}

// Size implements [Model].
func (v *vocabulary) Size() int { return len(v.ids) }

// errUnknown is the error for a word that is not in a vocabulary which has no token
// for the unknown.
var errUnknown = errors.New("a word is not in the vocabulary, and there is no token for the unknown")

// unknownError says that the token for the unknown is missing.
func unknownError(token string) error {
	if token == "" {
		return errUnknown
	}
	return fmt.Errorf("%w: %q is not in it either", errUnknown, token)
}

// sortedTokens returns the tokens in byte order.
func (v *vocabulary) sortedTokens() []string {
	list := make([]string, 0, len(v.ids))
	for token := range v.ids {
		list = append(list, token)
	}
	slices.Sort(list)
	return list
}
