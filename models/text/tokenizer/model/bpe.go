package model

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/seed6700ada1/infer/models/text/tokenizer/chars"
	"github.com/seed6700ada1/infer/models/text/tokenizer/schema"
)

// BPE is byte-pair encoding: a word is the sequence of its characters, and pairs of
// neighbours are merged, the pair that was learned first before all others, until no
// pair is known.
type BPE struct {
	vocabulary
	merges pairs
	cfg    BPEConfig

	unknown  int32      // id of the unknown token, or -1
	fallback [256]int32 // ids of <0x00> … <0xFF>, or -1
	asciiID  [128]int32 // ids of single characters, or -1
	raw      bool       // words are bytes, not characters of the byte-level alphabet
	rawID    [256]int32 // ids of single bytes, or -1
	rawWords map[string]int32
	boundary rune // no merge joins this rune to what stands before it, or -1
	runs     sync.Pool
}

// BPEConfig holds what a BPE model knows besides its vocabulary and merges.
type BPEConfig struct {
	Unknown      string // token for characters that are not in the vocabulary, or ""
	Prefix       string // before every character but the first, in the vocabulary
	Suffix       string // behind the last character, in the vocabulary
	FuseUnknown  bool   // unknown characters side by side are one token
	ByteFallback bool   // unknown characters are written as bytes, <0x…>
	IgnoreMerges bool   // a word that is in the vocabulary is taken whole
}

// NewBPE returns the model of a vocabulary, token to id, and merges in the order in
// which they were learned. The error says which merge names a token that is not in the
// vocabulary.
func NewBPE(ids map[string]int32, merges [][2]string, cfg BPEConfig) (*BPE, error) {
	m := &BPE{vocabulary: newVocabulary(ids), cfg: cfg, unknown: -1}
	m.merges = newPairs(len(merges))
	for rank, merge := range merges {
		if len(merge[1]) < len(cfg.Prefix) {
			return nil, fmt.Errorf("merges[%d]: %q is shorter than the prefix %q", rank, merge[1], cfg.Prefix)
		}
		var found [3]int32
		for i, token := range []string{merge[0], merge[1], merge[0] + merge[1][len(cfg.Prefix):]} {
			id, ok := ids[token]
			if !ok {
				return nil, fmt.Errorf("merges[%d] joins %q and %q, and %q is not in the vocabulary", rank, merge[0], merge[1], token)
			}
			found[i] = id
		}
		m.merges.set(found[0], found[1], merged{int32(rank), found[2]})
	}
	if id, ok := ids[cfg.Unknown]; ok && cfg.Unknown != "" {
		m.unknown = id
	}
	for c := range m.fallback {
		m.fallback[c] = m.id(fmt.Sprintf("<0x%02X>", c))
		m.rawID[c] = m.id(string(chars.ByteRune(byte(c))))
	}
	for c := range m.asciiID {
		m.asciiID[c] = m.id(string(rune(c)))
	}
	m.boundary = m.findBoundary(merges)
	m.runs.New = func() any { return &bpeRun{m: m} }
	return m, nil
}

// id returns the id of token, or -1.
func (m *BPE) id(token string) int32 {
	if id, ok := m.ids[token]; ok {
		return id
	}
	return -1
}

// metaspace is what SentencePiece writes for a space.
const metaspace = '▁'

// findBoundary returns a rune before which a word can be cut without a change to its
// tokens, or -1. Models in the manner of SentencePiece take a whole text for one word;
// cut before each space, most of it is found in the cache. That is right where no
// merge joins anything but spaces to a space behind it, and where a space is a token
// itself, so that no unknown character reaches across.
func (m *BPE) findBoundary(merges [][2]string) rune {
	if m.cfg.Prefix != "" || m.cfg.Suffix != "" || m.id(string(metaspace)) < 0 {
		return -1
	}
	for _, merge := range merges {
		if strings.HasPrefix(merge[1], string(metaspace)) && !strings.HasSuffix(merge[0], string(metaspace)) {
			return -1
		}
	}
	return metaspace
}

