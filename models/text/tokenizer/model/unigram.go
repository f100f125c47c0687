package model

import (
	"encoding/json"
	"fmt"
	"math"
	"sync"
	"unicode/utf8"

	"github.com/seed6700ada1/infer/models/text/tokenizer/schema"
)

// Unigram finds the most probable tokens of a text: each token has a log-probability,
// and the Viterbi algorithm finds the sequence with the largest sum.
type Unigram struct {
	vocabulary
	scores       []float64
	unknown      int32   // id of the unknown token, or -1
	unknownScore float64 // of a character that is no token
	fallback     [256]int32
	byteFallback bool
	entries      *trie
	runs         sync.Pool
}

// unknownPenalty is how much less probable than any token an unknown character is.
const unknownPenalty = 10

// Piece is a token and its log-probability.
type Piece struct {
	Token string
	Score float64
}

// NewUnigram returns the model of pieces, whose place in the list is their id. unknown
// is the id of the unknown token, or -1; byteFallback writes what is unknown as bytes.
func NewUnigram(pieces []Piece, unknown int, byteFallback bool) (*Unigram, error) {
	if unknown >= len(pieces) {
		return nil, fmt.Errorf("the unknown token is %d of %d", unknown, len(pieces))
	}
	m := &Unigram{unknown: int32(unknown), byteFallback: byteFallback, scores: make([]float64, len(pieces))}
	m.ids, m.tokens, m.known = make(map[string]int32, len(pieces)), make([]string, len(pieces)), make([]bool, len(pieces))
	least := math.Inf(1)
	for id, p := range pieces {
		m.ids[p.Token] = int32(id)
		m.tokens[id], m.known[id], m.scores[id] = p.Token, true, p.Score
		least = min(least, p.Score)
	}
	m.unknownScore = least - unknownPenalty
	list := make([]trieEntry, 0, len(m.ids))
	for _, token := range m.sortedTokens() {
		list = append(list, trieEntry{token, m.ids[token]})
	}
	m.entries = newTrie(list)
	for c := range m.fallback {
		m.fallback[c] = -1
		if id, ok := m.ids[fmt.Sprintf("<0x%02X>", c)]; ok {
			m.fallback[c] = id
		}
	}
	m.runs.New = func() any { return &unigramRun{m: m} }
	return m, nil
}

// parseUnigram reads a model of the type "Unigram".
func parseUnigram(o *schema.Object) (Model, error) {
	items, paths := o.List("vocab")
	unknown := -1
	if o.Has("unk_id") {
		unknown = o.Int("unk_id")
	}
	byteFallback := o.BoolOr("byte_fallback", false)
	if o.Err() != nil {
		return nil, o.Err()
	}
	pieces := make([]Piece, len(items))
	for i, item := range items {
		var score json.Number
		pair := []any{&pieces[i].Token, &score}
		err := json.Unmarshal(item, &pair)
		if err != nil || len(pair) != 2 || score == "" {
			return nil, schema.Describe(paths[i], "a token and its score", item, err)
		}
		if pieces[i].Score, err = parseScore(score.String()); err != nil {
			return nil, fmt.Errorf("%s: the score %s is not a number that can be held", paths[i], score)
		}
	}
	m, err := NewUnigram(pieces, unknown, byteFallback)
	if err != nil {
		return nil, fmt.Errorf("%s.unk_id: %w", o.Path, err)
	}
	return m, nil
}

// Size implements [Model].
func (m *Unigram) Size() int { return len(m.tokens) }

// Begin implements [Model].
func (m *Unigram) Begin() Run { return m.runs.Get().(*unigramRun) }

// unigramRun is the state of a [Unigram] model at work.
type unigramRun struct {
	m     *Unigram
	cache cache
	best  []bestPath
}

// bestPath is the best way to a place in the text: the last token of it.
type bestPath struct {
	score float64
	start int32 // of the token, or -1 where no way is known
	id    int32
}

// End implements [Run].
func (r *unigramRun) End() {
	if cap(r.best) > maxKept {
		r.best = nil
	}
	r.m.runs.Put(r)
}

// Tokenize implements [Run].
func (r *unigramRun) Tokenize(dst []Token, word []byte) ([]Token, error) {
	if len(word) > maxCached {
		return r.tokenize(dst, word)
	}
	tokens, hash, ok := r.cache.find(word)
	if ok {
		return append(dst, tokens...), nil
	}
	n := len(dst)
	dst, err := r.tokenize(dst, word)
	if err == nil {
		r.cache.add(hash, word, dst[n:])
	}
	return dst, err
}

func (r *unigramRun) tokenize(dst []Token, word []byte) ([]Token, error) {
	if err := r.viterbi(word); err != nil {
		return dst, err
	}
	n := len(dst)
	for end := int32(len(word)); end > 0; {
		b := r.best[end]
		dst = append(dst, Token{ID: b.id, Start: b.start, End: end})
		end = b.start
	}
	// Front to back, neighbours that are unknown as one, and those as bytes.
	path := dst[n:]
	for i, j := 0, len(path)-1; i < j; i, j = i+1, j-1 {
		path[i], path[j] = path[j], path[i]
	}
	return r.settle(dst, n, word), nil
}

// viterbi fills r.best for word.
func (r *unigramRun) viterbi(word []byte) error {
	m := r.m
	r.best = append(r.best[:0], make([]bestPath, len(word)+1)...)
	best := r.best
	for i := range best {
		best[i].start = -1
	}
	offer := func(start, end int, score float64, id int32) {
		if b := &best[end]; b.start < 0 || score > b.score {
			*b = bestPath{score, int32(start), id}
		}
	}
	for i := 0; i < len(word); {
		_, size := utf8.DecodeRune(word[i:])
		here, single := best[i].score, false
		node := int32(0)
		for j := i; j < len(word); j++ {
			if node = m.entries.child(node, word[j]); node == 0 {
				break
			}
			if id := m.entries.nodes[node].value; id >= 0 {
				offer(i, j+1, here+m.scores[id], id)
				single = single || j+1 == i+size
			}
		}
		if !single {
			if m.unknown < 0 {
				return errUnknown
			}
			offer(i, i+size, here+m.unknownScore, m.unknown)
		}
		i += size
	}
	return nil
}

// settle gives the tokens of word from the nth their final form.
func (r *unigramRun) settle(dst []Token, n int, word []byte) []Token {
	m := r.m
	path := dst[n:]
	plain := true
	for i := range path {
		plain = plain && path[i].ID != m.unknown
	}
	if plain {
		return dst
	}
	path = append([]Token(nil), path...)
	dst = dst[:n]
	for i := 0; i < len(path); i++ {
		t := path[i]
		if t.ID != m.unknown {
			dst = append(dst, t)
			continue
		}
		for i+1 < len(path) && path[i+1].ID == m.unknown {
			i++
			t.End = path[i].End
		}
		dst = m.appendUnknown(dst, t, word)
	}
	return dst
}

// appendUnknown appends the tokens of t, a part of word that no way leads through. It
// can be a token all the same: the unknown token's own text, or several characters that
// are one token which is less probable than they are.
func (m *Unigram) appendUnknown(dst []Token, t Token, word []byte) []Token {
	text := word[t.Start:t.End]
	if id, ok := m.ids[string(text)]; ok {
		t.ID = id
		return append(dst, t)
	}
	n := len(dst)
	for _, c := range text {
		if !m.byteFallback || m.fallback[c] < 0 {
			t.Surface = true
			return append(dst[:n], t)
		}
		t.ID = m.fallback[c]
		dst = append(dst, t)
	}
	return dst
}
