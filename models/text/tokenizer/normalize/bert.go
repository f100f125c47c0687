package normalize

import (
	"unicode/utf8"

	"github.com/seed6700ada1/infer/models/text/tokenizer/aligned"
	"github.com/seed6700ada1/infer/models/text/tokenizer/chars"
)

// Bert is the normalizer of BERT's original tokenizer, in its four steps.
type Bert struct {
	CleanText    bool // drop controls, turn white space into spaces
	HandleHan    bool // set ideographs between spaces
	StripAccents bool // take characters apart (NFD) and drop the nonspacing marks
	Lowercase    bool
}

// Normalize implements [Normalizer].
func (n Bert) Normalize(t aligned.Text) (aligned.Text, error) {
	if isASCII(t.Bytes) {
		return n.ascii(t), nil
	}
	if n.CleanText {
		t = clean(t)
	}
	if n.HandleHan {
		t = spaceHan(t)
	}
	if n.StripAccents {
		var err error
		if t, err = NFD.Normalize(t); err != nil {
			return t, err
		}
		t = filter(t, func(r rune) bool { return !chars.Nonspacing(r) })
	}
	if n.Lowercase {
		return Lowercase{}.Normalize(t)
	}
	return t, nil
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// ascii does all steps at once for a text of ASCII.
func (n Bert) ascii(t aligned.Text) aligned.Text {
	return edit(t, func(e *aligned.Editor, r rune, _ int) {
		switch {
		case n.CleanText && chars.Control(r):
			e.Skip(1)
		case n.CleanText && chars.Space(r):
			e.Replace(1, ' ')
		case n.Lowercase && 'A' <= r && r <= 'Z':
			e.Replace(1, r+'a'-'A')
		default:
			e.Keep(1)
		}
	})
}

func clean(t aligned.Text) aligned.Text {
	return edit(t, func(e *aligned.Editor, r rune, n int) {
		switch {
		case r == 0, r == utf8.RuneError, chars.Control(r):
			e.Skip(n)
		case chars.Space(r):
			e.Replace(n, ' ')
		default:
			e.Keep(n)
		}
	})
}

func spaceHan(t aligned.Text) aligned.Text {
	return edit(t, func(e *aligned.Editor, r rune, n int) {
		if !chars.Han(r) {
			e.Keep(n)
			return
		}
		e.Put(' ')
		e.Put(r)
		e.Put(' ')
		e.Skip(n)
	})
}
