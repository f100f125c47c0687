package chars

import (
	"cmp"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Script returns the name of the script of r, or "" for one that goes with any: a space,
// and characters that the reference does not know. Kana count as Han.
func Script(r rune) string {
	switch {
	case r == ' ':
		return ""
	case r == 0x30fc:
		return "Han"
	case r == 0x589, r == 0x61c:
		return "Common"
	case r == 0x953, r == 0x954:
		return "Devanagari"
	case r < utf8.RuneSelf:
		if 'a' <= r|0x20 && r|0x20 <= 'z' {
			return "Latin"
		}
		return "Common"
	}
	if unicode.Is(scriptless, r) {
		return ""
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
