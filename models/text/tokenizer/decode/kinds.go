package decode

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/seed6700ada1/infer/models/text/tokenizer/chars"
	"github.com/seed6700ada1/infer/models/text/tokenizer/pattern"
)

// ByteLevel reads GPT-2's alphabet as bytes. A token with other characters stands for
// itself, and bytes that are not UTF-8 become U+FFFD.
type ByteLevel struct{}

// Decode implements [Decoder].
func (ByteLevel) Decode(tokens []string) ([]string, error) {
	var text []byte
	for _, token := range tokens {
		var ok bool
		if text, ok = chars.Bytes(text, token); !ok {
			text = append(text, token...)
		}
	}
	return []string{ValidUTF8(text)}, nil
}

// ValidUTF8 returns text with U+FFFD in place of each sequence of bytes that begins a
// character and does not end it, and of each other byte that belongs to none (the
// practice of Unicode's chapter 3.9, where Go replaces byte by byte).
func ValidUTF8(text []byte) string {
	if utf8.Valid(text) {
		return string(text)
	}
	var out strings.Builder
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r != utf8.RuneError || n > 1 {
			out.Write(text[:n])
			text = text[n:]
			continue
		}
		out.WriteRune(utf8.RuneError)
		text = text[brokenRune(text):]
	}
	return out.String()
}

// brokenRune returns how many bytes at the front of text begin one character.
func brokenRune(text []byte) int {
	lo, hi, want := byte(0x80), byte(0xbf), 0
	switch c := text[0]; {
	case 0xc2 <= c && c <= 0xdf:
		want = 1
	case 0xe0 <= c && c <= 0xef:
		want = 2
		if c == 0xe0 {
			lo = 0xa0
		} else if c == 0xed {
			hi = 0x9f
		}
	case 0xf0 <= c && c <= 0xf4:
		want = 3
		if c == 0xf0 {
			lo = 0x90
		} else if c == 0xf4 {
			hi = 0x8f
		}
	}
	n := 1
	for n <= want && n < len(text) && lo <= text[n] && text[n] <= hi {
		lo, hi = 0x80, 0xbf
		n++
	}
	return n
}

// ByteFallback reads tokens <0x00> … <0xFF> as bytes. A run of them that is not UTF-8
// becomes one U+FFFD a byte.
type ByteFallback struct{}

// Decode implements [Decoder].
func (ByteFallback) Decode(tokens []string) ([]string, error) {
	out := make([]string, 0, len(tokens))
	var run []byte
	flush := func() {
		switch {
		case len(run) == 0:
		case utf8.Valid(run):
			out = append(out, string(run))
		default:
			for range run {
				out = append(out, string(utf8.RuneError))
			}
		}
		run = run[:0]
	}
	for _, token := range tokens {
		if b, ok := fallbackByte(token); ok {
			run = append(run, b)
			continue
		}
		flush()
		out = append(out, token)
	}
	flush()
	return out, nil
}

// fallbackByte returns the byte that a token <0x…> stands for.
func fallbackByte(token string) (byte, bool) {
	if len(token) != 6 || token[:3] != "<0x" || token[5] != '>' {
		return 0, false
	}
	b, err := strconv.ParseUint(token[3:5], 16, 8)
	return byte(b), err == nil
}

// WordPiece sets words apart by spaces and joins what carries the prefix.
type WordPiece struct {
	Prefix  string
	Cleanup bool // undo the spaces before punctuation and in English contractions
}

// Decode implements [Decoder].
func (d WordPiece) Decode(tokens []string) ([]string, error) {
	for i, token := range tokens {
		if i > 0 {
			rest, ok := strings.CutPrefix(token, d.Prefix)
			if !ok {
				rest = " " + token
			}
			token = rest
		}
		if d.Cleanup {
			token = cleanup(token)
		}
		tokens[i] = token
	}
	return tokens, nil
}

// cleanup takes out the spaces that cutting put between words and signs. The order of
// the replacements is part of the result.
func cleanup(s string) string {
	for _, pair := range [...][2]string{
		{" .", "."},
		{" ?", "?"},
		{" !", "!"},
		{" ,", ","},
		{" ' ", "'"},
		{" n't", "n't"},
		{" 'm", "'m"},
		{" do not", " don't"},
		{" 's", "'s"},
		{" 've", "'ve"},
		{" 're", "'re"},
	} {
		s = strings.ReplaceAll(s, pair[0], pair[1])
	}
	return s
}

// BPE reads the suffix of a word's last token as a space.
type BPE struct{ Suffix string }

// Decode implements [Decoder].
func (d BPE) Decode(tokens []string) ([]string, error) {
	for i, token := range tokens {
		space := " "
		if i == len(tokens)-1 {
			space = ""
		}
		tokens[i] = strings.ReplaceAll(token, d.Suffix, space)
	}
	return tokens, nil
}

// CTC reads the output of connectionist temporal classification: what is repeated
// counts once, and padding not at all.
type CTC struct {
	Pad, WordDelimiter string
	Cleanup            bool
}

// Decode implements [Decoder].
func (d CTC) Decode(tokens []string) ([]string, error) {
	out := make([]string, 0, len(tokens))
	for i, token := range tokens {
		if i > 0 && token == tokens[i-1] {
			continue
		}
		token = strings.ReplaceAll(token, d.Pad, "")
		if d.Cleanup {
			token = strings.ReplaceAll(cleanup(token), d.WordDelimiter, " ")
		}
		if token != "" {
			out = append(out, token)
		}
	}
	return out, nil
}

// Metaspace reads SentencePiece's character for a space, which is none at the front of
// the text.
type Metaspace struct {
	Replacement rune
	Keep        bool // it is a space at the front too
}

// Decode implements [Decoder].
func (d Metaspace) Decode(tokens []string) ([]string, error) {
	for i, token := range tokens {
		space := " "
		if i == 0 && !d.Keep {
			space = ""
		}
		tokens[i] = strings.ReplaceAll(token, string(d.Replacement), space)
	}
	return tokens, nil
}

// Replace writes Content in place of every match of Pattern.
type Replace struct {
	Pattern *pattern.Pattern
	Content string
}

// Decode implements [Decoder].
func (d *Replace) Decode(tokens []string) ([]string, error) {
	var out []byte
	for i, token := range tokens {
		out = out[:0]
		text := []byte(token)
		err := d.Pattern.Segments(text, func(start, end int, match bool) error {
			if match {
				out = append(out, d.Content...)
			} else {
				out = append(out, text[start:end]...)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		tokens[i] = string(out)
	}
	return tokens, nil
}

// Fuse joins all tokens to one.
type Fuse struct{}

// Decode implements [Decoder].
func (Fuse) Decode(tokens []string) ([]string, error) {
	return []string{strings.Join(tokens, "")}, nil
}

// Strip drops up to Start characters Content at the front of each token, and up to Stop
// at its end.
type Strip struct {
	Content     rune
	Start, Stop int
}

// Decode implements [Decoder].
func (d Strip) Decode(tokens []string) ([]string, error) {
	content := string(d.Content)
	for i, token := range tokens {
		for range min(d.Start, len(token)) {
			rest, ok := strings.CutPrefix(token, content)
			if !ok {
				break
			}
			token = rest
		}
		for range min(d.Stop, len(token)) {
			rest, ok := strings.CutSuffix(token, content)
			if !ok {
				break
			}
			token = rest
		}
		tokens[i] = token
	}
	return tokens, nil
}
