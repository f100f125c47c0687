package report

import (
	"errors"
	"iter"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/judge"
)

func TestGate(t *testing.T) {
	groups := []Group{
		{Judge: "a", Protocol: "p", Metrics: map[string]float64{"x": 1, "x.lower": 0.5, "odd": math.NaN()}},
		{Judge: "b", Protocol: "p", Metrics: map[string]float64{"x": 2}},
	}
	for _, c := range []struct {
		gate string
		want string // a letter for each result: Passed, Failed, Error
	}{
		{"", ""},
		{"x > 0", "PP"},
		{"x >= 2", "FP"},
		{"b:x == 2 && a:x.lower<0.6", "PP"},
		{"x <= 1.5 && x < 3", "PFPP"},
		{"y > 0", "E"},
		{"c:x > 0", "E"},
		{"odd > 0", "F"},
		{"odd < 0", "F"},
	} {
		g, err := ParseGate(c.gate)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, r := range g.Check(groups) {
			switch {
			case r.Error != "":
				got += "E"
			case r.Passed:
				got += "P"
			default:
				got += "F"
			}
		}
		if got != c.want {
			t.Errorf("%q: %s, want %s", c.gate, got, c.want)
		}
	}
	for _, bad := range []string{"x", "x >", "x > y", "> 1", "x > 1 &&", "x = 1", "x > NaN"} {
		if g, err := ParseGate(bad); err == nil {
			t.Errorf("%q is the gate %v", bad, g)
		}
	}
}

// comparison is the line of a comparison of x and y.
func comparison(item, by string, c judge.Choice, label *judge.Choice) Line {
	r := judge.Read(c)
	outcome := value(c)
	l := Line{Verdict: judge.Verdict{Item: item, Judge: by, Protocol: "p", Choice: &r}, Names: []string{"x", "y"}, Outcome: &outcome, Label: label}
	if label != nil {
		right := c == *label
		l.Right = &right
	}
	return l
}

func seq(lines ...Line) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		for _, l := range lines {
			if !yield(l, nil) {
				return
			}
		}
	}
}

var first, second = judge.First, judge.Second

// TestCompare: of three shared items one is won that was lost, and right that was wrong.
func TestCompare(t *testing.T) {
	unscored := Line{Verdict: judge.Verdict{Item: "5", Judge: "j", Protocol: "p"}}
	old := seq(comparison("1", "j", second, &first), comparison("2", "j", first, &first), comparison("3", "j", second, &second), comparison("4", "j", first, nil), unscored)
	now := seq(comparison("1", "j", first, &first), comparison("2", "j", first, &first), comparison("3", "j", second, &second), comparison("6", "j", first, nil), unscored)
	got, err := Compare(old, now)
	if err != nil || len(got) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	c := got[0]
	if c.Pairs != 3 || c.OnlyOld != 1 || c.OnlyNew != 1 || math.Abs(c.Difference.Value-1.0/3) > 1e-12 || c.McNemar == nil || c.McNemar.P != 1 || c.Needed == 0 {
		t.Errorf("comparison %+v", c)
	}
	if _, err := Compare(seq(), seq(unscored)); err == nil {
		t.Error("runs without verdicts are compared")
	}
	if _, err := Compare(seq(comparison("1", "j", first, nil)), seq(comparison("2", "j", first, nil))); err == nil {
		t.Error("runs without a common item are compared")
	}
	broken := func(yield func(Line, error) bool) { yield(Line{}, errors.New("broken")) }
	if _, err := Compare(broken, seq()); err == nil {
		t.Error("a broken file is compared")
	}
}

