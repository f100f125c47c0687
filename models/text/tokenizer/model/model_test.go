package model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// tokens returns the tokens of word, each with its offsets: "ab0-2 c2-3".
func tokens(t *testing.T, m Model, word string) string {
	t.Helper()
	run := m.Begin()
	defer run.End()
	var first string
	for i := range 2 { // the second time from the cache
		list, err := run.Tokenize(nil, []byte(word))
		if err != nil {
			return "error: " + err.Error()
		}
		var b strings.Builder
		for _, token := range list {
			text, ok := m.IDToToken(int(token.ID))
			if !ok {
				t.Errorf("%q: id %d is not in the vocabulary", word, token.ID)
			}
			if token.Surface {
				text = "=" + word[token.Start:token.End]
			}
			fmt.Fprintf(&b, " %s%d-%d", text, token.Start, token.End)
		}
		if i == 0 {
			first = b.String()
		} else if b.String() != first {
			t.Errorf("%q: %s, and then %s", word, first, b.String())
		}
	}
	return strings.TrimSpace(first)
}

func TestModels(t *testing.T) {
	const merges = `"vocab": {"u": 0, "a": 1, "b": 2, "c": 3, "ab": 4, "bc": 5, "abc": 6, "▁": 7, "▁a": 8, "<0xC3>": 9, "<0xA9>": 10},
		"merges": [["b", "c"], ["a", "b"], ["a", "bc"], ["▁", "a"]]`
	for _, c := range []struct{ spec, word, want string }{
		{`{"type": "BPE", ` + merges + `}`, "abcab", "abc0-3 ab3-5"},
		{`{"type": "BPE", ` + merges + `}`, "xab", "ab0-2"}, // what is not known is dropped
		{`{"type": "BPE", "unk_token": "u", ` + merges + `}`, "xyab", "u0-1 u1-2 ab2-4"},
		{`{"type": "BPE", "unk_token": "u", "fuse_unk": true, ` + merges + `}`, "xéab", "u0-3 ab3-5"},
		{`{"type": "BPE", "unk_token": "u", "byte_fallback": true, ` + merges + `}`, "éx", "<0xC3>0-1 <0xA9>1-2 u2-3"},
		{`{"type": "BPE", "unk_token": "none", ` + merges + `}`, "x", `error: a word is not in the vocabulary, and there is no token for the unknown: "none" is not in it either`},
		{`{"type": "BPE", "ignore_merges": true, "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": []}`, "ab", "ab0-2"},
		{`{"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": []}`, "ab", "a0-1 b1-2"},
		{`{"type": "BPE", ` + merges + `}`, "▁ab▁▁abc▁a", "▁0-3 ab3-5 ▁5-8 ▁8-11 abc11-14 ▁a14-18"},
		{
			`{"type": "BPE", "continuing_subword_prefix": "#", "end_of_word_suffix": "!", "vocab": {"a": 0, "#b": 1, "#b!": 2, "ab": 3, "ab!": 4}, "merges": [["a", "#b"], ["a", "#b!"]]}`,
			"ab", "ab!0-2",
		},
		{`{"type": "WordPiece", "unk_token": "u", "continuing_subword_prefix": "#", "max_input_chars_per_word": 4, "vocab": {"u": 0, "a": 1, "ab": 2, "#c": 3, "#cé": 4}}`, "abcé", "ab0-2 #cé2-5"},
		{`{"type": "WordPiece", "unk_token": "u", "continuing_subword_prefix": "#", "max_input_chars_per_word": 4, "vocab": {"u": 0, "a": 1, "ab": 2, "#c": 3}}`, "abx", "u0-3"},
		{`{"type": "WordPiece", "unk_token": "u", "continuing_subword_prefix": "#", "max_input_chars_per_word": 4, "vocab": {"u": 0, "a": 1, "#a": 2}}`, "aaaaa", "u0-5"},
		{`{"type": "WordLevel", "unk_token": "u", "vocab": {"u": 0, "word": 9}}`, "word", "word0-4"},
		{`{"type": "WordLevel", "unk_token": "u", "vocab": {"u": 0, "word": 9}}`, "words", "u0-5"},
		{`{"type": "WordLevel", "unk_token": "u", "vocab": {"word": 9}}`, "words", `error: a word is not in the vocabulary, and there is no token for the unknown: "u" is not in it either`},
		{`{"type": "Unigram", "unk_id": 0, "vocab": [["u", 0], ["a", -1], ["b", -1], ["ab", -1.5], ["abb", -4]]}`, "abb", "ab0-2 b2-3"},
		{`{"type": "Unigram", "unk_id": 0, "vocab": [["u", 0], ["a", -1]]}`, "xéay", "=xé0-3 a3-4 =y4-5"},
		{`{"type": "Unigram", "unk_id": 0, "byte_fallback": true, "vocab": [["u", 0], ["a", -1], ["<0xC3>", -9], ["<0xA9>", -9]]}`, "aé", "a0-1 <0xC3>1-3 <0xA9>1-3"},
		{`{"type": "Unigram", "vocab": [["a", -1]]}`, "x", "error: a word is not in the vocabulary, and there is no token for the unknown"},
	} {
		m, err := Parse([]byte(c.spec), "model")
		if err != nil {
			t.Errorf("%s: %v", c.spec, err)
			continue
		}
		if got := tokens(t, m, c.word); got != c.want {
			t.Errorf("%s of %q\n got %s\nwant %s", c.spec, c.word, got, c.want)
		}
	}
}

