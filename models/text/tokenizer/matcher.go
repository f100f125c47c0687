package tokenizer

import "bytes"

// pattern is a string to be found, and what it stands for.
type pattern struct {
	text string
	id   int
}

// matcher finds strings in a text: the leftmost that begins anywhere, the longest of
// those that begin there, the first of equals.
type matcher struct {
	first [256][]pattern // by first byte, longest first
	only  int            // the one first byte there is, or -1
	empty bool
}

func newMatcher(list []pattern) *matcher {
	m := &matcher{only: -1, empty: true}
	for _, p := range list {
		if p.text == "" {
			continue
		}
		c := p.text[0]
		if m.empty {
			m.only = int(c)
		} else if m.only != int(c) {
			m.only = -1
		}
		m.empty = false
		bucket := m.first[c]
		i := len(bucket)
		for i > 0 && len(bucket[i-1].text) < len(p.text) {
			i--
		}
		bucket = append(bucket, pattern{})
		copy(bucket[i+1:], bucket[i:])
		bucket[i] = p
		m.first[c] = bucket
	}
	return m
}

// next returns the first match in text from at.
func (m *matcher) next(text []byte, at int) (start, end, id int, ok bool) {
	if m.empty {
		return 0, 0, 0, false
	}
	for i := at; i < len(text); i++ {
		if m.only >= 0 {
			n := bytes.IndexByte(text[i:], byte(m.only))
			if n < 0 {
				break
			}
			i += n
		}
		for _, p := range m.first[text[i]] {
			if len(text)-i >= len(p.text) && string(text[i:i+len(p.text)]) == p.text {
				return i, i + len(p.text), p.id, true
			}
		}
	}
	return 0, 0, 0, false
}
