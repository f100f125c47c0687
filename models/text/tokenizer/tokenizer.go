package tokenizer

import (
	"encoding/json"
	"fmt"

	"github.com/seed6700ada1/infer/models/text/tokenizer/decode"
	"github.com/seed6700ada1/infer/models/text/tokenizer/model"
	"github.com/seed6700ada1/infer/models/text/tokenizer/normalize"
	"github.com/seed6700ada1/infer/models/text/tokenizer/pretoken"
	"github.com/seed6700ada1/infer/models/text/tokenizer/schema"
)

// Tokenizer turns text into tokens and back. It does not change once it is made, and is
// safe for concurrent use.
type Tokenizer struct {
	normalizer normalize.Normalizer // or nil
	splitter   pretoken.Splitter
	model      model.Model
	post       processor      // or nil
	decoder    decode.Decoder // or nil: tokens are joined by spaces
	added      *addedTokens
	size       int

	truncation *Truncation // as the file has it, or nil
	padding    *Padding
}

// parts are what a tokenizer is made of.
type parts struct {
	normalizer normalize.Normalizer
	splitter   pretoken.Splitter
	model      model.Model
	post       processor
	decoder    decode.Decoder
	added      []AddedToken
	truncation *Truncation
	padding    *Padding
}

// build returns the tokenizer of p.
func (p parts) build() (*Tokenizer, error) {
	added, err := newAddedTokens(p.added, p.model, p.normalizer)
	if err != nil {
		return nil, err
	}
	t := &Tokenizer{
		normalizer: p.normalizer, splitter: p.splitter, model: p.model, post: p.post, decoder: p.decoder, added: added,
		size: p.model.Size(), truncation: p.truncation, padding: p.padding,
	}
	for token := range added.ids {
		if _, ok := p.model.TokenToID(token); !ok {
			t.size++
		}
	}
	if t.splitter == nil {
		t.splitter = pretoken.Sequence{}
	}
	t.takeBytes()
	return t, nil
}

// takeBytes spares a byte-level model the detour over characters: where the last
// splitter writes bytes as characters, and the model can take bytes, they stay bytes.
func (t *Tokenizer) takeBytes() {
	bpe, ok := t.model.(*model.BPE)
	if !ok {
		return
	}
	switch s := t.splitter.(type) {
	case pretoken.ByteLevel:
		s.Raw = bpe.TakeBytes()
		t.splitter = s
	case pretoken.Sequence:
		if len(s) == 0 {
			return
		}
		if last, ok := s[len(s)-1].(pretoken.ByteLevel); ok {
			last.Raw = bpe.TakeBytes()
			s[len(s)-1] = last
		}
	}
}

// FromJSON returns the tokenizer that data, the content of a tokenizer.json, describes.
// An error says which field is wrong, in one line.
func FromJSON(data []byte) (*Tokenizer, error) {
	t, err := fromJSON(data)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	return t, nil
}

func fromJSON(data []byte) (*Tokenizer, error) {
	o, err := schema.Parse(data, "")
	if err != nil {
		return nil, err
	}
	if v := o.StringOr("version", "1.0"); v != "1.0" {
		o.Failf("version", "%q, want \"1.0\"", v)
	}
	if o.Err() != nil {
		return nil, o.Err()
	}
	var p parts
	raw, path := o.Raw("model")
	if raw == nil {
		return nil, fmt.Errorf("%s: missing, want an object", path)
	}
	if p.model, err = model.Parse(raw, path); err != nil {
		return nil, err
	}
	if p.normalizer, err = optional(o, "normalizer", normalize.Parse); err != nil {
		return nil, err
	}
	if p.splitter, err = optional(o, "pre_tokenizer", pretoken.Parse); err != nil {
		return nil, err
	}
	if p.decoder, err = optional(o, "decoder", decode.Parse); err != nil {
		return nil, err
	}
	p.post, err = optional(o, "post_processor", func(data []byte, path string) (processor, error) {
		return parseProcessor(data, path, 0)
	})
	if err != nil {
		return nil, err
	}
	if p.truncation, err = optional(o, "truncation", parseTruncation); err != nil {
		return nil, err
	}
	if p.padding, err = optional(o, "padding", parsePadding); err != nil {
		return nil, err
	}
	if o.Has("added_tokens") {
		if p.added, err = schema.Build(o, "added_tokens", 0, parseAdded); err != nil {
			return nil, err
		}
	}
	return p.build()
}

// optional reads the field name of o by parse, unless it is absent or null.
func optional[T any](o *schema.Object, name string, parse func(data []byte, path string) (T, error)) (v T, err error) {
	var raw json.RawMessage
	raw, path := o.Raw(name)
	if raw == nil {
		return v, nil
	}
	return parse(raw, path)
}

// VocabSize returns the number of tokens, added ones too.
func (t *Tokenizer) VocabSize() int { return t.size }

// TokenToID returns the id of token, as the vocabulary writes it.
func (t *Tokenizer) TokenToID(token string) (id int64, ok bool) {
	i, ok := t.added.ids[token]
	if !ok {
		i, ok = t.model.TokenToID(token)
	}
	return int64(i), ok
}

// IDToToken returns the token of id, as the vocabulary writes it.
func (t *Tokenizer) IDToToken(id int64) (token string, ok bool) {
	if id < 0 || id > 1<<31-1 {
		return "", false
	}
	if a, ok := t.added.tokens[int(id)]; ok {
		return a.Content, true
	}
	return t.model.IDToToken(int(id))
}

// IsSpecial says whether id is a special token: one that Decode can leave out.
func (t *Tokenizer) IsSpecial(id int64) bool {
	token, ok := t.IDToToken(id)
	return ok && t.added.special[token]
}

// AddedTokens returns the tokens that were added to the model's, by id.
func (t *Tokenizer) AddedTokens() map[int64]AddedToken {
	m := make(map[int64]AddedToken, len(t.added.tokens))
	for id, a := range t.added.tokens {
		m[int64(id)] = a
	}
	return m
}

// FileTruncation returns the truncation that the tokenizer's file sets, if it does.
func (t *Tokenizer) FileTruncation() (tr Truncation, ok bool) {
	if t.truncation == nil {
		return tr, false
	}
	return *t.truncation, true
}

// FilePadding returns the padding that the tokenizer's file sets, if it does.
func (t *Tokenizer) FilePadding() (p Padding, ok bool) {
	if t.padding == nil {
		return p, false
	}
	return *t.padding, true
}