// TestRankedBPE merges by the ids of tokens, as tiktoken does: "bc" before "ab".
func TestRankedBPE(t *testing.T) {
	ids := map[string]int32{}
	for b := range 256 {
		ids[string([]byte{byte(b)})] = int32(b)
	}
	ids["bc"], ids["ab"], ids["cd"], ids["abcd"] = 256, 257, 258, 259
	m, ok := NewRankedBPE(ids)
	if !ok {
		t.Fatal("not every byte is a token")
	}
	for word, want := range map[string]string{
		"abcx":   "a0-1 bc1-3 x3-4",
		"abcd":   "abcd0-4", // whole, though no merges lead to it
		"\xffab": "ÿ0-1 ab1-3",
	} {
		if got := tokens(t, m, word); got != want {
			t.Errorf("%q: %s, want %s", word, got, want)
		}
	}
	delete(ids, "x")
	if _, ok := NewRankedBPE(ids); ok {
		t.Error("a vocabulary without x: want it refused")
	}
}

// naive merges by looking for the best pair anew each time.
func naive(m *BPE, word string) []int32 {
	var ids []int32
	for _, r := range word {
		ids = append(ids, m.ids[string(r)])
	}
	for {
		best, rank := -1, int32(noRank)
		for i := range len(ids) - 1 {
			if p := m.merges.get(ids[i], ids[i+1]); p.rank < rank {
				best, rank = i, p.rank
			}
		}
		if best < 0 {
			return ids
		}
		ids[best] = m.merges.get(ids[best], ids[best+1]).id
		ids = append(ids[:best+1], ids[best+2:]...)
	}
}

// TestMergeOrder compares both ways to merge with the naive one, on words of few
// letters and vocabularies of random merges.
func TestMergeOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		ids, list := map[string]int32{}, []string{"a", "b", "c", "▁"}
		for i, s := range list {
			ids[s] = int32(i)
		}
		var merges [][2]string
		for len(merges) < 30 {
			a, b := list[r.IntN(len(list))], list[r.IntN(len(list))]
			if _, ok := ids[a+b]; ok {
				continue
			}
			ids[a+b] = int32(len(ids))
			list = append(list, a+b)
			merges = append(merges, [2]string{a, b})
		}
		m, err := NewBPE(ids, merges, BPEConfig{})
		if err != nil {
			t.Fatal(err)
		}
		run := m.Begin()
		for _, n := range []int{1, 2, 7, shortWord, shortWord + 1, 400} {
			var b strings.Builder
			for range n {
				b.WriteString(list[r.IntN(4)])
			}
			got, err := run.Tokenize(nil, []byte(b.String()))
			if err != nil {
				t.Fatal(err)
			}
			var gotIDs []int32
			end := int32(0)
			for _, token := range got {
				if token.Start != end {
					t.Fatalf("%q: a token begins at %d, the one before ends at %d", b.String(), token.Start, end)
				}
				end = token.End
				gotIDs = append(gotIDs, token.ID)
			}
			if want := naive(m, b.String()); fmt.Sprint(gotIDs) != fmt.Sprint(want) || int(end) != b.Len() {
				t.Fatalf("%q with %v\n got %v\nwant %v", b.String(), merges, gotIDs, want)
			}
		}
		run.End()
	}
}

// TestTrie looks up the longest entries among random ones.
func TestTrie(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	word := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "ab\x00\xff"[r.IntN(4)]
		}
		return string(b)
	}
	values := map[string]int32{}
	entries := []trieEntry{{"", 99}}
	for i := range int32(200) {
		w := word(1 + r.IntN(6))
		values[w] = i
		entries = append(entries, trieEntry{w, i})
	}
	tr := newTrie(entries)
	for range 2000 {
		text := word(r.IntN(9))
		want := 0
		for n := range len(text) {
			if _, ok := values[text[:n+1]]; ok {
				want = n + 1
			}
		}
		n, v := tr.longest([]byte(text))
		if n != want || n > 0 && v != values[text[:n]] {
			t.Fatalf("%q: %d, %d, want %d, %d", text, n, v, want, values[text[:want]])
		}
	}
}

// TestParseScore checks that numbers are read as the reference does: the nearest
// float64 where their digits fit, the same quotient where they do not.
func TestParseScore(t *testing.T) {
	for _, c := range []struct {
		text string
		want float64
	}{
		{"0", 0},
		{"-1.5", -1.5},
		{"12e2", 1200},
		{"1.25E-1", 0.125},
		{"-2.0122928619384766", -float64(20122928619384766) / 1e16},
		{"0.1234567890123456789012345", float64(1234567890123456789) / 1e19},
		{"123456789012345678901234", float64(12345678901234567890) * 1e4},
		{"1e-400", 0},
		{"1e-320", 1e-308 / 1e12},
	} {
		if got, err := parseScore(c.text); err != nil || math.Float64bits(got) != math.Float64bits(c.want) {
			t.Errorf("%s: %v, %v, want %v", c.text, got, err, c.want)
		}
	}
	for _, text := range []string{"1e400", "1e99999999999"} {
		if got, err := parseScore(text); err == nil {
			t.Errorf("%s: %v, want an error", text, got)
		}
	}
}
