package decode

import (
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	for _, c := range []struct{ spec, tokens, want string }{
		{`{"type": "ByteLevel"}`, "Ġa|Ã|©|日|Ã", " aé日\ufffd"},
		{`{"type": "ByteFallback"}`, "a|<0xE2>|<0x82>|<0xAC>|b|<0xE2>|<0x82>|c|<0xZZ>", "a|€|b|\ufffd|\ufffd|c|<0xZZ>"},
		{`{"type": "WordPiece", "prefix": "##", "cleanup": true}`, "a|##b|c|.|do|not|n't", "ab c. do notn't"},
		{`{"type": "WordPiece", "prefix": "##", "cleanup": false}`, "##a|.", "##a ."},
		{`{"type": "BPEDecoder", "suffix": "</w>"}`, "a|b</w>|c</w>", "a|b |c"},
		{`{"type": "CTC", "pad_token": "<p>", "word_delimiter_token": "_", "cleanup": true}`, "a|a|<p>|a|_|b", "a|a| |b"},
		{`{"type": "Metaspace", "replacement": "▁", "add_prefix_space": true}`, "▁a|▁b▁", "a| b "},
		{`{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never"}`, "▁a|▁b", " a| b"},
		{`{"type": "Replace", "pattern": {"Regex": "[ab]"}, "content": "x"}`, "ab|c", "xx|c"},
		{`{"type": "Strip", "content": " ", "start": 1, "stop": 2}`, "  a   |  ", " a |"},
		{
			`{"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}`,
			"▁a|▁b", "a b",
		},
	} {
		d, err := Parse([]byte(c.spec), "decoder")
		if err != nil {
			t.Errorf("%s: %v", c.spec, err)
			continue
		}
		got, err := d.Decode(strings.Split(c.tokens, "|"))
		want := c.want
		text := strings.Join(got, "|")
		if !strings.Contains(want, "|") {
			text = strings.Join(got, "")
		}
		if err != nil || text != want {
			t.Errorf("%s of %s\n got %q, %v\nwant %q", c.spec, c.tokens, text, err, want)
		}
		if got, err := d.Decode(nil); err != nil || strings.Join(got, "") != "" {
			t.Errorf("%s of nothing: %q, %v", c.spec, got, err)
		}
	}
}

// TestValidUTF8 replaces the longest beginnings of characters by one U+FFFD each.
func TestValidUTF8(t *testing.T) {
	for text, want := range map[string]string{
		"aé": "aé", "\xff\xff": "\ufffd\ufffd", "\xe2\x82": "\ufffd", "\xe2\x82a": "\ufffda", "\xf0\x9f\x98\xf0\x9f": "\ufffd\ufffd",
		"\xed\xa0\x80": "\ufffd\ufffd\ufffd", "\xe0\x80": "\ufffd\ufffd", "\xc3": "\ufffd", "\xc0\x80": "\ufffd\ufffd", "\xf4\x90": "\ufffd\ufffd",
	} {
		if got := ValidUTF8([]byte(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
