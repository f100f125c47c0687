package tokenizer

import (
	"fmt"
	"unicode/utf8"

	"github.com/seed6700ada1/infer/models/text/tokenizer/aligned"
	"github.com/seed6700ada1/infer/models/text/tokenizer/chars"
	"github.com/seed6700ada1/infer/models/text/tokenizer/model"
	"github.com/seed6700ada1/infer/models/text/tokenizer/normalize"
	"github.com/seed6700ada1/infer/models/text/tokenizer/schema"
)

// AddedToken is a token beside those of the model: it is found in the text before
// anything else is done to it.
type AddedToken struct {
	Content    string
	ID         int
	SingleWord bool // only where no word character stands beside it
	LStrip     bool // takes the white space before it
	RStrip     bool // takes the white space behind it
	Normalized bool // is found in the normalized text
	Special    bool // is left out by Decode, and is text where special tokens are text
}

// addedTokens finds added tokens in text.
type addedTokens struct {
	ids        map[string]int
	tokens     map[int]AddedToken
	special    map[string]bool
	plain      *matcher // in the text as it is
	normalized *matcher // in the normalized text
}

// parseAdded reads an element of the field "added_tokens".
func parseAdded(data []byte, path string, _ int) (AddedToken, error) {
	o, err := schema.Parse(data, path)
	if err != nil {
		return AddedToken{}, err
	}
	return AddedToken{
		ID: o.Int("id"), Content: o.String("content"), SingleWord: o.Bool("single_word"), LStrip: o.Bool("lstrip"),
		RStrip: o.Bool("rstrip"), Normalized: o.Bool("normalized"), Special: o.Bool("special"),
	}, o.Err()
}

// newAddedTokens returns the finder of list. A token that the model has keeps the
// model's id; others get those behind the model's, in order.
func newAddedTokens(list []AddedToken, m model.Model, n normalize.Normalizer) (*addedTokens, error) {
	a := &addedTokens{ids: map[string]int{}, tokens: map[int]AddedToken{}, special: map[string]bool{}}
	for _, t := range list {
		if t.Special && t.Content != "" {
			a.special[t.Content] = true
		}
	}
	next := m.Size()
	var plain, normalized []pattern
	for _, t := range list {
		if t.Content == "" {
			continue
		}
		id, ok := a.ids[t.Content]
		if !ok {
			if id, ok = m.TokenToID(t.Content); !ok {
				id = next
				next++
			}
		}
		t.ID = id
		a.ids[t.Content], a.tokens[id] = id, t
		if !t.Normalized {
			plain = append(plain, pattern{t.Content, id})
			continue
		}
		content := t.Content
		if n != nil {
			text, err := n.Normalize(aligned.New(t.Content))
			if err != nil {
				return nil, fmt.Errorf("added_tokens: %q: %w", t.Content, err)
			}
			content = string(text.Bytes)
		}
		normalized = append(normalized, pattern{content, id})
	}
	a.plain, a.normalized = newMatcher(plain), newMatcher(normalized)
	return a, nil
}

// noToken is the id of a piece that is no added token.
const noToken = -1

// find cuts t at the added tokens that m finds, and calls yield for each piece with its
// token, or noToken.
func (a *addedTokens) find(m *matcher, t aligned.Text, specialAsText bool, yield func(piece aligned.Text, id int) error) error {
	text, sent := t.Bytes, 0
	send := func(start, end, id int) error {
		if start == end {
			return nil
		}
		return yield(t.Slice(start, end), id)
	}
	for at := 0; ; {
		start, end, id, ok := m.next(text, at)
		if !ok {
			break
		}
		at = end
		token := a.tokens[id]
		if specialAsText && a.special[token.Content] || token.SingleWord && !standsAlone(text, start, end) {
			continue
		}
		if token.LStrip {
			start = max(spacesBefore(text, start), sent)
		}
		if token.RStrip {
			end = spacesBehind(text, end)
		}
		if sent < start {
			if err := send(sent, start, noToken); err != nil {
				return err
			}
		}
		if err := send(start, end, id); err != nil {
			return err
		}
		sent = end
	}
	if sent == 0 && len(text) > 0 {
		return yield(t.Slice(0, len(text)), noToken)
	}
	return send(sent, len(text), noToken)
}

// standsAlone says whether no word character stands beside text[start:end].
func standsAlone(text []byte, start, end int) bool {
	before, _ := utf8.DecodeLastRune(text[:start])
	behind, _ := utf8.DecodeRune(text[end:])
	return (start == 0 || !chars.Word(before)) && (end == len(text) || !chars.Word(behind))
}

// spacesBefore returns where the white space before text[i] begins.
func spacesBefore(text []byte, i int) int {
	for i > 0 {
		r, n := utf8.DecodeLastRune(text[:i])
		if !chars.Space(r) {
			break
		}
		i -= n
	}
	return i
}

// spacesBehind returns where the white space at text[i] ends.
func spacesBehind(text []byte, i int) int {
	for i < len(text) {
		r, n := utf8.DecodeRune(text[i:])
		if !chars.Space(r) {
			break
		}
		i += n
	}
	return i
}
