package tokenizer_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/models/text/tokenizer"
)

// TestLongWords encodes single words of a megabyte, for which anything quadratic would
// take hours. INFER_LONG makes them ten.
func TestLongWords(t *testing.T) {
	size := 1 << 20
	if os.Getenv("INFER_LONG") != "" {
		size *= 10
	} else if testing.Short() {
		t.Skip("takes a second a tokenizer")
	}
	words := map[string]string{
		"one letter":  strings.Repeat("a", size),
		"no pattern":  scramble(size),
		"ideographs":  strings.Repeat("語彙", size/6),
		"spaces":      strings.Repeat(" ", size),
		"accents":     "e" + strings.Repeat("\u0301", size/2),
		"not UTF-8":   strings.Repeat("\xff\xc3\x28", size/3),
		"apostrophes": strings.Repeat("'", size),
	}
	for _, name := range []string{"bert-uncased-minilm", "gpt2", "llama2", "t5-small", "cl100k_base"} {
		tok := load(t, vectorModels[name])
		for kind, word := range words {
			start := time.Now()
			e, err := tok.Encode(word)
			if err != nil {
				t.Errorf("%s, %s: %v", name, kind, err)
				continue
			}
			took := time.Since(start)
			t.Logf("%s, %s: %d tokens, %v", name, kind, e.Len(), took)
			if perMB := took / time.Duration(max(size>>20, 1)); perMB > 2*time.Minute { // a quadratic walk would take hours; the race detector on a busy machine takes 40 s
				t.Errorf("%s, %s: %v a megabyte", name, kind, perMB)
			}
			if n := e.Len(); n > 0 && kind == "one letter" && e.Offsets[n/2].End > size {
				t.Errorf("%s, %s: offset %v", name, kind, e.Offsets[n/2])
			}
		}
	}
}

// scramble returns n letters without a pattern.
func scramble(n int) string {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = 'a' + byte(x>>24)%26
	}
	return string(b)
}

func TestInvalidUTF8(t *testing.T) {
	for name, model := range vectorModels {
		tok := load(t, model)
		for _, text := range []string{"\xff", "a\xc3", "\xe2\x82b", "x\xed\xa0\x80y", "\xf0\x9f\x98 ok"} {
			got, err := tok.Encode(text)
			if err != nil {
				t.Errorf("%s: %q: %v", name, text, err)
				continue
			}
			// As the same text with U+FFFD for each byte, with offsets in the original.
			want, err := tok.Encode(strings.Map(func(r rune) rune { return r }, string([]rune(text))))
			if err != nil || !same(got.IDs, want.IDs) {
				t.Errorf("%s: %q: %v %v, want %v", name, text, got.IDs, err, want.IDs)
			}
			for _, o := range got.Offsets {
				if o.Start < 0 || o.Start > o.End || o.End > len(text) {
					t.Errorf("%s: %q: offset %v is outside of the text", name, text, o)
				}
			}
		}
	}
}

