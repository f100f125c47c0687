package tokenizer_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/seed6700ada1/infer/models/text/tokenizer"
)

func fromJSON(tb testing.TB, file string) *tokenizer.Tokenizer {
	tb.Helper()
	tok, err := tokenizer.FromJSON([]byte(file))
	if err != nil {
		tb.Fatal(err)
	}
	return tok
}

func TestVocabulary(t *testing.T) {
	tok := fromJSON(t, `{"model": {"type": "WordLevel", "unk_token": "u", "vocab": {"u": 0, "a": 3}},
		"added_tokens": [{"id": 0, "content": "u", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
		{"id": 77, "content": "new", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": false}]}`)
	if n := tok.VocabSize(); n != 3 {
		t.Errorf("%d tokens, want u, a and new", n)
	}
	// A token that the model lacks gets the id behind the model's size, whatever the
	// file says, as in the reference.
	for token, want := range map[string]int64{"u": 0, "a": 3, "new": 2} {
		id, ok := tok.TokenToID(token)
		if !ok || id != want {
			t.Errorf("id of %q is %d, %v, want %d", token, id, ok, want)
		}
		if back, ok := tok.IDToToken(want); !ok || back != token {
			t.Errorf("token of %d is %q, %v, want %q", want, back, ok, token)
		}
	}
	for _, id := range []int64{-1, 1, 4, 1 << 40} {
		if token, ok := tok.IDToToken(id); ok {
			t.Errorf("token of %d is %q, want none", id, token)
		}
	}
	if !tok.IsSpecial(0) || tok.IsSpecial(2) || tok.IsSpecial(99) {
		t.Error("special tokens: want u alone")
	}
}

// TestAddedTokens cuts texts at added tokens with each of their properties.
func TestAddedTokens(t *testing.T) {
	file := func(flags string) string {
		all := `"single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true`
		for f := range strings.FieldsSeq(flags) {
			all = strings.Replace(all, `"`+f+`": false`, `"`+f+`": true`, 1)
		}
		return `{"normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "WhitespaceSplit"},
			"model": {"type": "WordLevel", "unk_token": "?", "vocab": {"?": 0}},
			"added_tokens": [{"id": 1, "content": "Ab", ` + all + `}, {"id": 2, "content": "Abc", ` + all + `}]}`
	}
	for _, c := range []struct{ flags, text, want string }{
		{"", "xAby Abc ab", "x|Ab|y|Abc|ab"},
		{"single_word", "xAb Ab. Abc_", "xab|Ab|.|abc_"},
		{"lstrip", "x  Ab y", "x|  Ab|y"},
		{"rstrip", "x Ab \n Ab y", "x|Ab \n |Ab |y"},
		{"lstrip rstrip", " Ab  Ab ", " Ab  |Ab "},
		{"normalized", "xAB aBC", "x|ab|abc"},
	} {
		e, err := fromJSON(t, file(c.flags)).Encode(c.text)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i, token := range e.Tokens {
			if token == "?" {
				token = strings.ToLower(c.text[e.Offsets[i].Start:e.Offsets[i].End])
			}
			got = append(got, token)
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%s: %q is cut %q, want %q", c.flags, c.text, s, c.want)
		}
	}
	e, err := fromJSON(t, file("")).Encode("Ab", tokenizer.WithSpecialAsText())
	if err != nil || !same(e.IDs, []int64{0}) {
		t.Errorf("special token as text: %v, %v", e.IDs, err)
	}
}

func TestTruncationErrors(t *testing.T) {
	tok := fromJSON(t, small)
	for _, c := range []struct {
		tr   tokenizer.Truncation
		pair bool
		want string
	}{
		{tokenizer.Truncation{MaxLength: 1}, false, "leaves no room: 2 special tokens are added"},
		{tokenizer.Truncation{MaxLength: 4, Stride: 3}, false, "tokenizer stride set to 3, which is greater than or equal to its effective max length of 2 (= 4 original max length - 2 added special tokens)"},
		{tokenizer.Truncation{MaxLength: 4, Stride: 2}, false, "stride 2 must be less than the 2 tokens"},
		{tokenizer.Truncation{MaxLength: 4, Strategy: tokenizer.OnlySecond}, false, tokenizer.ErrNoSecond.Error()},
		{tokenizer.Truncation{MaxLength: 4, Strategy: tokenizer.OnlySecond}, true, tokenizer.ErrTooShort.Error()},
		{tokenizer.Truncation{MaxLength: 4, Strategy: "half"}, false, `strategy "half"`},
		{tokenizer.Truncation{MaxLength: 4, Side: "top"}, false, `side "top"`},
		{tokenizer.Truncation{MaxLength: -1}, false, "no negative numbers"},
	} {
		var err error
		if c.pair {
			_, err = tok.EncodePair("a a a a", "a", tokenizer.WithTruncation(c.tr))
		} else {
			_, err = tok.Encode("a a a a", tokenizer.WithTruncation(c.tr))
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v, want %s", c.tr, err, c.want)
		}
	}
	if _, err := tok.Encode("a", tokenizer.WithPadding(tokenizer.Padding{Length: 1 << 40})); err == nil {
		t.Error("padding to 2^40 tokens: want an error")
	}
	if _, err := tok.Encode("a", tokenizer.WithPadding(tokenizer.Padding{Side: "up"})); err == nil {
		t.Error("padding on the side up: want an error")
	}
}

