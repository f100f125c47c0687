package tokenizer

import (
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/seed6700ada1/infer/models/text/tokenizer/chars"
	"github.com/seed6700ada1/infer/models/text/tokenizer/schema"
)

// processor is a `post_processor`: it adds special tokens to the encodings of one text
// or two, and says to which text each token belongs.
type processor interface {
	// added returns how many tokens are added to one text, or to two.
	added(pair bool) int
	// process returns the encodings that, one behind the other, are the result.
	process(p post) ([]Encoding, error)
}

// post is what a processor works on.
type post struct {
	encodings []Encoding
	special   bool      // add special tokens
	texts     [2]string // the originals
	runes     bool      // offsets count code points
}

// parseProcessor returns the processor that data, which stands at path, describes.
func parseProcessor(data []byte, path string, depth int) (processor, error) {
	o, err := schema.Parse(data, path)
	if err != nil {
		return nil, err
	}
	var p processor
	switch kind := o.String("type"); kind {
	case "Sequence":
		var list []processor
		list, err = schema.Build(o, "processors", depth, parseProcessor)
		p = processors(list)
	case "TemplateProcessing":
		p, err = parseTemplate(o)
	case "BertProcessing":
		p = frame{cls: special(o, "cls"), sep: special(o, "sep")}
	case "RobertaProcessing":
		p = frame{
			cls: special(o, "cls"), sep: special(o, "sep"), roberta: true,
			trim: trim{on: o.BoolOr("trim_offsets", true), prefixed: o.BoolOr("add_prefix_space", true)},
		}
	case "ByteLevel":
		p = trim{on: o.BoolOr("trim_offsets", true), prefixed: o.BoolOr("add_prefix_space", true)}
	default:
		o.Failf("type", "%q is not a kind of post-processor that is known", kind)
	}
	if o.Err() != nil {
		err = o.Err()
	}
	return p, err
}

// processors applies one processor after the other.
type processors []processor

func (list processors) added(pair bool) (n int) {
	for _, p := range list {
		n += p.added(pair)
	}
	return n
}

func (list processors) process(p post) ([]Encoding, error) {
	for _, next := range list {
		var err error
		if p.encodings, err = next.process(p); err != nil {
			return nil, err
		}
	}
	return p.encodings, nil
}

// trim takes the spaces that byte-level tokens begin with out of their offsets.
type trim struct {
	on       bool
	prefixed bool // a space was set before the text, and is not in it
}

func (trim) added(bool) int { return 0 }

func (t trim) process(p post) ([]Encoding, error) {
	if t.on {
		for i := range p.encodings {
			e := &p.encodings[i]
			t.encoding(e, p)
			for j := range e.Overflowing {
				t.encoding(&e.Overflowing[j], p)
			}
		}
	}
	return p.encodings, nil
}

func (t trim) encoding(e *Encoding, p post) {
	space := chars.ByteRune(' ')
	for i, token := range e.Tokens {
		lead, trail := 0, 0
		for _, r := range token {
			if r != space && !chars.Space(r) {
				break
			}
			lead++
		}
		for rest := token; rest != ""; trail++ {
			r, n := utf8.DecodeLastRuneInString(rest)
			if r != space && !chars.Space(r) {
				break
			}
			rest = rest[:len(rest)-n]
		}
		if lead == 0 && trail == 0 {
			continue
		}
		o := &e.Offsets[i]
		if lead == 1 && t.prefixed && (i == 0 || o.Start == 0) {
			lead = 0
		}
		text := ""
		if !p.runes && e.Sequences[i] >= 0 {
			text = p.texts[e.Sequences[i]]
		}
		for ; lead > 0 && o.Start < o.End; lead-- {
			o.Start += runeLen(text, o.Start, 1)
		}
		o.Start = min(o.Start, o.End)
		if o.End < trail {
			continue
		}
		for ; trail > 0 && o.End > o.Start; trail-- {
			o.End -= runeLen(text, o.End, -1)
		}
		o.End = max(o.End, o.Start)
	}
}

// runeLen returns the length of the rune of text behind or before i, by direction; it
// is 1 where offsets count runes, and text is empty.
func runeLen(text string, i, direction int) int {
	if text == "" || i < 0 || i > len(text) {
		return 1
	}
	decode := utf8.DecodeRuneInString
	part := text[i:]
	if direction < 0 {
		decode, part = utf8.DecodeLastRuneInString, text[:i]
	}
	_, n := decode(part)
	return max(n, 1)
}

// specialToken is a token that a processor adds.
type specialToken struct {
	token string
	id    int64
}

// special reads the field name of o, a token and its id.
func special(o *schema.Object, name string) (t specialToken) {
	var pair []json.RawMessage
	o.Read(name, "a token and its id", &pair)
	if len(pair) != 2 || json.Unmarshal(pair[0], &t.token) != nil || json.Unmarshal(pair[1], &t.id) != nil || t.id < 0 {
		o.Failf(name, "want a token and its id")
	}
	return t
}

// frame is the processor of BERT, [CLS] A [SEP] B [SEP], and of RoBERTa,
// <s> A </s></s> B </s>, which takes all for one type.
type frame struct {
	cls, sep specialToken
	roberta  bool
	trim     trim
}

