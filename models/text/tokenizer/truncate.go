package tokenizer

import (
	"errors"
	"fmt"

	"github.com/seed6700ada1/infer/models/text/tokenizer/schema"
)

// Side is an end of a text.
type Side string

// The ends of a text.
const (
	Left  Side = "left"
	Right Side = "right"
)

// Strategy says which of two texts is truncated.
type Strategy string

// Which of two texts is truncated.
const (
	LongestFirst Strategy = "longest_first" // the longer, and both once they are as long
	OnlyFirst    Strategy = "only_first"
	OnlySecond   Strategy = "only_second"
)

// Truncation cuts encodings that are too long. What is cut off is kept in
// [Encoding.Overflowing].
type Truncation struct {
	MaxLength int      // of the encoding, special tokens counted
	Stride    int      // tokens that each overflowing piece repeats of the one before it
	Strategy  Strategy // "" is LongestFirst
	Side      Side     // where tokens are cut off; "" is Right
}

// Errors of truncation; the text of the first two is the reference's.
var (
	ErrNoSecond = errors.New("Truncation error: Second sequence not provided")
	ErrTooShort = errors.New("Truncation error: Sequence to truncate too short to respect the provided max_length")
)

// parseTruncation reads the field "truncation" of a tokenizer.json.
func parseTruncation(data []byte, path string) (*Truncation, error) {
	o, err := schema.Parse(data, path)
	if err != nil {
		return nil, err
	}
	t := &Truncation{MaxLength: o.Int("max_length"), Stride: o.Int("stride")}
	switch o.Enum("strategy", "LongestFirst", "OnlyFirst", "OnlySecond") {
	case "OnlyFirst":
		t.Strategy = OnlyFirst
	case "OnlySecond":
		t.Strategy = OnlySecond
	default:
		t.Strategy = LongestFirst
	}
	t.Side = parseSide(o)
	return t, o.Err()
}

// parseSide reads the field "direction".
func parseSide(o *schema.Object) Side {
	if o.Has("direction") && o.Enum("direction", "Left", "Right") == "Left" {
		return Left
	}
	return Right
}

// limit returns the truncation for the tokens of the texts alone, when as many are
// added. The stride is checked against single texts, to which one are added.
func (t Truncation) limit(added, one int) (Truncation, error) {
	switch t.Strategy {
	case "", LongestFirst, OnlyFirst, OnlySecond:
	default:
		return t, fmt.Errorf("tokenizer: truncation strategy %q, want %q, %q or %q", t.Strategy, LongestFirst, OnlyFirst, OnlySecond)
	}
	switch t.Side {
	case "", Left, Right:
	default:
		return t, fmt.Errorf("tokenizer: truncation side %q, want %q or %q", t.Side, Left, Right)
	}
	if t.MaxLength < 0 || t.Stride < 0 {
		return t, fmt.Errorf("tokenizer: truncation to %d tokens with stride %d: want no negative numbers", t.MaxLength, t.Stride)
	}
	if t.MaxLength < added {
		return t, fmt.Errorf("tokenizer: truncation to %d tokens leaves no room: %d special tokens are added", t.MaxLength, added)
	}
	if left := t.MaxLength - one; left < t.Stride {
		return t, fmt.Errorf("tokenizer stride set to %d, which is greater than or equal to its effective max length of %d (= %d original max length - %d added special tokens)",
			t.Stride, left, t.MaxLength, one)
	}
	t.MaxLength -= added
	return t, nil
}

// apply truncates a, and b where there is one, to MaxLength tokens together.
func (t Truncation) apply(a, b *Encoding) error {
	n1, n2 := a.Len(), 0
	if b != nil {
		n2 = b.Len()
	}
	over := n1 + n2 - t.MaxLength
	switch {
	case t.MaxLength == 0:
		n1, n2 = 0, 0
	case over <= 0:
		return nil
	case t.Strategy == OnlyFirst && n1 <= over, t.Strategy == OnlySecond && b != nil && n2 <= over:
		return ErrTooShort
	case t.Strategy == OnlyFirst:
		n1 -= over
	case t.Strategy == OnlySecond && b == nil:
		return ErrNoSecond
	case t.Strategy == OnlySecond:
		n2 -= over
	default:
		n1, n2 = shares(n1, n2, t.MaxLength, b != nil)
	}
	if err := t.cut(a, n1); err != nil || b == nil {
		return err
	}
	return t.cut(b, n2)
}

// shares returns how many of n1 and n2 tokens stay, limit together: the shorter text
// stays whole if it has no more than its half.
func shares(n1, n2, limit int, pair bool) (m1, m2 int) {
	if !pair {
		return limit, 0
	}
	swap := n1 > n2
	if swap {
		n1 = n2
	}
	if n1 > limit {
		n2 = n1
	} else {
		n2 = max(n1, limit-n1)
	}
	if n1+n2 > limit {
		n1 = limit / 2
		n2 = n1 + limit%2
	}
	if swap {
		n1, n2 = n2, n1
	}
	return n1, n2
}

// cut leaves n tokens of e and makes pieces of the rest.
func (t Truncation) cut(e *Encoding, n int) error {
	total := e.Len()
	if n >= total {
		return nil
	}
	if n == 0 {
		all := *e
		*e = e.slice(0, 0)
		e.Overflowing = append(e.Overflowing, all)
		return nil
	}
	step := n - t.Stride
	if step <= 0 {
		return fmt.Errorf("tokenizer: stride %d must be less than the %d tokens that are left of the text", t.Stride, n)
	}
	var pieces []Encoding
	for at := 0; ; at += step {
		lo, hi := at, min(at+n, total)
		if t.Side == Left {
			lo, hi = max(total-at-n, 0), total-at
		}
		pieces = append(pieces, e.slice(lo, hi))
		if t.Side == Left && lo == 0 || t.Side != Left && hi == total {
			break
		}
	}
	*e = pieces[0]
	e.Overflowing = pieces[1:]
	return nil
}
