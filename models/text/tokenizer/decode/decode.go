// Package decode turns tokens back into text.
//
// Each [Decoder] is one kind of the `decoder` of a tokenizer.json.
package decode

import (
	"github.com/seed6700ada1/infer/models/text/tokenizer/normalize"
	"github.com/seed6700ada1/infer/models/text/tokenizer/schema"
)

// Decoder rewrites tokens; the text is what it returns, one behind the other. It may
// write to tokens. It is safe for concurrent use.
type Decoder interface {
	Decode(tokens []string) ([]string, error)
}

// Parse returns the decoder that data, which stands at path of a tokenizer.json,
// describes.
func Parse(data []byte, path string) (Decoder, error) { return parse(data, path, 0) }

func parse(data []byte, path string, depth int) (Decoder, error) {
	o, err := schema.Parse(data, path)
	if err != nil {
		return nil, err
	}
	d, err := build(o, depth)
	if err == nil {
		err = o.Err()
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// build returns the decoder that o describes.
func build(o *schema.Object, depth int) (Decoder, error) {
	switch kind := o.String("type"); kind {
	case "Sequence":
		list, err := schema.Build(o, "decoders", depth, parse)
		return Sequence(list), err
	case "ByteLevel":
		return ByteLevel{}, nil
	case "ByteFallback":
		return ByteFallback{}, nil
	case "WordPiece":
		return WordPiece{Prefix: o.String("prefix"), Cleanup: o.Bool("cleanup")}, nil
	case "BPEDecoder":
		return BPE{Suffix: o.String("suffix")}, nil
	case "CTC":
		return CTC{
			Pad: o.String("pad_token"), WordDelimiter: o.String("word_delimiter_token"), Cleanup: o.Bool("cleanup"),
		}, nil
	case "Metaspace":
		m := Metaspace{Replacement: o.Rune("replacement"), Keep: !o.BoolOr("add_prefix_space", true)}
		if o.Has("prepend_scheme") {
			m.Keep = o.Enum("prepend_scheme", "first", "never", "always") == "never"
		}
		return m, nil
	case "Replace":
		p, err := normalize.ParsePattern(o)
		return &Replace{Pattern: p, Content: o.String("content")}, err
	case "Fuse":
		return Fuse{}, nil
	case "Strip":
		return Strip{Content: o.Rune("content"), Start: o.Int("start"), Stop: o.Int("stop")}, nil
	default:
		o.Failf("type", "%q is not a kind of decoder that is known", kind)
		return nil, o.Err()
	}
}

// Sequence applies one decoder after the other.
type Sequence []Decoder

// Decode implements [Decoder].
func (s Sequence) Decode(tokens []string) ([]string, error) {
	for _, d := range s {
		var err error
		if tokens, err = d.Decode(tokens); err != nil {
			return nil, err
		}
	}
	return tokens, nil
}
