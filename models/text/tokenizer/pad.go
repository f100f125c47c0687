package tokenizer

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/models/text/tokenizer/schema"
)

// Padding makes encodings as long as each other.
type Padding struct {
	Length     int    // of each encoding; 0 is that of the longest of the batch
	MultipleOf int    // round the length up to a multiple; 0 leaves it
	ID, TypeID int64  // of the tokens that are added
	Token      string // as the vocabulary writes it
	Side       Side   // where they are added; "" is Right
}

// parsePadding reads the field "padding" of a tokenizer.json.
func parsePadding(data []byte, path string) (*Padding, error) {
	o, err := schema.Parse(data, path)
	if err != nil {
		return nil, err
	}
	p := &Padding{
		MultipleOf: o.IntOr("pad_to_multiple_of", 0), ID: int64(o.Int("pad_id")), TypeID: int64(o.Int("pad_type_id")),
		Token: o.String("pad_token"), Side: parseSide(o),
	}
	raw, _ := o.Raw("strategy")
	var longest string
	if json.Unmarshal(raw, &longest) != nil {
		p.Length = o.Object("strategy").Int("Fixed")
	} else if longest != "BatchLongest" {
		o.Failf("strategy", `want "BatchLongest" or {"Fixed": …}, got %q`, longest)
	}
	return p, o.Err()
}

// maxPadding bounds the length that padding asks for.
const maxPadding = 1 << 24

// apply pads all of list.
func (p Padding) apply(list []Encoding) error {
	switch p.Side {
	case "", Left, Right:
	default:
		return fmt.Errorf("tokenizer: padding side %q, want %q or %q", p.Side, Left, Right)
	}
	length := p.Length
	if length == 0 {
		for i := range list {
			length = max(length, list[i].Len())
		}
	}
	if m := p.MultipleOf; m > 0 && length%m > 0 {
		length += m - length%m
	}
	if length < 0 || length > maxPadding && length > 2*p.longest(list) {
		return fmt.Errorf("tokenizer: padding to %d tokens, want at most %d", length, maxPadding)
	}
	for i := range list {
		p.pad(&list[i], length)
	}
	return nil
}

func (p Padding) longest(list []Encoding) (n int) {
	for i := range list {
		n = max(n, list[i].Len())
	}
	return n
}

// pad pads e and what overflows of it.
func (p Padding) pad(e *Encoding, length int) {
	for i := range e.Overflowing {
		p.pad(&e.Overflowing[i], length)
	}
	n := length - e.Len()
	if n <= 0 {
		return
	}
	e.IDs = p.fill(e.IDs, p.ID, n)
	e.TypeIDs = p.fill(e.TypeIDs, p.TypeID, n)
	e.AttentionMask = p.fill(e.AttentionMask, 0, n)
	e.SpecialTokensMask = fill(e.SpecialTokensMask, true, n, p.Side)
	if e.Tokens != nil {
		e.Tokens = fill(e.Tokens, p.Token, n, p.Side)
		e.Offsets = fill(e.Offsets, Offset{}, n, p.Side)
		e.Words = fill(e.Words, -1, n, p.Side)
	}
	e.Sequences = fill(e.Sequences, -1, n, p.Side)
}

func (p Padding) fill(s []int64, v int64, n int) []int64 { return fill(s, v, n, p.Side) }

// fill adds n times v at a side of s.
func fill[T any](s []T, v T, n int, side Side) []T {
	if side == Left {
		return slices.Concat(repeat(v, n), s)
	}
	return append(s, repeat(v, n)...)
}