// TestBrokenFiles wants one line that names the field.
func TestBrokenFiles(t *testing.T) {
	const bpe = `"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": [["a", "b"]]}`
	for _, c := range []struct{ file, want string }{
		{``, `not JSON: unexpected end of JSON input`},
		{`{"model": `, `not JSON: unexpected end of JSON input (line 1, byte 10)`},
		{"{\n\n\"model\": }", `not JSON: invalid character '}' looking for beginning of value (line 3`},
		{`[]`, `want an object, got a list`},
		{`null`, `want an object, got null`},
		{`{}`, `model: missing`},
		{`{"version": "2.0", ` + bpe + `}`, `version: "2.0", want "1.0"`},
		{`{"model": {"type": "Magic"}}`, `model.type: "Magic" is not a kind of model`},
		{`{"model": {"type": 1}}`, `model.type: want a string, got 1`},
		{`{"model": {"type": "BPE", "merges": []}}`, `model.vocab: missing`},
		{`{"model": {"type": "BPE", "vocab": {"a": "0"}, "merges": []}}`, `model.vocab: want an object with the id of each token, found a string inside`},
		{`{"model": {"type": "BPE", "vocab": {"a": -1}, "merges": []}}`, `model.vocab: token "a" has the id -1`},
		{`{"model": {"type": "BPE", "vocab": {"a": 99999999999}, "merges": []}}`, `model.vocab: token "a" has the id 99999999999`},
		{`{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a"]}}`, `model.merges[0]: "a" is not two tokens`},
		{`{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [["a"]]}}`, `model.merges: merges[0] has 1 parts, want 2`},
		{`{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [["a", "a"]]}}`, `model.merges[0] joins "a" and "a", and "aa" is not in the vocabulary`},
		{`{"model": {"type": "WordPiece", "vocab": {}, "unk_token": "u", "continuing_subword_prefix": "##"}}`, `model.max_input_chars_per_word: missing`},
		{`{"model": {"type": "Unigram", "vocab": [["a", "b"]]}}`, `model.vocab[0]: want a token and its score`},
		{`{"model": {"type": "Unigram", "vocab": [["a", -1]], "unk_id": 5}}`, `model.unk_id: the unknown token is 5 of 1`},
		{`{"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Prepend", "prepend": 3}]}, ` + bpe + `}`, `normalizer.normalizers[1].prepend: want a string, got 3`},
		{`{"normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAAA"}, ` + bpe + `}`, `normalizer.precompiled_charsmap: want the length of a trie`},
		{`{"normalizer": {"type": "Replace", "pattern": {"Regex": "("}, "content": ""}, ` + bpe + `}`, `normalizer.pattern.Regex: regular expression "(": a group is not closed`},
		{`{"pre_tokenizer": {"type": "Split", "pattern": {"String": "a"}, "behavior": "Gone", "invert": false}, ` + bpe + `}`, `pre_tokenizer.behavior: want one of`},
		{`{"pre_tokenizer": {"type": "FixedLength", "length": 0}, ` + bpe + `}`, `pre_tokenizer.length: want a positive number`},
		{`{"post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x", "type_id": 0}}], "pair": [], "special_tokens": {}}, ` + bpe + `}`, `post_processor.single[0]: "x" is not among special_tokens`},
		{`{"post_processor": {"type": "BertProcessing", "sep": ["a"], "cls": ["b", 1]}, ` + bpe + `}`, `post_processor.sep: want a token and its id`},
		{`{"decoder": {"type": "Strip", "content": "ab", "start": 0, "stop": 0}, ` + bpe + `}`, `decoder.content: want one character`},
		{`{"truncation": {"max_length": 3, "stride": 0, "strategy": "Some"}, ` + bpe + `}`, `truncation.strategy: want one of`},
		{`{"padding": {"strategy": "Long", "pad_id": 0, "pad_type_id": 0, "pad_token": "p"}, ` + bpe + `}`, `padding.strategy: want "BatchLongest"`},
		{`{"added_tokens": [{"id": 0}], ` + bpe + `}`, `added_tokens[0].content: missing`},
		{`{"normalizer": ` + strings.Repeat(`{"type": "Sequence", "normalizers": [`, 50) + strings.Repeat(`]}`, 50) + `, ` + bpe + `}`, `more than 32 deep`},
	} {
		_, err := tokenizer.FromJSON([]byte(c.file))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.200s\n got %v\nwant %s", c.file, err, c.want)
		}
		if err != nil && (strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "tokenizer: ")) {
			t.Errorf("%.200s: not one line of the package: %q", c.file, err)
		}
	}
}

// TestPublishedLlama2 wants the file refused that has plain spaces where pieces and
// merges need U+00A0.
func TestPublishedLlama2(t *testing.T) {
	path := fixture.Shared(t, "tokenizers/llama2/tokenizer.json")
	_, err := tokenizer.Load(path)
	if err == nil || !strings.HasPrefix(err.Error(), path+": tokenizer: model.merges[") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want a line that names the file and the merge", err)
	}
}

func TestLoadErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct{ path, want string }{
		{filepath.Join(dir, "nowhere"), "no such file"},
		{write("empty/deep/model.onnx", ""), "no tokenizer found"},
		{write("half/vocab.json", `{"a": 0}`), "merges.txt"},
		{write("bert/vocab.txt", "a\nb\n"), "the vocabulary has no [PAD]"},
		{write("odd.tiktoken", "YQ== 0\n"), `"odd" is not an encoding of tiktoken`},
		{write("tt/cl100k_base.tiktoken", "YQ== 0\n!\n"), `line 2: want a token in base64 and its id, got "!"`},
		{write("t2/cl100k_base.tiktoken", "YQ== 0\n"), "not every byte is one"},
		{write("two/a.tiktoken", "") + "/..", "not a directory"},
	} {
		_, err := tokenizer.Load(c.path)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want %s", c.path, err, c.want)
		}
	}
}

