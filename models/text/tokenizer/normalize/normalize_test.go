package normalize

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/models/text/tokenizer/aligned"
)

// show returns t with the place of each character: "a0-1 b1-2".
func show(t aligned.Text) string {
	var b strings.Builder
	for i, r := range string(t.Bytes) {
		start, end := t.Range(i, i+len(string(r)))
		fmt.Fprintf(&b, " %c%d-%d", r, start, end)
	}
	return strings.TrimSpace(b.String())
}

func TestNormalize(t *testing.T) {
	for _, c := range []struct{ spec, text, want string }{
		{`{"type": "Lowercase"}`, "AİΣ", "a0-1 i1-3 \u03071-3 σ3-5"},
		{`{"type": "NFD"}`, "é1", "e0-2 \u03010-2 12-3"},
		{`{"type": "NFC"}`, "e\u0301x", "é0-1 x3-4"},
		{`{"type": "NFC"}`, "a\u0301\u0323", "ạ0-1 \u03013-5"},
		{`{"type": "NFKC"}`, "ﬁ①", "f0-3 i0-3 13-6"},
		{`{"type": "NFKD"}`, "한", "ᄒ0-3 ᅡ0-3 ᆫ0-3"},
		{`{"type": "NFC"}`, "\u1112\u1161\u11ab", "한0-3"},
		{`{"type": "StripAccents"}`, "e\u0301x", "e0-1 x3-4"},
		{`{"type": "Strip", "strip_left": true, "strip_right": false}`, "\u3000 a ", "a4-5  5-6"},
		{`{"type": "Strip", "strip_left": true, "strip_right": true}`, " \n ", ""},
		{`{"type": "Nmt"}`, "a\u0001\u200bb", "a0-1  2-5 b5-6"},
		{`{"type": "Prepend", "prepend": "▁x"}`, "ab", "▁0-1 x0-1 a0-1 b1-2"},
		{`{"type": "Prepend", "prepend": "▁"}`, "", ""},
		{`{"type": "Replace", "pattern": {"String": "ab"}, "content": "xyz"}`, "cab", "c0-1 x2-3 y2-3 z2-3"},
		{`{"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}`, "a   b", "a0-1  3-4 b4-5"},
		{`{"type": "Replace", "pattern": {"String": ""}, "content": "."}`, "a", ".0-0 a0-1 .0-1"},
		{`{"type": "ByteLevel"}`, " é", "Ġ0-1 Ã1-3 ©1-3"},
		{
			`{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true}`,
			"É\t\u0000中a", "e0-2  2-3  4-7 中4-7  4-7 a7-8",
		},
		{
			`{"type": "BertNormalizer", "clean_text": false, "handle_chinese_chars": false, "strip_accents": false, "lowercase": true}`,
			"É\t", "é0-2 \t2-3",
		},
		{
			`{"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "StripAccents"}, {"type": "Lowercase"}]}`,
			"ÀB", "a0-2 b2-3",
		},
	} {
		n, err := Parse([]byte(c.spec), "normalizer")
		if err != nil {
			t.Errorf("%s: %v", c.spec, err)
			continue
		}
		got, err := n.Normalize(aligned.New(c.text))
		if err != nil || show(got) != c.want {
			t.Errorf("%s of %q\n got %s, %v\nwant %s", c.spec, c.text, show(got), err, c.want)
		}
	}
}

// charsmap returns a table that turns "a" into "xy", "b" into nothing and "\r" into a
// space: the units of a double array, placed by hand.
func charsmap() []byte {
	units := make([]uint32, 512)
	unit := func(offset uint32, leaf bool, label byte) uint32 {
		u := offset<<10 | uint32(label)
		if leaf {
			u |= 1 << 8
		}
		return u
	}
	units[0] = unit(256, false, 0) // children of the root stand at 256 ^ byte
	for i, c := range []byte{'a', 'b', '\r'} {
		at := 256 ^ uint32(c)
		value := uint32(300 + i) // where the value stands
		units[at] = unit(at^value, true, c)
		units[value] = []uint32{0, 2, 3}[i] | 1<<31
	}
	out := []byte{0, 8, 0, 0} // 2048 bytes
	for _, u := range units {
		out = append(out, byte(u), byte(u>>8), byte(u>>16), byte(u>>24))
	}
	return append(out, "xy\x00\x00 \x00"...) // at 0 "xy", at 3 nothing…
}

func TestPrecompiled(t *testing.T) {
	p, err := NewPrecompiled(charsmap())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, want string }{
		{"cad", "c0-1 x1-2 y1-2 d2-3"},
		{"ca\u0301d", "c0-1 x1-2 y2-4 d4-5"}, // a cluster is what its first entry becomes
		{"cbd", "c0-1 d2-3"},
		{"é", "é0-2"},
	} {
		got, err := p.Normalize(aligned.New(c.text))
		if err != nil || show(got) != c.want {
			t.Errorf("%q: %s, %v, want %s", c.text, show(got), err, c.want)
		}
	}
	for _, broken := range [][]byte{nil, {1, 0, 0}, {9, 0, 0, 0, 1}, append(charsmap(), 0xff)} {
		if _, err := NewPrecompiled(broken); err == nil {
			t.Errorf("a table of %d bytes: want an error", len(broken))
		}
	}
}
