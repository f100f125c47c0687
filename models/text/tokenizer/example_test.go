package tokenizer_test

import (
	"fmt"

	"github.com/seed6700ada1/infer/models/text/tokenizer"
)

// small is a tokenizer.json with a vocabulary of a few pieces of words.
const small = `{
	"added_tokens": [
		{"id": 0, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
		{"id": 1, "content": "[SEP]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
	"normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
	"pre_tokenizer": {"type": "BertPreTokenizer"},
	"post_processor": {"type": "BertProcessing", "cls": ["[CLS]", 0], "sep": ["[SEP]", 1]},
	"decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
	"model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
		"vocab": {"[CLS]": 0, "[SEP]": 1, "[UNK]": 2, "token": 3, "##izer": 4, "##s": 5, "cafe": 6, "!": 7, "a": 8}}}`

func Example() {
	t, err := tokenizer.FromJSON([]byte(small))
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := t.Encode("Tokenizers, Café!")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Tokens)
	fmt.Println(e.IDs)
	fmt.Println(e.Offsets)
	text, err := t.Decode(e.IDs, true)
	fmt.Printf("%q %v\n", text, err)
	// Output:
	// [[CLS] token ##izer ##s [UNK] cafe ! [SEP]]
	// [0 3 4 5 2 6 7 1]
	// [{0 0} {0 5} {5 9} {9 10} {10 11} {12 17} {17 18} {0 0}]
	// "tokenizers [UNK] cafe!" <nil>
}

func ExampleTokenizer_EncodePair() {
	t, err := tokenizer.FromJSON([]byte(small))
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := t.EncodePair("token!", "a cafe, a token",
		tokenizer.WithTruncation(tokenizer.Truncation{MaxLength: 7, Strategy: tokenizer.OnlySecond}))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Tokens, e.TypeIDs)
	for _, o := range e.Overflowing {
		fmt.Println(o.Tokens)
	}
	// Output:
	// [[CLS] token ! [SEP] a cafe [SEP]] [0 0 0 0 1 1 1]
	// [[CLS] token ! [SEP] [UNK] a [SEP]]
	// [[CLS] token ! [SEP] token [SEP]]
}

func ExampleTokenizer_EncodeBatch() {
	t, err := tokenizer.FromJSON([]byte(small))
	if err != nil {
		fmt.Println(err)
		return
	}
	list, err := t.EncodeBatch([]string{"a", "tokenizers"}, tokenizer.WithPadding(tokenizer.Padding{ID: 2, Token: "[UNK]"}))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range list {
		fmt.Println(e.IDs, e.AttentionMask)
	}
	// Output:
	// [0 8 1 2 2] [1 1 1 0 0]
	// [0 3 4 5 1] [1 1 1 1 1]
}

func ExampleDecodeStream() {
	const file = `{"decoder": {"type": "ByteFallback"}, "model": {"type": "BPE", "merges": [],
		"vocab": {"a": 0, "<0xE2>": 1, "<0x82>": 2, "<0xAC>": 3}}}`
	t, err := tokenizer.FromJSON([]byte(file))
	if err != nil {
		fmt.Println(err)
		return
	}
	s := t.NewDecodeStream(true)
	for _, id := range []int64{0, 1, 2, 3, 0, 1} {
		text, err := s.Step(id)
		fmt.Printf("%q %v\n", text, err)
	}
	rest, err := s.Flush()
	fmt.Printf("%+q %v\n", rest, err)
	// Output:
	// "a" <nil>
	// "" <nil>
	// "" <nil>
	// "€" <nil>
	// "a" <nil>
	// "" <nil>
	// "\ufffd" <nil>
}