func (f frame) added(pair bool) int {
	switch {
	case !pair:
		return 2
	case f.roberta:
		return 4
	}
	return 3
}

func (f frame) process(p post) ([]Encoding, error) {
	if f.roberta {
		if _, err := f.trim.process(p); err != nil {
			return nil, err
		}
		for i := range p.encodings {
			clear(p.encodings[i].TypeIDs)
		}
	}
	if !p.special {
		return p.encodings, nil
	}
	out := make([]Encoding, len(p.encodings))
	for i := range p.encodings {
		e := &p.encodings[i]
		over := e.Overflowing
		e.Overflowing = nil
		out[i] = f.wrap(*e, i)
		for _, o := range over {
			if f.roberta {
				clear(o.TypeIDs)
			}
			o.Overflowing = nil
			out[i].Overflowing = append(out[i].Overflowing, f.wrap(o, i))
		}
	}
	return out, nil
}

// wrap sets the tokens around e, the encoding of the text i.
func (f frame) wrap(e Encoding, i int) Encoding {
	typeID := int64(0)
	if i > 0 && !f.roberta {
		typeID = 1
	}
	e = join(e, added([]int64{f.sep.id}, []string{f.sep.token}, typeID))
	switch {
	case i == 0:
		return join(added([]int64{f.cls.id}, []string{f.cls.token}, 0), e)
	case f.roberta:
		return join(added([]int64{f.sep.id}, []string{f.sep.token}, 0), e)
	}
	return e
}

// template is the processor that is written out piece by piece.
type template struct {
	single, pair []templatePiece
}

// templatePiece is a text, or tokens that are added.
type templatePiece struct {
	sequence int // 0 or 1, or -1 for tokens
	typeID   int64
	ids      []int64
	tokens   []string
}

// parseTemplate reads a processor of the type "TemplateProcessing".
func parseTemplate(o *schema.Object) (processor, error) {
	tokens := o.Object("special_tokens")
	if o.Err() != nil {
		return nil, o.Err()
	}
	parse := func(data []byte, path string, _ int) (templatePiece, error) { return parsePiece(data, path, tokens) }
	single, err := schema.Build(o, "single", 0, parse)
	if err != nil {
		return nil, err
	}
	pair, err := schema.Build(o, "pair", 0, parse)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(single, func(p templatePiece) bool { return p.sequence == 1 }); i >= 0 {
		return nil, fmt.Errorf("%s.single[%d]: a single text has no sequence B", o.Path, i)
	}
	return template{single, pair}, nil
}

func parsePiece(data []byte, path string, tokens *schema.Object) (piece templatePiece, err error) {
	o, err := schema.Parse(data, path)
	if err != nil {
		return piece, err
	}
	if o.Has("Sequence") {
		in := o.Object("Sequence")
		if in.Enum("id", "A", "B") == "B" {
			piece.sequence = 1
		}
		piece.typeID = int64(in.Int("type_id"))
		return piece, in.Err()
	}
	in := o.Object("SpecialToken")
	id := in.String("id")
	piece.sequence, piece.typeID = -1, int64(in.Int("type_id"))
	if o.Err() != nil || in.Err() != nil {
		return piece, fmt.Errorf(`%s: want {"Sequence": …} or {"SpecialToken": …} with id and type_id`, path)
	}
	if !tokens.Has(id) {
		return piece, fmt.Errorf("%s: %q is not among special_tokens", path, id)
	}
	token := tokens.Object(id)
	token.Read("ids", "a list of ids", &piece.ids)
	token.Read("tokens", "a list of tokens", &piece.tokens)
	if token.Err() == nil && len(piece.ids) != len(piece.tokens) {
		token.Failf("ids", "%d ids for %d tokens", len(piece.ids), len(piece.tokens))
	}
	return piece, token.Err()
}

func (t template) added(pair bool) (n int) {
	pieces := t.single
	if pair {
		pieces = t.pair
	}
	for _, p := range pieces {
		n += len(p.ids)
	}
	return n
}

func (t template) process(p post) ([]Encoding, error) {
	pieces := t.single
	switch len(p.encodings) {
	case 1:
	case 2:
		pieces = t.pair
	default:
		return nil, fmt.Errorf("tokenizer: a template got %d encodings, want 1 or 2: no other processor that adds tokens may stand before it", len(p.encodings))
	}
	out := make([]Encoding, 0, len(pieces))
	used := [2]bool{}
	for _, piece := range pieces {
		switch {
		case piece.sequence < 0 && p.special:
			out = append(out, added(piece.ids, piece.tokens, piece.typeID))
		case piece.sequence >= 0:
			e := &p.encodings[piece.sequence]
			for i := range e.TypeIDs {
				e.TypeIDs[i] = piece.typeID
			}
			part := *e
			if used[piece.sequence] { // a text that is used twice is not shared
				part = e.clone()
				for i := range e.Overflowing {
					part.Overflowing = append(part.Overflowing, e.Overflowing[i].clone())
				}
			}
			used[piece.sequence] = true
			out = append(out, part)
		}
	}
	return out, nil
}