// seeds are tokenizers of every kind that fuzzing begins with.
func seeds() []string {
	alphabet := map[string]int{}
	for b := range 256 {
		r := rune(b)
		if b < '!' || b > '~' && b < 0xa1 || b == 0xad {
			r = rune(0x100 + len(alphabet))
		}
		alphabet[string(r)] = b
	}
	vocab, err := json.Marshal(alphabet)
	if err != nil {
		panic(err)
	}
	const added = `"added_tokens": [{"id": 0, "content": "<s>", "single_word": false, "lstrip": true, "rstrip": true, "normalized": true, "special": true},
		{"id": 1, "content": "day", "single_word": true, "lstrip": false, "rstrip": false, "normalized": false, "special": false}]`
	return []string{
		`{` + added + `, "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
		"pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": {"type": "BertProcessing", "sep": ["s", 1], "cls": ["c", 2]},
		"decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
		"model": {"type": "WordPiece", "unk_token": "u", "continuing_subword_prefix": "##", "max_input_chars_per_word": 9, "vocab": {"u": 0, "a": 1, "##a": 2, "ab": 3, "##b": 4, "中": 5}}}`,
		`{` + added + `, "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true},
		"post_processor": {"type": "RobertaProcessing", "sep": ["s", 1], "cls": ["c", 2], "trim_offsets": true, "add_prefix_space": true},
		"decoder": {"type": "ByteLevel"}, "model": {"type": "BPE", "vocab": ` + string(vocab) + `, "merges": []}}`,
		`{` + added + `, "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
		"decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
		"model": {"type": "BPE", "unk_token": "u", "fuse_unk": true, "byte_fallback": true, "vocab": {"u": 0, "▁": 1, "a": 2, "▁a": 3, "b": 4, "ab": 5}, "merges": ["▁ a", "a b"]}}`,
		`{` + added + `, "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Nmt"}, {"type": "Strip", "strip_left": true, "strip_right": true}]},
		"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}]},
		"decoder": {"type": "Metaspace", "replacement": "▁"}, "model": {"type": "Unigram", "unk_id": 0, "vocab": [["u", 0], ["▁", -2], ["a", -1.5], ["▁a", -1], ["ab", -3]]}}`,
		`{"normalizer": {"type": "StripAccents"}, "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": "\\s+(?!\\S)|\\w++|a{1,2}+"}, "behavior": "MergedWithNext", "invert": true},
		{"type": "Digits", "individual_digits": true}, {"type": "Punctuation"}, {"type": "UnicodeScripts"}, {"type": "FixedLength", "length": 3}]},
		"model": {"type": "WordLevel", "unk_token": "u", "vocab": {"u": 0, "a": 7}}}`,
	}
}

// checkEncoding checks what holds for every encoding.
func checkEncoding(t *testing.T, tok *tokenizer.Tokenizer, text string, e tokenizer.Encoding) {
	t.Helper()
	n := e.Len()
	for what, got := range map[string]int{
		"type ids": len(e.TypeIDs), "attention mask": len(e.AttentionMask), "special tokens mask": len(e.SpecialTokensMask),
		"tokens": len(e.Tokens), "offsets": len(e.Offsets), "words": len(e.Words), "sequences": len(e.Sequences),
	} {
		if got != n {
			t.Fatalf("%q: %d %s for %d tokens", text, got, what, n)
		}
	}
	for i, o := range e.Offsets {
		if o.Start < 0 || o.Start > o.End || o.End > len(text) {
			t.Fatalf("%q: token %d %q has the offset %v", text, i, e.Tokens[i], o)
		}
		if utf8.ValidString(text) && !utf8.ValidString(text[o.Start:o.End]) {
			t.Fatalf("%q: token %d %q has the offset %v, within a rune", text, i, e.Tokens[i], o)
		}
	}
	if _, err := tok.Decode(e.IDs, true); err != nil {
		t.Fatalf("%q: decode: %v", text, err)
	}
}

func FuzzEncode(f *testing.F) {
	var toks []*tokenizer.Tokenizer
	for _, s := range seeds() {
		tok, err := tokenizer.FromJSON([]byte(s))
		if err != nil {
			f.Fatal(err)
		}
		toks = append(toks, tok)
	}
	for _, text := range []string{"", " ", "a day <s>  ab", "Ünï中文 e\u0301\u0323 \xff\xfe", "don't  \n\t STOP 123", "▁▁a", "👩‍👩‍👧\u200d"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for i, tok := range toks {
			e, err := tok.Encode(text)
			if err != nil {
				t.Fatalf("tokenizer %d: %q: %v", i, text, err)
			}
			checkEncoding(t, tok, text, e)
			runes, err := tok.Encode(text, tokenizer.WithRuneOffsets())
			if err != nil || !same(runes.IDs, e.IDs) {
				t.Fatalf("tokenizer %d: %q: ids %v by runes and %v by bytes, %v", i, text, runes.IDs, e.IDs, err)
			}
			for j, o := range runes.Offsets {
				b := e.Offsets[j]
				if o.Start != utf8.RuneCountInString(text[:b.Start]) || o.End != utf8.RuneCountInString(text[:b.End]) {
					t.Fatalf("tokenizer %d: %q: token %d is at %v in runes and %v in bytes", i, text, j, o, b)
				}
			}
		}
	})
}

func FuzzFromJSON(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s, "a day <s> Ünï 12 \xff")
	}
	f.Fuzz(func(t *testing.T, file, text string) {
		if len(file) > 1<<16 || len(text) > 1<<10 {
			return
		}
		tok, err := tokenizer.FromJSON([]byte(file))
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Fatalf("not one line: %q", err)
			}
			return
		}
		if e, err := tok.Encode(text); err == nil {
			_ = fmt.Sprint(e)
			if _, err := tok.Decode(e.IDs, false); err != nil {
				t.Logf("decode: %v", err)
			}
		}
	})
}
