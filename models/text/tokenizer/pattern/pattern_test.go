package pattern

import (
	"fmt"
	"strings"
	"testing"
)

// cutAt returns text with its matches in brackets.
func cutAt(p *Pattern, text string) (string, error) {
	var b strings.Builder
	err := p.Segments([]byte(text), func(start, end int, match bool) error {
		if match {
			fmt.Fprintf(&b, "[%s]", text[start:end])
		} else {
			b.WriteString(text[start:end])
		}
		return nil
	})
	return b.String(), err
}

func TestCompile(t *testing.T) {
	for _, c := range []struct{ expr, text, want string }{
		{`\s+`, "a \u3000b", "a[ \u3000]b"},
		{`\w+`, "é_1-²", "[é_1]-[²]"},
		{`[^\w\s]+`, "a²-!", "a[²-!]"},
		{`\d{2}`, "123 ٣٤", "[12]3 [٣٤]"},
		{`\p{Han}+|\P{L}`, "日本a1", "[日本]a[1]"},
		{`(?i:the)`, "The tHE", "[The] [tHE]"},
		{`a+?b`, "aab", "[aab]"},
		{`(?:ab){2}`, "ababab", "[abab]ab"},
		{`\p{N}{1,2}+`, "12345a", "[12345]a"}, // in this dialect a quantifier on another
		{`a++b|.`, "aaab", "[aaab]"},
		{`(?<=a)b`, "bab", "ba[b]"},
		{`\bb\b`, "b ab b", "[b] ab [b]"},
		{`^b$`, "a\nb\nc", "a\n[b]\nc"},
		{`[\]\-x]+`, "a]-x", "a[]-x]"},
		{`[[:punct:]]`, "a+b", "a[+]b"},
		{`\u0041\x42\x{43}`, "xABC", "x[ABC]"},
		{`[^\S\n]+`, "a \n\tb", "a[ ]\n[\t]b"},
		{`(?<x>a)|b{,2}c`, "abbc", "[a][bbc]"},
		{`x*`, "axb", "[]a[x]b[]"},
		{`a{`, "a{", "[a{]"},
	} {
		p, err := Compile(c.expr)
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		if got, err := cutAt(p, c.text); err != nil || got != c.want {
			t.Errorf("%s: %q, %v, want %q", c.expr, got, err, c.want)
		}
	}
	for _, expr := range []string{`(`, `a)`, `[a`, `\`, `*`, `\p{Nope}`, `[a[b]]`, `[a&&b]`, `\x{zz}`, `\R`, `[[:odd:]]`, strings.Repeat("a", 1<<17)} {
		if _, err := Compile(expr); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.20s: %v, want an error of one line", expr, err)
		}
	}
}

// TestLongS takes U+017F for an s where case does not count, as Oniguruma does.
func TestLongS(t *testing.T) {
	p, err := Compile(llama3)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := cutAt(p, "'ſA"); err != nil || got != "['ſ][A]" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestLiteral(t *testing.T) {
	if got, err := cutAt(Literal("a."), "a.ab a."); err != nil || got != "[a.]ab [a.]" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := cutAt(Literal(""), "ab"); err != nil || got != "[]a[]b[]" {
		t.Errorf("%q, %v", got, err)
	}
}

// scanned are texts on which the alternatives of the scanned expressions compete.
var scanned = []string{
	"Hello world's we've I'LL 'tis ''s don't'", "  a  b \n\n c\r\n  \t", "x123456 ٣٤٥ ½Ⅷ", "a!!\n\n?? \n.\r\n\nb", "   ", " \n ", "\n  \nx",
	"日本語テキスト ünïcödé \u3000\u00a0x", "'Ve 'lx 'd", " !a !1 \t!", "e\u0301 \u200d👩‍👩 \u0345", "\u2028a\u2028\u2028b",
}

// TestScanners compares each scanner with the backtracking matcher on its expression.
func TestScanners(t *testing.T) {
	for _, expr := range []string{GPT2, CL100K, llama3, qwen2} {
		fast, err := Compile(expr)
		if err != nil || fast.scan == nil {
			t.Fatalf("%s: %v, a scanner: %v", expr, err, fast.scan != nil)
		}
		for _, text := range scanned {
			compareScanner(t, fast, slowly(t, expr), text)
		}
	}
}

// slowly compiles expr for the backtracking matcher. CL100K has possessive intervals
// and an end of the text, which the dialect of tokenizer.json writes otherwise.
func slowly(tb testing.TB, expr string) *Pattern {
	tb.Helper()
	expr = strings.NewReplacer(`{1,3}+`, `{1,3}`, `$`, `\z`).Replace(expr)
	tr, err := translate(expr)
	if err != nil {
		tb.Fatal(err)
	}
	re, err := compileSlow(tr.out.String())
	if err != nil {
		tb.Fatal(err)
	}
	return &Pattern{expr: expr, slow: re}
}

func compareScanner(t *testing.T, fast, slow *Pattern, text string) {
	t.Helper()
	got, err := cutAt(fast, text)
	if err != nil {
		t.Error(err)
	}
	want, err := cutAt(slow, text)
	if err != nil || got != want {
		t.Errorf("%s\n got %q\nwant %q, %v", fast, got, want, err)
	}
}

func FuzzScanners(f *testing.F) {
	for _, text := range scanned {
		f.Add(text)
	}
	var fast, slow []*Pattern
	for _, expr := range []string{GPT2, CL100K, llama3, qwen2} {
		p, err := Compile(expr)
		if err != nil {
			f.Fatal(err)
		}
		fast, slow = append(fast, p), append(slow, slowly(f, expr))
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.Map(func(r rune) rune {
			switch {
			case r >= 0x1c80: // letters that one of the two does not know yet
				return 'a' + r%26
			case r == 'ſ': // which only the scanner takes for an s, as it should
				return 's'
			}
			return r
		}, strings.ToValidUTF8(text, "?"))
		for i := range fast {
			compareScanner(t, fast[i], slow[i], text)
		}
	})
}
