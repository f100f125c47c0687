package report

import (
	"fmt"
	"iter"
	"math"

	"github.com/seed6700ada1/infer/judge/stats"
)

// A Comparison sets two runs side by side, on the items that both have scored.
type Comparison struct {
	Judge    string `json:"judge"`
	Protocol string `json:"protocol"`
	Pairs    int    `json:"pairs"` // items that both scored
	OnlyOld  int    `json:"only_old"`
	OnlyNew  int    `json:"only_new"`

	Old        float64        `json:"old"` // mean outcomes
	New        float64        `json:"new"`
	Difference stats.Interval `json:"difference"` // new minus old, paired bootstrap
	Sign       stats.Test     `json:"sign"`

	McNemar *stats.Test `json:"mcnemar,omitempty"` // of labelled items: whether both are right equally often

	// Needed is about how many items would show a difference of this size, with a power
	// of 0.8 at a level of 0.05; 0 where there is none.
	Needed int `json:"needed,omitempty"`
}

type lineKey struct{ judge, protocol, item string }

// Compare compares the verdicts of two runs, by judge and protocol, in the order of the
// new one.
func Compare(old, now iter.Seq2[Line, error]) ([]Comparison, error) {
	before := map[lineKey]Line{}
	for line, err := range old {
		if err != nil {
			return nil, err
		}
		if line.Outcome != nil {
			before[lineKey{line.Judge, line.Protocol, line.Item}] = Line{Outcome: line.Outcome, Right: line.Right}
		}
	}
	pairs := map[groupKey]*paired{}
	var order []groupKey
	for line, err := range now {
		if err != nil {
			return nil, err
		}
		if line.Outcome == nil {
			continue
		}
		key := groupKey{line.Judge, line.Protocol}
		p, ok := pairs[key]
		if !ok {
			p = &paired{clusters: map[string]int{}}
			pairs[key] = p
			order = append(order, key)
		}
		was, ok := before[lineKey{line.Judge, line.Protocol, line.Item}]
		if !ok {
			p.onlyNew++
			continue
		}
		delete(before, lineKey{line.Judge, line.Protocol, line.Item})
		p.add(&was, &line)
	}
	for key := range before {
		if p, ok := pairs[groupKey{key.judge, key.protocol}]; ok {
			p.onlyOld++
		}
	}
	var out []Comparison
	for _, key := range order {
		c, err := pairs[key].comparison(key)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("report: the newer run has no verdicts")
	}
	return out, nil
}

// paired holds the outcomes of items that both runs have.
type paired struct {
	old, now         []float64
	cluster          []int
	clusters         map[string]int
	b, c             int // right in the old one only, in the new one only
	labelled         int
	onlyOld, onlyNew int
}

func (p *paired) add(was, is *Line) {
	p.old, p.now = append(p.old, *was.Outcome), append(p.now, *is.Outcome)
	cluster := -len(p.old)
	if is.Cluster != "" {
		n, ok := p.clusters[is.Cluster]
		if !ok {
			n = len(p.clusters) + 1
			p.clusters[is.Cluster] = n
		}
		cluster = n
	}
	p.cluster = append(p.cluster, cluster)
	if was.Right == nil || is.Right == nil {
		return
	}
	p.labelled++
	switch {
	case *was.Right && !*is.Right:
		p.b++
	case !*was.Right && *is.Right:
		p.c++
	}
}

func (p *paired) comparison(key groupKey) (Comparison, error) {
	out := Comparison{Judge: key.judge, Protocol: key.protocol, Pairs: len(p.old), OnlyOld: p.onlyOld, OnlyNew: p.onlyNew}
	if len(p.old) == 0 {
		return Comparison{}, fmt.Errorf("report: %s, %s: the runs share no scored item", key.judge, key.protocol)
	}
	out.Old, out.New = stats.Mean(p.old), stats.Mean(p.now)
	b := (&tally{grouped: len(p.clusters) > 0}).bootstrap(len(p.old), p.cluster)
	var err error
	if out.Difference, err = stats.Difference(p.now, p.old, b); err != nil {
		return Comparison{}, err
	}
	differences := make([]float64, len(p.old))
	squares := 0.0
	for i := range differences {
		differences[i] = p.now[i] - p.old[i]
		squares += (differences[i] - out.Difference.Value) * (differences[i] - out.Difference.Value)
	}
	out.Sign = stats.SignTest(differences)
	if p.labelled > 0 {
		t := stats.McNemarExact(p.b, p.c)
		out.McNemar = &t
	}
	if sd := math.Sqrt(squares / float64(len(differences))); sd > 0 && out.Difference.Value != 0 {
		n, err := stats.Design{Alpha: 0.05, Power: 0.8}.ForMean(out.Difference.Value, sd)
		if err != nil {
			return Comparison{}, err
		}
		out.Needed = int(min(n+1, 1e9))
	}
	return out, nil
}