func TestAsConfigured(t *testing.T) {
	file := strings.Replace(small, "{", `{"truncation": {"max_length": 4, "stride": 0, "strategy": "LongestFirst", "direction": "Left"},
		"padding": {"strategy": {"Fixed": 6}, "direction": "Left", "pad_to_multiple_of": null, "pad_id": 2, "pad_type_id": 0, "pad_token": "[UNK]"},`, 1)
	tok := fromJSON(t, file)
	e, err := tok.Encode("a cafe a", tokenizer.AsConfigured())
	if err != nil || !same(e.IDs, []int64{2, 2, 0, 6, 8, 1}) {
		t.Errorf("as configured: %v, %v", e.IDs, err)
	}
	if e, err = tok.Encode("a cafe a"); err != nil || !same(e.IDs, []int64{0, 8, 6, 8, 1}) {
		t.Errorf("otherwise: %v, %v", e.IDs, err)
	}
	if tr, ok := tok.FileTruncation(); !ok || tr.MaxLength != 4 || tr.Side != tokenizer.Left {
		t.Errorf("truncation of the file: %+v, %v", tr, ok)
	}
	if p, ok := tok.FilePadding(); !ok || p.Length != 6 || p.ID != 2 {
		t.Errorf("padding of the file: %+v, %v", p, ok)
	}
}

// TestConcurrent encodes on several goroutines what was encoded on one.
func TestConcurrent(t *testing.T) {
	for i, s := range seeds() {
		tok := fromJSON(t, s)
		texts := strings.SplitAfter(prose(1<<14), " ")
		want, err := tok.EncodeBatch(texts, tokenizer.WithWorkers(1))
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for j, text := range texts {
					if e, err := tok.Encode(text); err != nil || !same(e.IDs, want[j].IDs) {
						t.Errorf("tokenizer %d: %q: %v, %v, want %v", i, text, e.IDs, err, want[j].IDs)
						return
					}
				}
			})
		}
		wg.Wait()
	}
}

func TestIDsOnly(t *testing.T) {
	tok := fromJSON(t, small)
	e, err := tok.Encode("a cafe", tokenizer.IDsOnly(), tokenizer.WithTruncation(tokenizer.Truncation{MaxLength: 3}),
		tokenizer.WithPadding(tokenizer.Padding{Length: 5}))
	if err != nil || !same(e.IDs, []int64{0, 8, 1, 0, 0}) || e.Tokens != nil || e.Offsets != nil || e.Words != nil {
		t.Errorf("%+v, %v", e, err)
	}
}

// TestVocabFiles loads the files that came before tokenizer.json.
func TestVocabFiles(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"bert/vocab.txt":              "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nab\n##c\nAb\n",
		"cased/vocab.txt":             "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nab\n##c\nAb\n",
		"cased/tokenizer_config.json": `{"do_lower_case": false}`,
		"roberta/vocab.json":          `{"<s>": 0, "</s>": 1, "<mask>": 2, "a": 3, "b": 4, "ab": 5}`,
		"roberta/merges.txt":          "#version: 0.2\na b\n",
		"roberta/onnx/model.onnx":     "",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		path string
		want []int64
	}{
		{"bert", []int64{2, 5, 6, 3}},
		{"cased/vocab.txt", []int64{2, 7, 6, 3}},
	} {
		tok, err := tokenizer.Load(filepath.Join(dir, c.path))
		if err != nil {
			t.Fatal(err)
		}
		if e, err := tok.Encode("Abc"); err != nil || !same(e.IDs, c.want) {
			t.Errorf("%s: %v, %v, want %v", c.path, e.IDs, err, c.want)
		}
	}
	tok, err := tokenizer.Load(filepath.Join(dir, "roberta/onnx/model.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	if e, err := tok.EncodePair("ab", "b"); err != nil || !same(e.IDs, []int64{0, 5, 1, 1, 4, 1}) {
		t.Errorf("roberta: %v, %v", e.IDs, err)
	}
	if _, err := tokenizer.Load(t.TempDir()); !errors.Is(err, tokenizer.ErrNotFound) {
		t.Errorf("an empty folder: %v", err)
	}
}
