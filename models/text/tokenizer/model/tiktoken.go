package model

import "github.com/seed6700ada1/infer/models/text/tokenizer/chars"

// NewRankedBPE returns the byte-level model of a vocabulary in which a token's id tells
// when it was learned, as tiktoken has it: tokens are strings of bytes, and of the
// pairs of neighbours that make a token, the one with the lowest id is merged first.
// ok is false where a byte is not a token.
func NewRankedBPE(tokens map[string]int32) (m *BPE, ok bool) {
	ids := make(map[string]int32, len(tokens))
	total := 0
	for token, id := range tokens {
		ids[string(chars.AppendByteRunes(nil, []byte(token)))] = id
		total += max(len(token)-1, 0)
	}
	m, err := NewBPE(ids, nil, BPEConfig{IgnoreMerges: true})
	if err != nil || !m.TakeBytes() {
		return nil, false
	}
	for _, id := range m.rawID {
		if id < 0 {
			return nil, false
		}
	}
	type split struct{ a, b, whole int32 }
	splits := make([]split, 0, total)
	for token, id := range tokens {
		for i := 1; i < len(token); i++ {
			a, ok := tokens[token[:i]]
			if !ok {
				continue
			}
			if b, ok := tokens[token[i:]]; ok {
				splits = append(splits, split{a, b, id})
			}
		}
	}
	m.merges = newPairs(len(splits))
	for _, s := range splits {
		m.merges.set(s.a, s.b, merged{s.whole, s.whole})
	}
	return m, true
}
