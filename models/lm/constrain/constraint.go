package constrain

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/seed6700ada1/infer/models/lm"
)

// Constraint is an expression that an answer must match. It is safe for concurrent use,
// and what one answer learned of it serves the next.
type Constraint struct {
	vocabulary *Vocabulary
	mu         sync.Mutex
	automaton  *automaton
}

// Regexp makes a constraint of a regular expression, in the syntax of package regexp,
// that must match the whole answer.
func Regexp(v *Vocabulary, expr string) (*Constraint, error) {
	a, err := newAutomaton(expr)
	if err != nil {
		return nil, err
	}
	if a.start == nil {
		return nil, fmt.Errorf("constrain: no text matches the expression %q", expr)
	}
	return &Constraint{vocabulary: v, automaton: a}, nil
}

// Start returns the state before the first token.
func (c *Constraint) Start() lm.ConstraintState { return &place{c, c.automaton.start} }

// place is where an answer is.
type place struct {
	c  *Constraint
	at *state
}

// Mask makes the scores -Inf of tokens that cannot follow.
func (p *place) Mask(logits []float32, end []int64) {
	p.c.mu.Lock()
	mask := p.c.mask(p.at)
	p.c.mu.Unlock()
	for id := range logits {
		if id/64 < len(mask) && mask[id/64]>>(id%64)&1 == 1 {
			continue
		}
		if p.at.accepts && slices.Contains(end, int64(id)) {
			continue
		}
		logits[id] = float32(math.Inf(-1))
	}
}

// Accept goes on with a token.
func (p *place) Accept(id int64) error {
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	if id < 0 || id >= int64(len(p.c.vocabulary.bytes)) || p.c.vocabulary.bytes[id] == nil {
		return fmt.Errorf("constrain: token %d cannot follow: it is no text", id)
	}
	next := p.c.walk(p.at, p.c.vocabulary.bytes[id])
	if next == nil {
		return fmt.Errorf("constrain: token %d (%q) cannot follow", id, p.c.vocabulary.bytes[id])
	}
	p.at = next
	return nil
}

// Done says that the expression is matched and nothing can follow.
func (p *place) Done() bool {
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	p.c.mask(p.at)
	return p.at.accepts && !p.at.open
}

func (c *Constraint) walk(s *state, text []byte) *state {
	for _, b := range text {
		if s = c.automaton.step(s, b); s == nil {
			return nil
		}
	}
	return s
}

// mask returns the tokens that may follow a state. The lock is held.
func (c *Constraint) mask(s *state) []uint64 {
	if s.mask != nil {
		return s.mask
	}
	mask := make([]uint64, (len(c.vocabulary.bytes)+63)/64)
	for id, text := range c.vocabulary.bytes {
		if text != nil && c.walk(s, text) != nil {
			mask[id/64] |= 1 << (id % 64)
			s.open = true
		}
	}
	s.mask = mask
	return mask
}
