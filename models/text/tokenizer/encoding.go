package tokenizer

import "slices"

// Offset is a part of a text, [Start, End).
type Offset struct{ Start, End int }

// Encoding is a text as tokens. Its slices have one element a token.
type Encoding struct {
	// IDs, TypeIDs and AttentionMask are what models take under the names input_ids,
	// token_type_ids and attention_mask: the tokens, which of two texts each belongs
	// to, and 1 but for padding.
	IDs, TypeIDs, AttentionMask []int64
	// SpecialTokensMask says which tokens were added to those of the text.
	SpecialTokensMask []bool
	// Tokens holds the tokens as the vocabulary writes them.
	Tokens []string
	// Offsets says which part of its text each token stands for, in bytes or, with
	// [WithRuneOffsets], in code points. Tokens that were added have 0, 0.
	Offsets []Offset
	// Words counts the words of each text; -1 is a token that was added.
	Words []int
	// Sequences says which text each token is of, 0 or 1; -1 is a token that was added.
	Sequences []int
	// Overflowing holds what truncation cut off, in pieces of the same length, each
	// with its special tokens.
	Overflowing []Encoding
}

// Len returns the number of tokens.
func (e *Encoding) Len() int { return len(e.IDs) }

// added returns an encoding of tokens that are added to a text.
func added(ids []int64, tokens []string, typeID int64) Encoding {
	n := len(ids)
	e := Encoding{
		IDs: slices.Clone(ids), TypeIDs: repeat(typeID, n), AttentionMask: repeat(int64(1), n), SpecialTokensMask: repeat(true, n),
		Tokens: slices.Clone(tokens), Offsets: make([]Offset, n), Words: repeat(-1, n), Sequences: repeat(-1, n),
	}
	return e
}

func repeat[T any](v T, n int) []T {
	s := make([]T, n)
	for i := range s {
		s[i] = v
	}
	return s
}

// slice returns tokens [i, j) without what overflows.
func (e *Encoding) slice(i, j int) Encoding {
	return Encoding{
		IDs: cut(e.IDs, i, j), TypeIDs: cut(e.TypeIDs, i, j), AttentionMask: cut(e.AttentionMask, i, j),
		SpecialTokensMask: cut(e.SpecialTokensMask, i, j), Tokens: cut(e.Tokens, i, j), Offsets: cut(e.Offsets, i, j),
		Words: cut(e.Words, i, j), Sequences: cut(e.Sequences, i, j),
	}
}

// cut returns a copy of s[i:j], or nil where s is: fields that were not asked for.
func cut[T any](s []T, i, j int) []T {
	if s == nil {
		return nil
	}
	return slices.Clone(s[i:j])
}

// clone returns a copy that shares nothing, without what overflows.
func (e *Encoding) clone() Encoding { return e.slice(0, e.Len()) }

// join returns a followed by b. What overflows of the one is followed by the other and
// by each piece that overflows of it.
func join(a, b Encoding) Encoding {
	var over []Encoding
	for i := range a.Overflowing {
		o := a.Overflowing[i].clone()
		over = append(over, join(o, b))
		for j := range b.Overflowing {
			over = append(over, join(a.Overflowing[i].clone(), b.Overflowing[j]))
		}
	}
	for j := range b.Overflowing {
		over = append(over, join(a.clone(), b.Overflowing[j]))
	}
	return Encoding{
		IDs: append(a.IDs, b.IDs...), TypeIDs: append(a.TypeIDs, b.TypeIDs...),
		AttentionMask: append(a.AttentionMask, b.AttentionMask...), SpecialTokensMask: append(a.SpecialTokensMask, b.SpecialTokensMask...),
		Tokens: append(a.Tokens, b.Tokens...), Offsets: append(a.Offsets, b.Offsets...),
		Words: append(a.Words, b.Words...), Sequences: append(a.Sequences, b.Sequences...),
		Overflowing: over,
	}
}

// merge joins encodings.
func merge(list []Encoding) Encoding {
	if len(list) == 1 {
		return list[0]
	}
	var e Encoding
	for _, next := range list {
		e = join(e, next)
	}
	return e
}
