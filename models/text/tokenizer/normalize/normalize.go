// Package normalize rewrites text before it is cut into words: case, accents, white
// space, Unicode normal forms, and the replacement tables of SentencePiece.
//
// Each [Normalizer] is one kind of the `normalizer` of a tokenizer.json, and keeps the
// alignment of its output with the original text as Hugging Face tokenizers does.
package normalize

import (
	"encoding/json"
	"fmt"

	"github.com/seed6700ada1/infer/models/text/tokenizer/aligned"
	"github.com/seed6700ada1/infer/models/text/tokenizer/pattern"
	"github.com/seed6700ada1/infer/models/text/tokenizer/schema"
)

// Normalizer rewrites text. It is safe for concurrent use.
type Normalizer interface {
	Normalize(t aligned.Text) (aligned.Text, error)
}

// Parse returns the normalizer that data, which stands at path of a tokenizer.json,
// describes.
func Parse(data []byte, path string) (Normalizer, error) { return parse(data, path, 0) }

func parse(data []byte, path string, depth int) (Normalizer, error) {
	o, err := schema.Parse(data, path)
	if err != nil {
		return nil, err
	}
	n, err := build(o, depth)
	if err == nil {
		err = o.Err()
	}
	if err != nil {
		return nil, err
	}
	return n, nil
}

// build returns the normalizer that o describes.
func build(o *schema.Object, depth int) (Normalizer, error) {
	switch kind := o.String("type"); kind {
	case "Sequence":
		list, err := schema.Build(o, "normalizers", depth, parse)
		return Sequence(list), err
	case "BertNormalizer", "Bert":
		b := Bert{
			CleanText: o.Bool("clean_text"), HandleHan: o.Bool("handle_chinese_chars"), Lowercase: o.Bool("lowercase"),
		}
		b.StripAccents = o.BoolOr("strip_accents", b.Lowercase)
		return b, nil
	case "NFC":
		return NFC, nil
	case "NFD":
		return NFD, nil
	case "NFKC":
		return NFKC, nil
	case "NFKD":
		return NFKD, nil
	case "Lowercase":
		return Lowercase{}, nil
	case "StripAccents":
		return StripAccents{}, nil
	case "Strip":
		return Strip{Left: o.Bool("strip_left"), Right: o.Bool("strip_right")}, nil
	case "Nmt":
		return Nmt{}, nil
	case "Prepend":
		return Prepend(o.String("prepend")), nil
	case "Replace":
		p, err := ParsePattern(o)
		return &Replace{Pattern: p, Content: o.String("content")}, err
	case "Precompiled":
		var charsmap []byte
		o.Read("precompiled_charsmap", "a character map in base64", &charsmap)
		if o.Err() != nil {
			return nil, o.Err()
		}
		p, err := NewPrecompiled(charsmap)
		if err != nil {
			o.Failf("precompiled_charsmap", "%v", err)
		}
		return p, nil
	case "ByteLevel":
		return ByteLevel{}, nil
	default:
		o.Failf("type", "%q is not a kind of normalizer that is known", kind)
		return nil, o.Err()
	}
}

// ParsePattern returns the field "pattern" of o: {"String": …} or {"Regex": …}.
func ParsePattern(o *schema.Object) (*pattern.Pattern, error) {
	var p map[string]json.RawMessage
	o.Read("pattern", `{"String": …} or {"Regex": …}`, &p)
	if err := o.Err(); err != nil {
		return nil, err
	}
	in := o.Object("pattern")
	switch {
	case len(p) == 1 && in.Has("String"):
		return pattern.Literal(in.String("String")), in.Err()
	case len(p) == 1 && in.Has("Regex"):
		expr := in.String("Regex")
		if in.Err() != nil {
			return nil, in.Err()
		}
		compiled, err := pattern.Compile(expr)
		if err != nil {
			return nil, fmt.Errorf("%s.Regex: %w", in.Path, err)
		}
		return compiled, nil
	}
	return nil, fmt.Errorf(`%s: want {"String": …} or {"Regex": …}`, in.Path)
}

// Sequence applies one normalizer after the other.
type Sequence []Normalizer

// Normalize implements [Normalizer].
func (s Sequence) Normalize(t aligned.Text) (aligned.Text, error) {
	for _, n := range s {
		var err error
		if t, err = n.Normalize(t); err != nil {
			return t, err
		}
	}
	return t, nil
}
