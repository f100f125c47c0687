package report

import (
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"

	"github.com/seed6700ada1/infer/judge/stats"
)

// An Agreement says how far judges agree on the same items under one protocol. A judge
// called "label" stands for the labels of people, where there are any.
type Agreement struct {
	Protocol string   `json:"protocol"`
	Judges   []string `json:"judges"`
	Items    int      `json:"items"`

	Alpha *float64 `json:"alpha,omitempty"` // Krippendorff's, over all judges and items, nominal for choices, else interval

	Pairs []JudgePair `json:"pairs"`
}

// A JudgePair says how far two judges agree.
type JudgePair struct {
	A        string   `json:"a"`
	B        string   `json:"b"`
	N        int      `json:"n"` // items that both scored
	Same     float64  `json:"same"`
	Kappa    *float64 `json:"kappa,omitempty"` // Cohen's, of choices
	Pearson  *float64 `json:"pearson,omitempty"`
	Spearman *float64 `json:"spearman,omitempty"`
	Kendall  *float64 `json:"kendall,omitempty"`
}

// labelJudge stands for people.
const labelJudge = "label"

// Agree returns the agreement of the judges in a run, for each protocol.
func Agree(lines iter.Seq2[Line, error]) ([]Agreement, error) {
	protocols := map[string]*ratings{}
	for line, err := range lines {
		if err != nil {
			return nil, err
		}
		r, ok := protocols[line.Protocol]
		if !ok {
			r = &ratings{items: map[string]int{}, judges: map[string]map[int]float64{}, choices: line.Choice != nil}
			protocols[line.Protocol] = r
		}
		r.add(&line)
	}
	if len(protocols) == 0 {
		return nil, fmt.Errorf("report: no verdicts")
	}
	var out []Agreement
	for _, name := range slices.Sorted(maps.Keys(protocols)) {
		out = append(out, protocols[name].agreement(name))
	}
	return out, nil
}

// ratings are outcomes by judge and item.
type ratings struct {
	items   map[string]int
	judges  map[string]map[int]float64
	choices bool
}

func (r *ratings) add(line *Line) {
	n, ok := r.items[line.Item]
	if !ok {
		n = len(r.items)
		r.items[line.Item] = n
	}
	rate := func(judge string, v float64) {
		if r.judges[judge] == nil {
			r.judges[judge] = map[int]float64{}
		}
		r.judges[judge][n] = v
	}
	if line.Outcome != nil {
		rate(line.Judge, *line.Outcome)
	}
	if line.Label != nil && r.choices {
		rate(labelJudge, value(*line.Label))
	}
}

func (r *ratings) agreement(protocol string) Agreement {
	a := Agreement{Protocol: protocol, Judges: slices.Sorted(maps.Keys(r.judges)), Items: len(r.items), Pairs: []JudgePair{}}
	table := make([][]float64, len(a.Judges))
	for i, name := range a.Judges {
		table[i] = make([]float64, len(r.items))
		for u := range table[i] {
			v, ok := r.judges[name][u]
			if !ok {
				v = math.NaN()
			}
			table[i][u] = v
		}
	}
	scale := stats.Metric
	if r.choices {
		scale = stats.Nominal
	}
	if alpha, err := stats.Krippendorff(table, scale); err == nil {
		a.Alpha = &alpha
	}
	for i := range a.Judges {
		for j := range i {
			a.Pairs = append(a.Pairs, r.pair(a.Judges[j], a.Judges[i], table[j], table[i]))
		}
	}
	return a
}

// pair compares two judges on the items that both have scored.
func (r *ratings) pair(a, b string, x, y []float64) JudgePair {
	p := JudgePair{A: a, B: b}
	var xs, ys []float64
	same := 0
	for u := range x {
		if math.IsNaN(x[u]) || math.IsNaN(y[u]) {
			continue
		}
		xs, ys = append(xs, x[u]), append(ys, y[u])
		if x[u] == y[u] {
			same++
		}
	}
	if p.N = len(xs); p.N == 0 {
		return p
	}
	p.Same = float64(same) / float64(p.N)
	keep := func(v float64, err error) *float64 {
		if err != nil {
			return nil
		}
		return &v
	}
	if r.choices {
		cx, cy := make([]int, p.N), make([]int, p.N)
		for i := range xs {
			cx[i], cy[i] = int(2*xs[i]), int(2*ys[i])
		}
		if table, err := stats.Table(cx, cy, 3); err == nil {
			p.Kappa = keep(stats.Cohen(table, stats.Unweighted))
		}
		return p
	}
	p.Pearson, p.Spearman, p.Kendall = keep(stats.Pearson(xs, ys)), keep(stats.Spearman(xs, ys)), keep(stats.Kendall(xs, ys))
	return p
}
