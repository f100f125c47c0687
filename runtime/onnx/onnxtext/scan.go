package onnxtext

import (
	"fmt"
	"strconv"
	"strings"
	"text/scanner"
)

// reader takes a text apart into tokens, one ahead.
type reader struct {
	scan scanner.Scanner
	tok  rune
	text string
	err  error
}

func newReader(src string) *reader {
	r := &reader{}
	r.scan.Init(strings.NewReader(src))
	r.scan.Mode = scanner.ScanIdents | scanner.ScanInts | scanner.ScanFloats | scanner.ScanStrings | scanner.SkipComments | scanner.ScanComments
	r.scan.IsIdentRune = func(ch rune, i int) bool {
		return ch == '_' || ch >= 'a' && ch <= 'z' || ch >= 'A' && ch <= 'Z' || i > 0 && (ch >= '0' && ch <= '9' || ch == '.' || ch == '/')
	}
	r.scan.Error = func(s *scanner.Scanner, msg string) { r.fail("%s", msg) }
	r.next()
	return r
}

func (r *reader) next() {
	r.tok = r.scan.Scan()
	r.text = r.scan.TokenText()
}

// fail keeps the first fault, with its line.
func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("onnxtext: line %d: %s", r.scan.Position.Line, fmt.Sprintf(format, args...))
	}
	r.tok = scanner.EOF
}

// is reports whether the next token is that punctuation.
func (r *reader) is(tok rune) bool { return r.tok == tok }

// accept takes the next token if it is that punctuation.
func (r *reader) accept(tok rune) bool {
	if r.tok != tok {
		return false
	}
	r.next()
	return true
}

func (r *reader) expect(tok rune) {
	if !r.accept(tok) {
		r.fail("found %q, expected %q", r.text, string(tok))
	}
}

// name takes an identifier or a quoted name.
func (r *reader) name() string {
	text := r.text
	switch r.tok {
	case scanner.Ident:
	case scanner.String:
		text, _ = strconv.Unquote(text)
	default:
		r.fail("found %q, expected a name", r.text)
		return ""
	}
	r.next()
	return text
}

// number takes an integer or float with its sign; isInt tells which.
func (r *reader) number() (text string, isInt bool) {
	sign := ""
	if r.accept('-') {
		sign = "-"
	}
	text = r.text
	switch {
	case r.tok == scanner.Int:
		isInt = true
	case r.tok == scanner.Float, r.tok == scanner.Ident && (text == "inf" || text == "nan"):
	default:
		r.fail("found %q, expected a number", r.text)
		return "0", true
	}
	r.next()
	return sign + text, isInt
}

func (r *reader) integer() int64 {
	text, _ := r.number()
	v, err := strconv.ParseInt(text, 0, 64)
	if err != nil {
		r.fail("%q is no integer", text)
	}
	return v
}