// TestAgree: two judges say the same of two items of three. κ is (2/3 - 4/9)/(1 - 4/9) = 0.4.
func TestAgree(t *testing.T) {
	got, err := Agree(seq(
		comparison("1", "a", first, &first), comparison("2", "a", first, &first), comparison("3", "a", second, &first),
		comparison("1", "b", first, &first), comparison("2", "b", second, &first), comparison("3", "b", second, &first),
	))
	if err != nil || len(got) != 1 || got[0].Items != 3 || strings.Join(got[0].Judges, " ") != "a b label" {
		t.Fatalf("%+v, %v", got, err)
	}
	p := got[0].Pairs[0]
	if p.A != "a" || p.B != "b" || p.N != 3 || math.Abs(p.Same-2.0/3) > 1e-12 || p.Kappa == nil || math.Abs(*p.Kappa-0.4) > 1e-12 {
		t.Errorf("pair %+v", p)
	}
	score := func(item, by string, v float64) Line {
		return Line{Verdict: judge.Verdict{Item: item, Judge: by, Protocol: "s"}, Outcome: &v}
	}
	got, err = Agree(seq(score("1", "a", 1), score("2", "a", 2), score("3", "a", 3), score("1", "b", 2), score("2", "b", 4), score("3", "b", 6)))
	if err != nil || got[0].Pairs[0].Pearson == nil || math.Abs(*got[0].Pairs[0].Pearson-1) > 1e-12 {
		t.Errorf("scores that are doubled: %+v, %v", got, err)
	}
	if _, err := Agree(seq()); err == nil {
		t.Error("nothing agrees")
	}
}

// TestRank: x wins three of four games, which are odds of three to one: 400·log10(3) points
// between the two, around 1000.
func TestRank(t *testing.T) {
	got, err := Rank(seq(
		comparison("1", "a", first, nil), comparison("2", "a", first, nil), comparison("3", "a", first, nil), comparison("4", "a", second, nil),
		comparison("1", "other", second, nil),
	), "a")
	if err != nil || len(got) != 2 || got[0].Name != "x" || got[0].Games != 4 || got[0].Score != 0.75 {
		t.Fatalf("%+v, %v", got, err)
	}
	if want := 400 * math.Log10(3); math.Abs(got[0].Rating.Value-got[1].Rating.Value-want) > 1e-6 {
		t.Errorf("ratings %v and %v, want %v between them", got[0].Rating, got[1].Rating, want)
	}
	order := judge.Read([]int{1, 0})
	ranked := Line{Verdict: judge.Verdict{Ranking: &order}, Names: []string{"x", "y"}}
	if got, err := Rank(seq(comparison("1", "a", first, nil), ranked), ""); err != nil || math.Abs(got[0].Rating.Value-1000) > 1e-6 {
		t.Errorf("a win each: %+v, %v", got, err)
	}
	if _, err := Rank(seq(), ""); err == nil {
		t.Error("nobody is ranked")
	}
}

func TestReadLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.jsonl")
	if err := os.WriteFile(path, []byte(`{"item":"1","judge":"j","protocol":"p","choice":{"value":"tie"},"outcome":0.5}`+"\n{"), 0o600); err != nil {
		t.Fatal(err)
	}
	read, failed := 0, 0
	for line, err := range ReadLines(path) {
		if err != nil {
			failed++
		} else if read++; line.Choice.String() != "tie" || *line.Outcome != 0.5 {
			t.Errorf("line %+v", line)
		}
	}
	if read != 1 || failed != 1 {
		t.Errorf("%d lines and %d errors, want one each", read, failed)
	}
}

// TestClusters: an item with a cluster may come after others without.
func TestClusters(t *testing.T) {
	tally := tally{kind: judge.Pairwise, unscored: map[judge.Reason]int{}, slices: map[[2]string]*sliceTally{}, scores: map[string]*scoreTally{}, clusters: map[string]int{}}
	for i, cluster := range []string{"", "", "text", "", "text"} {
		choice := judge.Read(judge.First)
		it := &judge.Item{ID: "q", Cluster: cluster, Candidates: make([]judge.Candidate, 2), Label: &first}
		if wrong := tally.add(it, &judge.Verdict{Choice: &choice}); wrong || len(tally.outcomes) != i+1 {
			t.Errorf("item %d: wrong %v, %d outcomes", i, wrong, len(tally.outcomes))
		}
	}
	for _, got := range [][]int{tally.cluster, tally.rightCluster} {
		if len(got) != 5 || got[2] != got[4] || got[0] == got[1] || got[1] == got[3] || got[0] == got[3] {
			t.Errorf("clusters %v", got)
		}
	}
	if g := tally.group(groupKey{"j", "p"}); g.Intervals["accuracy"].Value != 1 || g.Intervals["win_rate"].Value != 1 {
		t.Errorf("figures %+v", g.Intervals)
	}
}
