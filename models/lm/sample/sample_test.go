package sample

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
)

// logs are scores whose probabilities are p.
func logs(p ...float64) []float32 {
	l := make([]float32, len(p))
	for i, x := range p {
		l[i] = float32(math.Log(x))
	}
	return l
}

func ids(c []Candidate) []int {
	list := make([]int, len(c))
	for i := range c {
		list[i] = c[i].ID
	}
	return list
}

func TestFilters(t *testing.T) {
	scores := logs(0.1, 0.4, 0.05, 0.25, 0.2) // in falling order: 1, 3, 4, 0, 2
	for name, tt := range map[string]struct {
		filter Filter
		want   []int
	}{
		"top-k":                        {TopK(2), []int{1, 3}},
		"top-k of more than there are": {TopK(9), []int{1, 3, 4, 0, 2}},
		"top-p reached by the second":  {TopP(0.6), []int{1, 3}},
		"top-p of the first alone":     {TopP(0.1), []int{1}},
		"min-p of a quarter of 0.4":    {MinP(0.26), []int{1, 3, 4}},
		"min-p of all":                 {MinP(0), []int{1, 3, 4, 0, 2}},
		// the entropy is 1.4150; -log p is off by 0.029 (3), 0.194 (4), 0.499 (1), 0.888 (0), 1.581 (2)
		"typical of three": {Typical(0.8), []int{1, 3, 4}},
		"typical of one":   {Typical(0.2), []int{3}},
		"temperature":      {Temperature(2), []int{1, 3, 4, 0, 2}},
	} {
		if got := ids(tt.filter.Filter(Candidates(scores))); !slices.Equal(got, tt.want) {
			t.Errorf("%s keeps %v, want %v", name, got, tt.want)
		}
	}
	half := Temperature(0.5).Filter(Candidates(logs(0.5, 0.25, 0.25)))
	if p := Probabilities(half); math.Abs(p[0]-2.0/3) > 1e-6 { // 0.25 : 0.0625 : 0.0625
		t.Errorf("at temperature 0.5 the first has %v, want 2/3", p[0])
	}
}

func TestPenalties(t *testing.T) {
	seen := NewSeen([]int64{0, 1, 99})
	seen.Add(1)
	seen.Add(2)
	seen.Add(1)
	for name, tt := range map[string]struct {
		penalty Penalty
		want    []float32
	}{
		"repetition": {Repetition(2), []float32{1, -2, 1.5, 4}}, // in prompt and answer
		"presence":   {Presence(0.5), []float32{2, -1.5, 2.5, 4}},
		"frequency":  {Frequency(0.5), []float32{2, -2, 2.5, 4}},
	} {
		scores := []float32{2, -1, 3, 4}
		if tt.penalty.Penalise(scores, seen); !slices.Equal(scores, tt.want) {
			t.Errorf("%s: %v, want %v", name, scores, tt.want)
		}
	}
}

func TestGreedy(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, tt := range []struct {
		scores []float32
		want   int
	}{
		{[]float32{1, 3, 3, 2}, 1}, {[]float32{nan, -5}, 1}, {[]float32{0, inf, 1}, 1}, {[]float32{-inf, nan}, -1}, {nil, -1},
	} {
		got, err := Greedy(tt.scores)
		if (err != nil) != (tt.want < 0) || err == nil && got != tt.want {
			t.Errorf("%v: %d, %v, want %d", tt.scores, got, err, tt.want)
		}
		if err != nil && !errors.Is(err, ErrNone) {
			t.Errorf("%v: %v, want ErrNone", tt.scores, err)
		}
	}
}

// Of many draws, each token comes up about as often as its probability says: within five
// standard deviations.
func TestDraws(t *testing.T) {
	p := []float64{0.5, 0.3, 0.15, 0.05}
	s, err := New(Options{Temperature: 1, Seed: 11})
	if err != nil {
		t.Fatal(err)
	}
	const n = 20000
	counts := make([]float64, len(p))
	for range n {
		id, err := s.Next(logs(p...), NewSeen(nil))
		if err != nil {
			t.Fatal(err)
		}
		counts[id]++
	}
	for id, q := range p {
		if off := math.Abs(counts[id] - n*q); off > 5*math.Sqrt(n*q*(1-q)) {
			t.Errorf("token %d came up %v times, want about %v", id, counts[id], n*q)
		}
	}
}

func TestNextWithNothingLeft(t *testing.T) {
	s, err := New(Options{Temperature: 1, TopK: 3, TopP: 0.5, MinP: 0.1, Typical: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	none := float32(math.Inf(-1))
	if _, err := s.Next([]float32{none, none}, NewSeen(nil)); !errors.Is(err, ErrNone) {
		t.Errorf("%v, want ErrNone", err)
	}
	for range 50 { // one is left, whatever the filters
		if id, err := s.Next([]float32{none, -3, none}, NewSeen(nil)); err != nil || id != 1 {
			t.Errorf("%d, %v, want 1", id, err)
		}
	}
}

func TestOptionsRefused(t *testing.T) {
	for _, o := range []Options{
		{Temperature: -1}, {Temperature: math.NaN()}, {TopK: -1}, {TopP: 1.5}, {MinP: -0.1}, {Typical: 2}, {Repetition: -1}, {Presence: 3}, {Frequency: -3},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v has no error", o)
		}
	}
}

func TestLogProbabilities(t *testing.T) {
	got := make([]float64, 3)
	LogProbabilities(got, []float32{1000, 1000, float32(math.NaN())})
	if math.Abs(got[0]+math.Ln2) > 1e-12 || math.Abs(got[1]+math.Ln2) > 1e-12 || !math.IsInf(got[2], -1) {
		t.Errorf("%v, want -log 2 twice and -Inf", got)
	}
}

func Example() {
	s, err := New(Options{Temperature: 0.8, TopP: 0.9, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	seen := NewSeen(nil)
	id, err := s.Next([]float32{0.5, 12, -3}, seen) // one token is all but certain
	fmt.Println(id, err)
	// Output: 1 <nil>
}
