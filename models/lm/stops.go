package lm

import "strings"

// stops looks for stop strings in a text that comes in pieces. It holds back what may be
// the beginning of one.
type stops struct {
	list []string
	held string
}

// push adds a piece. It returns the text that is sure to be part of the answer, and
// whether a stop string follows it.
func (s *stops) push(piece string) (text string, stopped bool) {
	all := s.held + piece
	at := -1
	for _, stop := range s.list {
		if i := strings.Index(all, stop); i >= 0 && (at < 0 || i < at) {
			at = i
		}
	}
	if at >= 0 {
		s.held = ""
		return all[:at], true
	}
	keep := 0 // bytes at the end that a stop string may begin with
	for _, stop := range s.list {
		for n := min(len(stop)-1, len(all)); n > keep; n-- {
			if strings.HasSuffix(all, stop[:n]) {
				keep = n
			}
		}
	}
	s.held = all[len(all)-keep:]
	return all[:len(all)-keep], false
}
