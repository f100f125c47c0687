// Package pattern finds the matches of a tokenizer's regular expressions.
//
// Tokenizers cut text with expressions in Oniguruma's dialect: classes by Unicode
// property, look-ahead, possessive quantifiers. A [Pattern] runs one of three ways:
//
//   - the expressions of GPT-2, GPT-4 (cl100k), Llama 3 and Qwen 2 by a scanner written
//     for them, which reads each byte about once;
//   - what the standard library's regexp can express, by it, in linear time;
//   - the rest (look-around, atomic groups, back-references) by a backtracking matcher,
//     under a time limit.
//
// All three are leftmost-first, as Oniguruma is.
package pattern

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// timeLimit ends a match that backtracks without end. It bounds one search, so it is
// far above what any text takes with a sane expression.
const timeLimit = 10 * time.Second

// Pattern is a compiled expression, or a literal. It is safe for concurrent use.
type Pattern struct {
	expr    string
	literal []byte
	scan    scanner
	linear  *regexp.Regexp
	slow    *regexp2.Regexp
}

// Literal returns a pattern that matches s itself. An empty s matches everywhere.
func Literal(s string) *Pattern {
	if s == "" {
		return &Pattern{linear: regexp.MustCompile("")}
	}
	return &Pattern{expr: s, literal: []byte(s)}
}

// Compile returns the pattern of an expression in Oniguruma's dialect.
func Compile(expr string) (*Pattern, error) {
	p := &Pattern{expr: expr}
	if p.scan = scanners(expr); p.scan != nil {
		return p, nil
	}
	t, err := translate(expr)
	if err != nil {
		return nil, fmt.Errorf("regular expression %q: %w", expr, err)
	}
	if !t.backtracks {
		if p.linear, err = regexp.Compile(t.out.String()); err == nil {
			return p, nil
		}
	}
	if p.slow, err = compileSlow(t.out.String()); err != nil {
		return nil, fmt.Errorf("regular expression %q: %w", expr, err)
	}
	p.slow.MatchTimeout = timeLimit
	return p, nil
}

// compileSlow compiles expr for the backtracking matcher.
func compileSlow(expr string) (re *regexp2.Regexp, err error) {
	defer func() { // the parser indexes past the end of some broken classes
		if r := recover(); r != nil {
			err = errors.New("cannot be parsed")
		}
	}()
	return regexp2.Compile(expr, regexp2.None)
}

// String returns the expression.
func (p *Pattern) String() string { return p.expr }

// Segments cuts text at the matches of p: it calls yield for every match and for
// everything between matches, in order. Where text is empty it yields it once. An
// error of yield ends it.
func (p *Pattern) Segments(text []byte, yield func(start, end int, match bool) error) error {
	if len(text) == 0 {
		return yield(0, 0, false)
	}
	prev := 0
	err := p.matches(text, func(start, end int) error {
		if prev != start {
			if err := yield(prev, start, false); err != nil {
				return err
			}
		}
		prev = end
		return yield(start, end, true)
	})
	if err != nil || prev == len(text) {
		return err
	}
	return yield(prev, len(text), false)
}

// matches calls yield for each match. An empty match right behind another is none.
func (p *Pattern) matches(text []byte, yield func(start, end int) error) error {
	switch {
	case p.scan != nil:
		for i := 0; i < len(text); {
			j := p.scan(text, i)
			if err := yield(i, j); err != nil {
				return err
			}
			i = j
		}
	case p.linear != nil:
		for _, m := range p.linear.FindAllIndex(text, -1) {
			if err := yield(m[0], m[1]); err != nil {
				return err
			}
		}
	case p.slow != nil:
		return p.backtrack(text, yield)
	default:
		for i := 0; ; {
			j := bytes.Index(text[i:], p.literal)
			if j < 0 {
				return nil
			}
			i += j
			if err := yield(i, i+len(p.literal)); err != nil {
				return err
			}
			i += len(p.literal)
		}
	}
	return nil
}

// backtrack is matches by the backtracking matcher, which counts runes.
func (p *Pattern) backtrack(text []byte, yield func(start, end int) error) error {
	runes := bytes.Runes(text)
	m, err := p.slow.FindRunesMatch(runes)
	at, pos := 0, 0 // the same place in runes and in bytes
	advance := func(to int) int {
		for ; at < to; at++ {
			pos += max(utf8.RuneLen(runes[at]), 1)
		}
		return pos
	}
	last := -1
	for ; err == nil && m != nil; m, err = p.slow.FindNextMatch(m) {
		start := advance(m.Index)
		end := advance(m.Index + m.Length)
		if start == end && end == last {
			continue
		}
		last = end
		if err := yield(start, end); err != nil {
			return err
		}
	}
	if err != nil {
		return fmt.Errorf("regular expression %q: gave up after %v", p.expr, timeLimit)
	}
	return nil
}
