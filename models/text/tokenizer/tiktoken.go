package tokenizer

import (
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/seed6700ada1/infer/models/text/tokenizer/decode"
	"github.com/seed6700ada1/infer/models/text/tokenizer/model"
	textpattern "github.com/seed6700ada1/infer/models/text/tokenizer/pattern"
	"github.com/seed6700ada1/infer/models/text/tokenizer/pretoken"
)

// tiktokenEncoding is what a .tiktoken file does not say of itself.
type tiktokenEncoding struct {
	expr    string
	special map[string]int
}

// o200k is the expression of o200k_base: words are cut at changes of case.
const o200k = `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?` +
	`|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?` +
	`|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`

// tiktokenEncodings returns the published encodings, by the name of their file.
func tiktokenEncodings() map[string]tiktokenEncoding {
	const endOfText, endOfPrompt = "<|endoftext|>", "<|endofprompt|>"
	fim := func(from int, more map[string]int) map[string]int {
		more["<|fim_prefix|>"], more["<|fim_middle|>"], more["<|fim_suffix|>"] = from, from+1, from+2
		return more
	}
	return map[string]tiktokenEncoding{
		"gpt2":        {textpattern.GPT2, map[string]int{endOfText: 50256}},
		"r50k_base":   {textpattern.GPT2, map[string]int{endOfText: 50256}},
		"p50k_base":   {textpattern.GPT2, map[string]int{endOfText: 50256}},
		"p50k_edit":   {textpattern.GPT2, fim(50281, map[string]int{endOfText: 50256})},
		"cl100k_base": {textpattern.CL100K, fim(100258, map[string]int{endOfText: 100257, endOfPrompt: 100276})},
		"o200k_base":  {o200k, map[string]int{endOfText: 199999, endOfPrompt: 200018}},
	}
}

// FromTiktoken returns the tokenizer of a .tiktoken file: a line for each token, its
// bytes in base64 and its id. name is that of the encoding, such as "cl100k_base": it
// tells the rest, which the file does not hold.
func FromTiktoken(name string, data []byte) (*Tokenizer, error) {
	name = strings.TrimSuffix(filepath.Base(name), ".tiktoken")
	encoding, ok := tiktokenEncodings()[name]
	if !ok {
		return nil, fmt.Errorf("tokenizer: %q is not an encoding of tiktoken that is known", name)
	}
	tokens := map[string]int32{}
	line := 0
	for text := range strings.Lines(string(data)) {
		line++
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		token, id, _ := strings.Cut(text, " ")
		raw, err := base64.StdEncoding.DecodeString(token)
		n, err2 := strconv.ParseInt(id, 10, 32)
		if err != nil || err2 != nil || n < 0 || len(raw) == 0 {
			return nil, fmt.Errorf("tokenizer: line %d: want a token in base64 and its id, got %q", line, text[:min(len(text), 60)])
		}
		tokens[string(raw)] = int32(n)
	}
	m, ok := model.NewRankedBPE(tokens)
	if !ok {
		return nil, fmt.Errorf("tokenizer: %d tokens, and not every byte is one", len(tokens))
	}
	expr, err := textpattern.Compile(encoding.expr)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	p := parts{
		model: m, decoder: decode.ByteLevel{},
		splitter: pretoken.Sequence{&pretoken.Split{Pattern: expr}, pretoken.ByteLevel{}},
	}
	t, err := p.build()
	if err != nil {
		return nil, err
	}
	return t, t.addSpecial(encoding.special)
}

// addSpecial adds special tokens with ids of their own choice.
func (t *Tokenizer) addSpecial(special map[string]int) error {
	var list []pattern
	for content, id := range special {
		if token, ok := t.model.IDToToken(id); ok {
			return fmt.Errorf("tokenizer: the special token %s has the id %d, which is that of %q", content, id, token)
		}
		t.added.ids[content], t.added.special[content] = id, true
		t.added.tokens[id] = AddedToken{Content: content, ID: id, Special: true}
		list = append(list, pattern{content, id})
	}
	t.added.plain = newMatcher(list)
	t.size += len(list)
	return nil
}