// TakeBytes makes the model take words as bytes rather than as characters of the
// byte-level alphabet, which is the same and costs less; ok is false where the model's
// vocabulary does not allow it. It must be called before the model is used.
func (m *BPE) TakeBytes() (ok bool) {
	if m.cfg.Prefix != "" || m.cfg.Suffix != "" {
		return false
	}
	if m.cfg.Unknown != "" || m.cfg.ByteFallback {
		if slices.Contains(m.rawID[:], -1) {
			return false
		}
	}
	m.raw, m.boundary = true, -1
	if m.cfg.IgnoreMerges {
		m.rawWords = make(map[string]int32, len(m.ids))
		for token, id := range m.ids {
			if b, ok := chars.Bytes(nil, token); ok {
				m.rawWords[string(b)] = id
			}
		}
	}
	return true
}

// parseBPE reads a model of the type "BPE".
func parseBPE(o *schema.Object) (Model, error) {
	v, err := readVocabulary(o)
	if err != nil {
		return nil, err
	}
	merges, err := parseMerges(o)
	if err != nil {
		return nil, err
	}
	cfg := BPEConfig{
		Unknown: o.StringOr("unk_token", ""), Prefix: o.StringOr("continuing_subword_prefix", ""),
		Suffix: o.StringOr("end_of_word_suffix", ""), FuseUnknown: o.BoolOr("fuse_unk", false),
		ByteFallback: o.BoolOr("byte_fallback", false), IgnoreMerges: o.BoolOr("ignore_merges", false),
	}
	if o.Err() != nil {
		return nil, o.Err()
	}
	m, err := NewBPE(v.ids, merges, cfg)
	if err != nil {
		return nil, fmt.Errorf("%s.%w", o.Path, err)
	}
	return m, nil
}

// parseMerges reads the field "merges": pairs, or, in older files, strings of two
// tokens with a space between them.
func parseMerges(o *schema.Object) ([][2]string, error) {
	var pairs [][]string
	if raw, _ := o.Raw("merges"); raw != nil && json.Unmarshal(raw, &pairs) == nil {
		merges := make([][2]string, len(pairs))
		for i, p := range pairs {
			if len(p) != 2 {
				o.Failf("merges", "merges[%d] has %d parts, want 2", i, len(p))
				return nil, o.Err()
			}
			merges[i] = [2]string(p)
		}
		return merges, nil
	}
	var lines []string
	o.Read("merges", "a list of pairs of tokens", &lines)
	if o.Err() != nil {
		return nil, o.Err()
	}
	merges, err := SplitMerges(lines)
	if err != nil {
		return nil, fmt.Errorf("%s.%w", o.Path, err)
	}
	return merges, nil
}

// SplitMerges reads merges as older files have them, two tokens a line with a space
// between them. Lines that tell the version are no merges.
func SplitMerges(lines []string) ([][2]string, error) {
	merges := make([][2]string, 0, len(lines))
	for i, line := range lines {
		if strings.HasPrefix(line, "#version") {
			continue
		}
		a, b, ok := strings.Cut(line, " ")
		if !ok || strings.Contains(b, " ") {
			return nil, fmt.Errorf("merges[%d]: %q is not two tokens with one space between them", i, line)
		}
		merges = append(merges, [2]string{a, b})
	}
	return merges, nil
}

// Begin implements [Model].
func (m *BPE) Begin() Run { return m.runs.Get().(*bpeRun) }

// bpeRun is the state of a [BPE] model at work.
type bpeRun struct {
	m     *BPE
	cache cache
	word  wordBuffer
	key   []byte
}

// maxKept is the most symbols that a run keeps room for.
const maxKept = 1 << 12

// End implements [Run].
func (r *bpeRun) End() {
	if cap(r.word.symbols) > maxKept {
		r.word = wordBuffer{}
	}
	r.m.runs.Put(r)
}

// Tokenize implements [Run].
func (r *bpeRun) Tokenize(dst []Token, word []byte) ([]Token, error) {
	m := r.m
	if m.cfg.IgnoreMerges {
		ids := m.ids
		if m.raw {
			ids = m.rawWords
		}
		if id, ok := ids[string(word)]; ok {
			return append(dst, Token{ID: id, End: int32(len(word))}), nil
		}
	}
	if m.boundary < 0 {
		return r.part(dst, word, 0)
	}
	at := int32(0) // where the tokens so far end: behind word[:i], less what was dropped
	for i := 0; i < len(word); {
		j := m.cut(word, i)
		n := len(dst)
		var err error
		if dst, err = r.part(dst, word[i:j], at); err != nil {
			return dst, err
		}
		if len(dst) > n {
			at = dst[len(dst)-1].End
		}
		i = j
	}
	return dst, nil
}

