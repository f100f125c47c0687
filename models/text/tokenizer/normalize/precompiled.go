package normalize

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"github.com/seed6700ada1/infer/models/text/tokenizer/aligned"
)

// Precompiled is a replacement table of SentencePiece: a double-array trie from
// sequences of characters to what they become. Sets such as nmt_nfkc are built into
// models this way.
type Precompiled struct {
	trie    []uint32
	strings string // what sequences become, each ended by a zero byte
	ascii   [utf8.RuneSelf]*string
}

// NewPrecompiled returns the table that charsmap holds: the length of the trie in bytes
// and the trie, little-endian, and then the strings.
func NewPrecompiled(charsmap []byte) (*Precompiled, error) {
	if len(charsmap) < 4 {
		return nil, errors.New("want the length of a trie in 4 bytes, and the trie")
	}
	size := int64(binary.LittleEndian.Uint32(charsmap))
	rest := charsmap[4:]
	if size > int64(len(rest)) || size < 4 {
		return nil, fmt.Errorf("the trie is said to have %d bytes, %d follow", size, len(rest))
	}
	n := int(size / 4)
	p := &Precompiled{trie: make([]uint32, n), strings: string(rest[n*4:])}
	for i := range p.trie {
		p.trie[i] = binary.LittleEndian.Uint32(rest[i*4:])
	}
	if !utf8.ValidString(p.strings) {
		return nil, errors.New("the strings behind the trie are not UTF-8")
	}
	for c := range p.ascii {
		if s, ok := p.find([]byte{byte(c)}); ok {
			p.ascii[c] = &s
		}
	}
	return p, nil
}

// find returns what the shortest entry that text begins with becomes. (Not the
// longest: SentencePiece's own table is read that way by what models were used with.)
func (p *Precompiled) find(text []byte) (string, bool) {
	pos := offset(p.trie[0])
	for _, c := range text {
		if c == 0 {
			break
		}
		pos ^= uint32(c)
		if int(pos) >= len(p.trie) {
			return "", false
		}
		unit := p.trie[pos]
		if unit&(1<<31|0xff) != uint32(c) {
			return "", false
		}
		pos ^= offset(unit)
		if unit>>8&1 == 0 { // no entry ends here
			continue
		}
		if int(pos) >= len(p.trie) {
			return "", false
		}
		return p.at(p.trie[pos] &^ (1 << 31))
	}
	return "", false
}

// offset returns how far from a unit of the trie its children stand.
func offset(unit uint32) uint32 { return unit >> 10 << (unit & (1 << 9) >> 6) }

// at returns the string that begins at i.
func (p *Precompiled) at(i uint32) (string, bool) {
	if int(i) > len(p.strings) {
		return "", false
	}
	s := p.strings[i:]
	if !utf8.RuneStart((s + "\x00")[0]) {
		return "", false
	}
	for n := range len(s) {
		if s[n] == 0 {
			return s[:n], true
		}
	}
	return s, true
}

// maxCluster is the length in bytes from which a grapheme cluster is not looked up as
// a whole.
const maxCluster = 6

// Normalize implements [Normalizer]: it looks up short grapheme clusters, and single
// characters where that finds nothing.
func (p *Precompiled) Normalize(t aligned.Text) (aligned.Text, error) {
	out := held{edits: edits{aligned.Edit(t)}}
	clusters := graphemes.FromBytes(nil)
	for b := t.Bytes; len(b) > 0; {
		if c := b[0]; c < utf8.RuneSelf && (len(b) == 1 || b[1] < utf8.RuneSelf && !(c == '\r' && b[1] == '\n')) {
			if s := p.ascii[c]; s != nil {
				out.replace(b[:1], *s)
			} else {
				out.put(rune(c), 0)
			}
			b = b[1:]
			continue
		}
		clusters.SetText(b)
		cluster := clusters.First()
		p.cluster(&out, cluster)
		b = b[len(cluster):]
	}
	out.flush()
	return out.e.Done(), nil
}

// cluster writes what a grapheme cluster becomes.
func (p *Precompiled) cluster(out *held, cluster []byte) {
	if len(cluster) < maxCluster {
		if s, ok := p.find(cluster); ok {
			out.replace(cluster, s)
			return
		}
	}
	for len(cluster) > 0 {
		r, n := utf8.DecodeRune(cluster)
		if s, ok := p.find(cluster[:n]); ok {
			out.replace(cluster[:n], s)
		} else {
			out.put(r, 0)
		}
		cluster = cluster[n:]
	}
}

// held applies changes one behind, because a replacement by nothing is noted in the
// change before it.
type held struct {
	edits
	r      rune
	change change
	full   bool
}

func (h *held) put(r rune, c change) {
	h.flush()
	h.r, h.change, h.full = r, c, true
}

func (h *held) flush() {
	if h.full {
		h.apply(h.r, h.change)
		h.full = false
	}
}

// replace writes s in place of old, which comes next. Characters replace each other
// one by one; those that s has more stand with the last of old, and those that it has
// less go with the last of s.
//
// Where s is empty, they go with the last character before. Where there is none, the
// reference forgets them, and what follows stands that many characters early; so it
// does here, since tokens are compared by their offsets.
func (h *held) replace(old []byte, s string) {
	left := utf8.RuneCountInString(s)
	more := left - utf8.RuneCount(old)
	for _, r := range s {
		if more > 0 && left <= more {
			h.put(r, 1)
		} else {
			h.put(r, 0)
		}
		left--
	}
	if more < 0 && h.full {
		h.change += change(more)
	}
}
