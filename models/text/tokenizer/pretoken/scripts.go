package pretoken

import (
	"cmp"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/seed6700ada1/infer/models/text/tokenizer/aligned"
)

// UnicodeScripts cuts where the script changes. Kana count as Han, spaces go with what
// stands before them, and spaces at the front are dropped, as in SentencePiece.
type UnicodeScripts struct{}

// Split implements [Splitter].
func (UnicodeScripts) Split(t aligned.Text, emit Emit) error {
	start, last := -1, ""
	for i := 0; i < len(t.Bytes); {
		r, n := utf8.DecodeRune(t.Bytes[i:])
		if s := script(r); s != "" && s != last {
			if start >= 0 {
				if err := emit(t.Slice(start, i)); err != nil {
					return err
				}
			}
			start, last = i, s
		}
		i += n
	}
	if start < 0 {
		return nil
	}
	return emit(t.Slice(start, len(t.Bytes)))
}

// script returns the name of the script of r, or "" for one that goes with any.
func script(r rune) string {
	switch {
	case r == ' ':
		return ""
	case r == 0x30fc:
		return "Han"
	case r < utf8.RuneSelf:
		if 'a' <= r|0x20 && r|0x20 <= 'z' {
			return "Latin"
		}
		return "Common"
	}
	ranges := scriptRanges()
	i, found := slices.BinarySearchFunc(ranges, r, func(s scriptRange, r rune) int {
		if s.hi < r {
			return -1
		}
		if s.lo > r {
			return 1
		}
		return 0
	})
	if !found {
		return ""
	}
	return ranges[i].name
}

type scriptRange struct {
	lo, hi rune
	name   string
}

// scriptRanges lists the scripts by code point.
var scriptRanges = sync.OnceValue(func() []scriptRange {
	var list []scriptRange
	add := func(name string, lo, hi, stride rune) {
		if stride == 1 {
			list = append(list, scriptRange{lo, hi, name})
			return
		}
		for r := lo; r <= hi; r += stride {
			list = append(list, scriptRange{r, r, name})
		}
	}
	for name, table := range unicode.Scripts {
		if name == "Hiragana" || name == "Katakana" {
			name = "Han"
		}
		for _, r := range table.R16 {
			add(name, rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
		for _, r := range table.R32 {
			add(name, rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
	}
	slices.SortFunc(list, func(a, b scriptRange) int { return cmp.Compare(a.lo, b.lo) })
	return list
})
