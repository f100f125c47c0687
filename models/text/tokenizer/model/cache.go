package model

import "hash/maphash"

// Sizes of a cache. A slot is found by the hash of a word, and holds the word that came
// last; text repeats its words so much that more is not worth its memory.
const (
	cacheSlots   = 1 << 14
	maxCached    = 48      // bytes of the longest word that is kept
	maxCacheText = 1 << 20 // bytes of all words, before the cache starts anew
)

// cache remembers the tokens of words. The zero cache is empty.
type cache struct {
	seed   maphash.Seed
	slots  []cacheSlot
	text   []byte
	tokens []Token
}

type cacheSlot struct {
	hash   uint32
	word   uint32 // where it begins in text
	tokens uint32 // where they begin in tokens
	length uint16 // of the word, 0 where the slot is empty
	count  uint16 // of the tokens
}

// find returns the tokens of word, if they are known, and the hash to add them by.
func (c *cache) find(word []byte) (tokens []Token, hash uint64, ok bool) {
	if c.slots == nil {
		c.seed = maphash.MakeSeed()
		c.slots = make([]cacheSlot, cacheSlots)
	}
	hash = maphash.Bytes(c.seed, word)
	s := &c.slots[hash%cacheSlots]
	if int(s.length) != len(word) || s.hash != uint32(hash>>32) || string(c.text[s.word:][:s.length]) != string(word) {
		return nil, hash, false
	}
	return c.tokens[s.tokens:][:s.count], hash, true
}

// add notes the tokens of word.
func (c *cache) add(hash uint64, word []byte, tokens []Token) {
	if len(c.text)+len(word) > maxCacheText {
		clear(c.slots)
		c.text, c.tokens = c.text[:0], c.tokens[:0]
	}
	c.slots[hash%cacheSlots] = cacheSlot{
		hash: uint32(hash >> 32), word: uint32(len(c.text)), tokens: uint32(len(c.tokens)),
		length: uint16(len(word)), count: uint16(len(tokens)),
	}
	c.text = append(c.text, word...)
	c.tokens = append(c.tokens, tokens...)
}