// cut returns the end of the part of word that begins at i: spaces, and what follows
// up to the next space.
func (m *BPE) cut(word []byte, i int) int {
	const space = string(metaspace)
	for strings.HasPrefix(string(word[i:min(i+len(space), len(word))]), space) {
		i += len(space)
	}
	for ; i < len(word); i++ {
		if word[i] == space[0] && i+len(space) <= len(word) && string(word[i:i+len(space)]) == space {
			return i
		}
	}
	return i
}

// part appends the tokens of word, which begin at the offset at.
func (r *bpeRun) part(dst []Token, word []byte, at int32) ([]Token, error) {
	n := len(dst)
	if len(word) > maxCached {
		dst, err := r.merge(dst, word)
		return shift(dst, n, at), err
	}
	tokens, hash, ok := r.cache.find(word)
	if ok {
		return shift(append(dst, tokens...), n, at), nil
	}
	dst, err := r.merge(dst, word)
	if err != nil {
		return dst, err
	}
	r.cache.add(hash, word, dst[n:])
	return shift(dst, n, at), nil
}

// shift moves the tokens from the nth by at.
func shift(tokens []Token, n int, at int32) []Token {
	if at != 0 {
		for i := n; i < len(tokens); i++ {
			tokens[i].Start += at
			tokens[i].End += at
		}
	}
	return tokens
}

// merge appends the tokens of word by merging its characters.
func (r *bpeRun) merge(dst []Token, word []byte) ([]Token, error) {
	r.word.symbols = r.word.symbols[:0]
	var err error
	if r.m.raw {
		for _, c := range word {
			if id := r.m.rawID[c]; id >= 0 {
				r.word.add(id, 1)
			}
		}
	} else {
		err = r.characters(word)
	}
	if err != nil {
		return dst, err
	}
	r.word.merge(&r.m.merges)
	at := int32(0)
	for _, s := range r.word.symbols {
		if s.size == 0 {
			continue
		}
		dst = append(dst, Token{ID: s.id, Start: at, End: at + s.size})
		at += s.size
	}
	return dst, nil
}

// characters makes the characters of word the symbols that are to be merged. One that
// is not in the vocabulary becomes its bytes, or the unknown token, or nothing.
func (r *bpeRun) characters(word []byte) error {
	m := r.m
	unknown := int32(0) // bytes of unknown characters that wait to be one token
	for i := 0; i < len(word); {
		n := 1
		if word[i] >= utf8.RuneSelf {
			_, n = utf8.DecodeRune(word[i:])
		}
		id, size := r.character(word, i, i+n)
		switch {
		case id >= 0:
			if unknown > 0 {
				r.word.add(m.unknown, unknown)
				unknown = 0
			}
			r.word.add(id, int32(n))
		case m.cfg.ByteFallback && r.bytes():
		case m.cfg.Unknown == "":
		case m.unknown < 0:
			return unknownError(m.cfg.Unknown)
		case m.cfg.FuseUnknown:
			unknown += size
		default:
			if unknown > 0 {
				r.word.add(m.unknown, unknown)
			}
			unknown = size
		}
		i += n
	}
	if unknown > 0 {
		r.word.add(m.unknown, unknown)
	}
	return nil
}

// character returns the id of the character word[i:j], or -1, and the size it counts
// for. It leaves the character as the vocabulary has it in r.key.
func (r *bpeRun) character(word []byte, i, j int) (id, size int32) {
	m := r.m
	if m.cfg.Prefix == "" && m.cfg.Suffix == "" {
		r.key = append(r.key[:0], word[i:j]...)
		if c := word[i]; c < utf8.RuneSelf {
			return m.asciiID[c], 1
		}
	} else {
		r.key = r.key[:0]
		if i > 0 {
			r.key = append(r.key, m.cfg.Prefix...)
		}
		r.key = append(r.key, word[i:j]...)
		if j == len(word) {
			r.key = append(r.key, m.cfg.Suffix...)
		}
	}
	if id, ok := m.ids[string(r.key)]; ok {
		return id, int32(j - i)
	}
	return -1, int32(j - i)
}

// bytes adds the bytes of r.key as symbols, if the vocabulary has them all.
func (r *bpeRun) bytes() bool {
	for _, c := range r.key {
		if r.m.fallback[c] < 0 {
			return false
		}
	}
	for _, c := range r.key {
		r.word.add(r.m.fallback[c], 1)
	}
	return true
}
