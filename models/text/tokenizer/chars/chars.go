// Package chars says what kind of character a rune is, in the words of tokenizers.
//
// Vocabularies were made with particular tables of the Unicode standard, and a token
// that starts one character early is another token. The functions here class every
// code point as Hugging Face tokenizers 0.22 does: its punctuation and marks are those
// of Unicode 8 and 9, its letters and numbers in regular expressions those of 16.
package chars

import "unicode"

// Space says whether r is white space (the Unicode property White_Space).
func Space(r rune) bool {
	if r < 0x80 {
		return r == ' ' || '\t' <= r && r <= '\r'
	}
	return unicode.IsSpace(r)
}

// Letter says whether r is a letter (L).
func Letter(r rune) bool {
	if r < 0x80 {
		return 'a' <= r|0x20 && r|0x20 <= 'z'
	}
	return unicode.IsLetter(r) || r >= 0x1c89 && unicode.Is(letters16, r)
}

// Number says whether r is a number (N: digits, letters such as Roman numerals, and
// fractions) to a regular expression.
func Number(r rune) bool {
	if r < 0x80 {
		return '0' <= r && r <= '9'
	}
	return unicode.IsNumber(r) || r >= 0x10d40 && unicode.Is(numbers16, r)
}

// Numeric says whether r is a number to the pre-tokenizer Digits, which knows those of
// Unicode 17.
func Numeric(r rune) bool {
	return Number(r) || r >= 0x10d40 && unicode.Is(numbers17, r)
}

// Word says whether r matches \w: letters, marks, decimal digits, connectors and
// joiners.
func Word(r rune) bool {
	if r < 0x80 {
		return 'a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9' || r == '_'
	}
	return unicode.IsLetter(r) || unicode.In(r, unicode.M, unicode.Nd, unicode.Nl, unicode.Pc, unicode.Other_Alphabetic) ||
		r == 0x200c || r == 0x200d || r >= 0x897 && unicode.Is(words16, r)
}

// Punctuation says whether r is punctuation: P, and the ASCII symbols too.
func Punctuation(r rune) bool {
	if r < 0x80 {
		return '!' <= r && r <= '/' || ':' <= r && r <= '@' || '[' <= r && r <= '`' || '{' <= r && r <= '~'
	}
	return unicode.Is(unicode.P, r) && !unicode.Is(newPunctuation, r) || unicode.Is(oldPunctuation, r)
}

// Control says whether r is a control, format or private-use character other than
// tab, line feed and carriage return.
func Control(r rune) bool {
	if r < 0x80 {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co) && !unicode.Is(newControl, r)
}

// Nonspacing says whether r is a nonspacing mark (Mn): an accent, once decomposed.
func Nonspacing(r rune) bool {
	if r < 0x300 {
		return false
	}
	return unicode.Is(unicode.Mn, r) && !unicode.Is(newNonspacing, r) || unicode.Is(oldNonspacing, r)
}

// Mark says whether r is a combining mark (M).
func Mark(r rune) bool {
	if r < 0x300 {
		return false
	}
	return unicode.Is(unicode.M, r) && !unicode.Is(newMark, r) || unicode.Is(oldMark, r)
}

// Han says whether r is an ideograph that BERT sets between spaces. Its ranges are
// the original's, with the gap it has at U+2B820.
func Han(r rune) bool {
	switch {
	case r < 0x3400:
		return false
	case r <= 0x4dbf, 0x4e00 <= r && r <= 0x9fff, 0xf900 <= r && r <= 0xfaff,
		0x20000 <= r && r <= 0x2a6df, 0x2a700 <= r && r <= 0x2b73f, 0x2b740 <= r && r <= 0x2b81f,
		0x2b920 <= r && r <= 0x2ceaf, 0x2f800 <= r && r <= 0x2fa1f:
		return true
	}
	return false
}

// Indivisible says whether r is kept whole by decomposition although Go's tables
// take it apart.
func Indivisible(r rune) bool { return r >= 0x32ff && unicode.Is(whole, r) }

// Lower returns the lower case of r. One character has two: U+0130, the capital I with
// a dot, whose second is U+0307; second is 0 for all others.
func Lower(r rune) (lower, second rune) {
	switch {
	case r < 0x80:
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r, 0
	case r == 0x130:
		return 'i', 0x307
	case r < 0x1c89:
		return unicode.ToLower(r), 0
	}
	return lower16(r), 0
}

// lower16 knows the cased letters that came with Unicode 16 and 17.
func lower16(r rune) rune {
	switch {
	case r == 0x1c89, r == 0xa7cc, r == 0xa7ce, r == 0xa7d2, r == 0xa7d4, r == 0xa7da:
		return r + 1
	case r == 0xa7cb:
		return 0x264
	case r == 0xa7dc:
		return 0x19b
	case 0x10d50 <= r && r <= 0x10d65:
		return r + 0x20
	case 0x16ea0 <= r && r <= 0x16eb8:
		return r + 0x1b
	}
	return unicode.ToLower(r)
}
