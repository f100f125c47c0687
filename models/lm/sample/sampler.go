package sample

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// ErrNone says that no token may follow: all scores are -Inf or NaN.
var ErrNone = errors.New("sample: no token is allowed to follow")

// Options choose the steps. A zero leaves its step out; the zero value takes the most
// likely token.
type Options struct {
	Temperature float64 // divides the scores; 0 takes the most likely token
	TopK        int     // keep this many of the most likely
	TopP        float64 // keep the most likely that together have this probability, in (0, 1)
	MinP        float64 // keep those with this part of the probability of the most likely, in (0, 1)
	Typical     float64 // keep the most typical that together have this probability, in (0, 1)
	Repetition  float64 // divide the scores of tokens seen in prompt or answer by this, > 0; 1 is none
	Presence    float64 // take this from the scores of tokens in the answer, in [-2, 2]
	Frequency   float64 // take this from them for each time they are there, in [-2, 2]
	Seed        uint64  // of random choices
}

// Penalty changes scores by what was there before.
type Penalty interface {
	Penalise(logits []float32, seen *Seen)
}

// Filter keeps some of the candidates, which are in falling order of their scores, and
// returns them in that order. It may change the scores, and must keep at least one.
type Filter interface {
	Filter(c []Candidate) []Candidate
}

// Candidate is a token that may come next, with its score.
type Candidate struct {
	ID    int
	Logit float32
}

// Seen counts the tokens of prompt and answer.
type Seen struct {
	All    map[int64]int // in both
	Answer map[int64]int
}

// NewSeen counts the tokens of a prompt.
func NewSeen(prompt []int64) *Seen {
	s := &Seen{All: map[int64]int{}, Answer: map[int64]int{}}
	for _, id := range prompt {
		s.All[id]++
	}
	return s
}

// Add counts a token of the answer.
func (s *Seen) Add(id int64) {
	s.All[id]++
	s.Answer[id]++
}

// Sampler chooses tokens. It belongs to one answer and one goroutine.
type Sampler struct {
	penalties []Penalty
	filters   []Filter
	rng       *rand.Rand // nil where the most likely is taken
}

// New makes a sampler of the steps that the options name.
func New(o Options) (*Sampler, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	s := &Sampler{}
	if o.Repetition != 0 && o.Repetition != 1 {
		s.penalties = append(s.penalties, Repetition(o.Repetition))
	}
	if o.Presence != 0 {
		s.penalties = append(s.penalties, Presence(o.Presence))
	}
	if o.Frequency != 0 {
		s.penalties = append(s.penalties, Frequency(o.Frequency))
	}
	if o.Temperature == 0 {
		return s, nil
	}
	s.rng = rand.New(rand.NewPCG(o.Seed, 0))
	if o.Temperature != 1 {
		s.filters = append(s.filters, Temperature(o.Temperature))
	}
	if o.TopK > 0 {
		s.filters = append(s.filters, TopK(o.TopK))
	}
	if o.Typical > 0 {
		s.filters = append(s.filters, Typical(o.Typical))
	}
	if o.TopP > 0 && o.TopP < 1 {
		s.filters = append(s.filters, TopP(o.TopP))
	}
	if o.MinP > 0 {
		s.filters = append(s.filters, MinP(o.MinP))
	}
	return s, nil
}

func (o *Options) check() error {
	for _, f := range []struct {
		name     string
		v, least float64
		most     float64
	}{
		{"temperature", o.Temperature, 0, 1e6},
		{"top-k", float64(o.TopK), 0, math.MaxInt32},
		{"top-p", o.TopP, 0, 1},
		{"min-p", o.MinP, 0, 1},
		{"typical", o.Typical, 0, 1},
		{"repetition penalty", o.Repetition, 0, 1e6},
		{"presence penalty", o.Presence, -2, 2},
		{"frequency penalty", o.Frequency, -2, 2},
	} {
		if !(f.v >= f.least && f.v <= f.most) { // NaN, too
			return fmt.Errorf("sample: %s is %v, expected %v to %v", f.name, f.v, f.least, f.most)
		}
	}
	return nil
}

// Next chooses a token from the scores, one a token of the vocabulary, which the
// penalties change in place.
func (s *Sampler) Next(logits []float32, seen *Seen) (int, error) {
	for _, p := range s.penalties {
		p.Penalise(logits, seen)
	}
	if s.rng == nil {
		return Greedy(logits)
	}
	c := Candidates(logits)
	if len(c) == 0 {
		return 0, ErrNone
	}
	for _, f := range s.filters {
		c = f.Filter(c)
	}
	return draw(c, s.rng.Float64()), nil
}

// Candidates lists the tokens that may follow in falling order of their scores, equal
// ones in rising order of their ids. NaN counts as -Inf.
func Candidates(logits []float32) []Candidate {
	c := make([]Candidate, 0, len(logits))
	for id, l := range logits {
		if l > float32(math.Inf(-1)) {
			c = append(c, Candidate{id, l})
		}
	}
	slices.SortStableFunc(c, func(a, b Candidate) int {
		switch {
		case a.Logit > b.Logit:
			return -1
		case a.Logit < b.Logit:
			return 1
		}
		return 0
	})
	return c
}

// Probabilities returns the probability of each candidate among them. The first must
// have the largest score.
func Probabilities(c []Candidate) []float64 {
	p := make([]float64, len(c))
	if len(c) == 0 {
		return p
	}
	sum := 0.0
	top := float64(c[0].Logit)
	for i := range c {
		p[i] = 1
		if l := float64(c[i].Logit); l != top { // both may be +Inf
			p[i] = math.Exp(l - top)
		}
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// draw takes the candidate in whose part of [0, 1) u falls.
func draw(c []Candidate, u float64) int {
	sum := 0.0
	p := Probabilities(c)
	for i := range c {
		if sum += p[i]; u < sum {
			return c[i].ID
		}
	}
	return c[len(c)-1].ID
}

// LogProbabilities writes the logarithm of each token's probability to dst, of the same
// length. Scores that are NaN count as -Inf.
func LogProbabilities(dst []float64, logits []float32) {
	top := math.Inf(-1)
	for _, l := range logits {
		if v := float64(l); v > top {
			top = v
		}
	}
	sum := 0.0
	for i, l := range logits {
		v := float64(l)
		if math.IsNaN(v) {
			v = math.Inf(-1)
		}
		dst[i] = v - top
		if v == top {
			dst[i] = 0
		}
		sum += math.Exp(dst[i])
	}
	lse := math.Log(sum)
	for i := range dst {
		dst[i] -= lse
	}
}
