package pattern

import (
	"unicode/utf8"

	"github.com/seed6700ada1/infer/models/text/tokenizer/chars"
)

// A scanner returns the end of the match that starts at text[i]. The expressions that
// have one match a non-empty piece at every place.
type scanner func(text []byte, i int) int

// Expressions with a scanner.
const (
	// GPT2 is the expression of GPT-2 and of all that took over its byte-level BPE.
	GPT2 = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
	// CL100K is the expression of GPT-4's encoding cl100k_base, as tiktoken has it.
	CL100K = `'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s`

	llama3 = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	qwen2  = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
)

// scanners returns the scanner of expr, or nil.
func scanners(expr string) scanner {
	switch expr {
	case GPT2:
		return ScanGPT2
	case CL100K:
		return gpt4{digits: 3, tail: true}.scan
	case llama3:
		return gpt4{digits: 3}.scan
	case qwen2:
		return gpt4{digits: 1}.scan
	}
	return nil
}

// class is what the scanned expressions tell apart.
type class uint8

const (
	other class = iota
	letter
	number
	space
)

// ascii holds the classes of the first 128 code points.
var ascii = func() (t [utf8.RuneSelf]class) {
	for r := range rune(utf8.RuneSelf) {
		t[r] = classOf(r)
	}
	return t
}()

func classOf(r rune) class {
	switch {
	case chars.Letter(r):
		return letter
	case chars.Number(r):
		return number
	case chars.Space(r):
		return space
	}
	return other
}

// at returns the class and length of the rune at text[i].
func at(text []byte, i int) (class, int) {
	if c := text[i]; c < utf8.RuneSelf {
		return ascii[c], 1
	}
	r, n := utf8.DecodeRune(text[i:])
	return classOf(r), n
}

// run returns the end of the run of class c that goes on at text[i].
func run(text []byte, i int, c class) int {
	for i < len(text) {
		k, n := at(text, i)
		if k != c {
			break
		}
		i += n
	}
	return i
}

// ScanGPT2 returns the end of the match of [GPT2] that starts at text[i].
func ScanGPT2(text []byte, i int) int {
	if text[i] == '\'' {
		if n := contraction(text[i+1:], false); n > 0 {
			return i + 1 + n
		}
	}
	c, n := at(text, i)
	if text[i] == ' ' && i+1 < len(text) {
		if next, m := at(text, i+1); next != space {
			return run(text, i+1+m, next)
		}
	}
	if c == space {
		return blanks(text, i, run(text, i+n, space))
	}
	return run(text, i+n, c)
}

// gpt4 scans the expressions that came with GPT-4: words take one character that
// stands before them, numbers are cut short, line ends stay with what precedes them.
type gpt4 struct {
	digits int  // the most digits in a piece
	tail   bool // white space at the end of the text is one piece, line ends or not
}

func (g gpt4) scan(text []byte, i int) int {
	if text[i] == '\'' {
		if n := contraction(text[i+1:], true); n > 0 {
			return i + 1 + n
		}
	}
	c, n := at(text, i)
	switch c { //nolint:exhaustive // the other two classes take the rules below
	case letter:
		return run(text, i+n, letter)
	case number:
		for k := 1; k < g.digits && i+n < len(text); k++ {
			next, m := at(text, i+n)
			if next != number {
				break
			}
			n += m
		}
		return i + n
	}
	if i+n < len(text) {
		next, m := at(text, i+n)
		if next == letter && text[i] != '\r' && text[i] != '\n' {
			return run(text, i+n+m, letter)
		}
		if text[i] == ' ' && next == other {
			return lineEnds(text, run(text, i+n+m, other))
		}
	}
	if c == other {
		return lineEnds(text, run(text, i+n, other))
	}
	end := run(text, i+n, space)
	if g.tail && end == len(text) {
		return end
	}
	for k := end; k > i; k-- {
		if text[k-1] == '\n' || text[k-1] == '\r' {
			return k
		}
	}
	return blanks(text, i, end)
}

// lineEnds returns the end of the carriage returns and line feeds at text[i].
func lineEnds(text []byte, i int) int {
	for i < len(text) && (text[i] == '\r' || text[i] == '\n') {
		i++
	}
	return i
}

// blanks cuts the white space text[i:end]: its last character is left to the word
// behind it, unless it is alone or nothing follows.
func blanks(text []byte, i, end int) int {
	if end == len(text) {
		return end
	}
	_, n := utf8.DecodeLastRune(text[i:end])
	if end-n > i {
		return end - n
	}
	return end
}

// contraction returns the length of the English ending that text, which stands behind
// an apostrophe, begins with: s, t, m, d, re, ve or ll.
func contraction(text []byte, fold bool) int {
	if len(text) == 0 {
		return 0
	}
	a, b := text[0], byte(0)
	if len(text) > 1 {
		b = text[1]
	}
	if fold {
		if a == 0xc5 && b == 0xbf { // U+017F, which folds to s
			return 2
		}
		a, b = a|0x20, b|0x20
	}
	switch {
	case a == 's', a == 't', a == 'm', a == 'd':
		return 1
	case a == 'r' && b == 'e', a == 'v' && b == 'e', a == 'l' && b == 'l':
		return 2
	}
	return 0
}
