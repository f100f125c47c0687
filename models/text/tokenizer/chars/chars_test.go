package chars

import "testing"

// TestClasses counts the code points of each class and looks at some on which tables
// of different ages, or different ideas of a class, do not agree. The counts are the
// reference's.
func TestClasses(t *testing.T) {
	for _, c := range []struct {
		name    string
		is      func(r rune) bool
		in, out string
	}{
		{"space", Space, " \t\u0085\u00a0\u3000", "\u200b\ufeffa"},
		{"letter", Letter, "aé日\u1c8a", "1\u0301²"},
		{"number", Number, "1²Ⅷ٣", "a日\U00011de0"},
		{"numeric", Numeric, "1²\U00011de0", "a"},
		{"word", Word, "a_1é\u0301\u200d", "-²\u200b"},
		{"punctuation", Punctuation, "!$+«。", "a€\u061d"},
		{"control", Control, "\u0000\u200b\ue000\u007f", "\t\n\r a\u0378"},
		{"nonspacing", Nonspacing, "\u0301\u0941", "a\u0903\u07fd"},
		{"mark", Mark, "\u0301\u0903\u20dd", "a\u07fd"},
		{"han", Han, "日㐀豈\U00020000", "あ한\U0002b820"},
	} {
		for _, r := range c.in {
			if !c.is(r) {
				t.Errorf("%s: U+%04X is not one, want it to be", c.name, r)
			}
		}
		for _, r := range c.out {
			if c.is(r) {
				t.Errorf("%s: U+%04X is one, want it not to be", c.name, r)
			}
		}
	}
}

func TestLower(t *testing.T) {
	for r, want := range map[rune]rune{'A': 'a', 'É': 'é', 'ß': 'ß', 'Σ': 'σ', 'İ': 'i', 0x1c89: 0x1c8a, 0xa7cb: 0x264, 0x10d50: 0x10d70} {
		if got, second := Lower(r); got != want || (second != 0) != (r == 'İ') {
			t.Errorf("U+%04X: U+%04X, U+%04X, want U+%04X", r, got, second, want)
		}
	}
}

func TestByteAlphabet(t *testing.T) {
	seen := map[rune]bool{}
	for b := range 256 {
		r := ByteRune(byte(b))
		if back, ok := RuneByte(r); !ok || int(back) != b || seen[r] {
			t.Errorf("byte %d is %q, which is byte %d, %v", b, r, back, ok)
		}
		seen[r] = true
	}
	for b, want := range map[byte]rune{' ': 'Ġ', '\n': 'Ċ', 'a': 'a', 0xad: 'Ń', 0xff: 'ÿ'} {
		if got := ByteRune(b); got != want {
			t.Errorf("byte %d is %q, want %q", b, got, want)
		}
	}
	if b, ok := Bytes([]byte("x"), "Ġ日"); ok || string(b) != "x" {
		t.Errorf("%q, %v: want it refused", b, ok)
	}
}

func TestScript(t *testing.T) {
	for r, want := range map[rune]string{'a': "Latin", '1': "Common", ' ': "", 'я': "Cyrillic", 'あ': "Han", 'ア': "Han", 'ー': "Han", '日': "Han", 0x1f9d1: "", 0x560: ""} {
		if got := Script(r); got != want {
			t.Errorf("U+%04X: %q, want %q", r, got, want)
		}
	}
}
