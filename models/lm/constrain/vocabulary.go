package constrain

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/seed6700ada1/infer/models/text/tokenizer"
	"github.com/seed6700ada1/infer/models/text/tokenizer/chars"
)

// Vocabulary holds the bytes that each token adds to a text. It does not change.
type Vocabulary struct {
	bytes [][]byte // by id; nil for tokens that add no text
}

// mostTokens bounds a vocabulary: ids beyond it are not looked at.
const mostTokens = 1 << 22

// NewVocabulary reads the tokens of a tokenizer.
func NewVocabulary(t *tokenizer.Tokenizer) (*Vocabulary, error) {
	size := t.VocabSize()
	for id := range t.AddedTokens() {
		size = max(size, int(min(id, mostTokens))+1)
	}
	anchor, before, err := findAnchor(t, size)
	if err != nil {
		return nil, err
	}
	_, byteLevel := t.TokenToID(string(chars.ByteRune(' ')))
	v := &Vocabulary{bytes: make([][]byte, size)}
	for id := range int64(size) {
		token, ok := t.IDToToken(id)
		if !ok || t.IsSpecial(id) {
			continue
		}
		text, err := t.Decode([]int64{anchor, id}, true)
		if err != nil {
			return nil, err
		}
		piece, ok := strings.CutPrefix(text, before)
		if ok && piece != "" && !strings.ContainsRune(piece, utf8.RuneError) {
			v.bytes[id] = []byte(piece)
			continue
		}
		v.bytes[id] = part(token, byteLevel)
	}
	return v, nil
}

// findAnchor returns a token that stands alone as a letter or digit: what another token decodes to
// behind it is what it adds to a text.
func findAnchor(t *tokenizer.Tokenizer, size int) (id int64, text string, err error) {
	for id := range int64(size) {
		token, ok := t.IDToToken(id)
		if !ok || len(token) != 1 || t.IsSpecial(id) || !plain(token[0]) {
			continue
		}
		if text, err := t.Decode([]int64{id}, true); err == nil && text == token {
			return id, text, nil
		}
	}
	return 0, "", errors.New("constrain: the vocabulary has no token that is a letter or digit")
}

// plain says whether a byte is an ASCII letter or digit.
func plain(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z'
}

// part returns the bytes of a token that is no text by itself: a part of a rune.
func part(token string, byteLevel bool) []byte {
	if hex, ok := strings.CutPrefix(token, "<0x"); ok && len(hex) == 3 && hex[2] == '>' {
		if b, err := strconv.ParseUint(hex[:2], 16, 8); err == nil {
			return []byte{byte(b)}
		}
	}
	if byteLevel {
		if b, ok := chars.Bytes(nil, token); ok && len(b) > 0 {
			return b
		}
	}
	return nil
}
