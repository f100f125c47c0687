// Package pretoken cuts normalized text into the words that a model takes apart.
//
// Each [Splitter] is one kind of the `pre_tokenizer` of a tokenizer.json. Splitters
// work on one piece of text at a time and hand on what they cut from it, so that a
// chain of them needs no list of pieces between two links.
package pretoken

import (
	"unicode/utf8"

	"github.com/seed6700ada1/infer/models/text/tokenizer/aligned"
	"github.com/seed6700ada1/infer/models/text/tokenizer/normalize"
	"github.com/seed6700ada1/infer/models/text/tokenizer/pattern"
	"github.com/seed6700ada1/infer/models/text/tokenizer/schema"
)

// Emit takes one piece, which is valid during the call only. An error ends the split.
type Emit func(piece aligned.Text) error

// Splitter cuts text into pieces, in order, and may rewrite them. None is empty. It is
// safe for concurrent use.
type Splitter interface {
	Split(t aligned.Text, emit Emit) error
}

// Parse returns the splitter that data, which stands at path of a tokenizer.json,
// describes.
func Parse(data []byte, path string) (Splitter, error) { return parse(data, path, 0) }

func parse(data []byte, path string, depth int) (Splitter, error) {
	o, err := schema.Parse(data, path)
	if err != nil {
		return nil, err
	}
	s, err := build(o, depth)
	if err == nil {
		err = o.Err()
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// build returns the splitter that o describes.
func build(o *schema.Object, depth int) (Splitter, error) {
	switch kind := o.String("type"); kind {
	case "Sequence":
		list, err := schema.Build(o, "pretokenizers", depth, parse)
		return sequence(list), err
	case "BertPreTokenizer":
		return Sequence{WhitespaceSplit{}, Punctuation{Behavior: Isolated}}, nil
	case "ByteLevel":
		return ByteLevel{
			AddPrefixSpace: o.Bool("add_prefix_space"), UseRegex: o.BoolOr("use_regex", true),
		}, nil
	case "Metaspace":
		return parseMetaspace(o)
	case "Whitespace":
		return Whitespace{}, nil
	case "WhitespaceSplit":
		return WhitespaceSplit{}, nil
	case "Split":
		p, err := normalize.ParsePattern(o)
		return &Split{Pattern: p, Behavior: parseBehavior(o), Invert: o.Bool("invert")}, err
	case "Punctuation":
		p := Punctuation{Behavior: Isolated}
		if o.Has("behavior") {
			p.Behavior = parseBehavior(o)
		}
		return p, nil
	case "Digits":
		return Digits{Individual: o.Bool("individual_digits")}, nil
	case "CharDelimiterSplit", "Delimiter":
		return Delimiter(o.Rune("delimiter")), nil
	case "UnicodeScripts":
		return UnicodeScripts{}, nil
	case "FixedLength":
		n := o.IntOr("length", 5)
		if n < 1 {
			o.Failf("length", "want a positive number, got %d", n)
		}
		return FixedLength(n), nil
	default:
		o.Failf("type", "%q is not a kind of pre-tokenizer that is known", kind)
		return nil, o.Err()
	}
}

// parseBehavior returns the field "behavior".
func parseBehavior(o *schema.Object) Behavior {
	names := []string{"Isolated", "Removed", "MergedWithPrevious", "MergedWithNext", "Contiguous"}
	choice := o.Enum("behavior", names...)
	for i, name := range names {
		if name == choice {
			return Behavior(i)
		}
	}
	return Isolated
}

// parseMetaspace reads the fields of [Metaspace], new and old.
func parseMetaspace(o *schema.Object) (Splitter, error) {
	m := Metaspace{Replacement: o.Rune("replacement"), Prepend: "always", Whole: !o.BoolOr("split", true)}
	if o.Has("prepend_scheme") {
		m.Prepend = o.Enum("prepend_scheme", "first", "never", "always")
	}
	if !o.BoolOr("add_prefix_space", true) {
		if m.Prepend != "never" && o.Has("prepend_scheme") {
			o.Failf("add_prefix_space", "is false, and prepend_scheme %q", m.Prepend)
		}
		m.Prepend = "never"
	}
	return m, o.Err()
}

// Sequence hands the pieces of each splitter to the next.
type Sequence []Splitter

// sequence returns the splitters of list as one, those of sequences in it in their
// place.
func sequence(list []Splitter) Sequence {
	var flat Sequence
	for _, s := range list {
		if inner, ok := s.(Sequence); ok {
			flat = append(flat, inner...)
		} else {
			flat = append(flat, s)
		}
	}
	return flat
}

// Split implements [Splitter].
func (s Sequence) Split(t aligned.Text, emit Emit) error {
	for i := len(s) - 1; i > 0; i-- {
		link, next := s[i], emit
		emit = func(piece aligned.Text) error { return link.Split(piece, next) }
	}
	if len(s) == 0 {
		return emit(t)
	}
	return s[0].Split(t, emit)
}

// Split cuts at the matches of a pattern.
type Split struct {
	Pattern  *pattern.Pattern
	Behavior Behavior
	Invert   bool // cut at what lies between the matches
}

// Split implements [Splitter].
func (s *Split) Split(t aligned.Text, emit Emit) error {
	c := cutter{behavior: s.Behavior, text: t, emit: emit}
	err := s.Pattern.Segments(t.Bytes, func(start, end int, match bool) error {
		return c.segment(start, end, match != s.Invert)
	})
	if err != nil {
		return err
	}
	return c.finish()
}

// splitRunes cuts at the runes that delimiter says.
func splitRunes(t aligned.Text, behavior Behavior, emit Emit, delimiter func(r rune) bool) error {
	c := cutter{behavior: behavior, text: t, emit: emit}
	start := 0
	for i := 0; i < len(t.Bytes); {
		r, n := rune(t.Bytes[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(t.Bytes[i:])
		}
		if delimiter(r) {
			if start < i {
				if err := c.segment(start, i, false); err != nil {
					return err
				}
			}
			if err := c.segment(i, i+n, true); err != nil {
				return err
			}
			start = i + n
		}
		i += n
	}
	if start < len(t.Bytes) {
		if err := c.segment(start, len(t.Bytes), false); err != nil {
			return err
		}
	}
	return c.finish()
}
