package report

import (
	"slices"

	"github.com/seed6700ada1/infer/judge"
	"github.com/seed6700ada1/infer/judge/stats"
)

// level is the confidence of every interval of a report.
const level = 0.95

// bootstrap returns a bootstrap for n values: fewer resamples for many values, whose
// intervals are narrow and close to normal.
func (t *tally) bootstrap(n int, clusters []int) stats.Bootstrap {
	const work = 4e7 // values drawn
	b := stats.Bootstrap{Resamples: min(max(int(work)/n, 200), 2000), Level: level, Seed: 1}
	if t.grouped {
		b.Clusters = clusters
	}
	return b
}

// group returns the figures.
func (t *tally) group(key groupKey) Group {
	g := Group{
		Judge: key.judge, Protocol: key.protocol, Kind: t.kind, N: t.n, Scored: t.scored,
		Repairs: t.repairs, Repaired: t.repaired,
		Intervals: map[string]stats.Interval{}, Metrics: map[string]float64{}, Slices: t.sliceList(),
	}
	if len(t.unscored) > 0 {
		g.Unscored = t.unscored
	}
	g.Metrics["n"], g.Metrics["scored"] = float64(t.n), float64(t.scored)
	g.Metrics["unscored_rate"] = float64(t.n-t.scored) / float64(t.n)
	g.Metrics["repairs"], g.Metrics["repaired"] = float64(t.repairs), float64(t.repaired)
	name := map[judge.Kind]string{judge.Pairwise: "win_rate", judge.Pointwise: "score", judge.Listwise: "first_rate"}[t.kind]
	if i, err := stats.WinRate(t.outcomes, t.bootstrap(max(len(t.outcomes), 1), t.cluster)); err == nil {
		g.estimate(name, i)
	}
	t.accuracy(&g)
	if t.kind == judge.Pairwise {
		t.biases(&g)
	}
	t.agreement(&g)
	t.distributions(&g)
	return g
}

// estimate keeps an interval, and its numbers for gates.
func (g *Group) estimate(name string, i stats.Interval) {
	g.Intervals[name] = i
	g.Metrics[name], g.Metrics[name+".lower"], g.Metrics[name+".upper"] = i.Value, i.Lower, i.Upper
}

// accuracy compares verdicts with labels: by Wilson's interval, or the bootstrap where
// items come in clusters.
func (t *tally) accuracy(g *Group) {
	if len(t.right) == 0 {
		return
	}
	right := 0
	for _, r := range t.right {
		right += int(r)
	}
	i, err := stats.Wilson(right, len(t.right), level)
	if t.grouped {
		i, err = stats.WinRate(t.right, t.bootstrap(len(t.right), t.rightCluster))
	}
	if err == nil {
		g.estimate("accuracy", i)
	}
}

// biases measures what moves the judge beside quality.
func (t *tally) biases(g *Group) {
	ties := 0
	for _, o := range t.outcomes {
		if o == 0.5 {
			ties++
		}
	}
	if i, err := stats.Wilson(ties, len(t.outcomes), level); err == nil {
		g.estimate("tie_rate", i)
	}
	if p, err := stats.PositionOf(t.firstLed, t.secondLed, t.orders, level); err == nil {
		g.Position = &p
		g.estimate("flip_rate", p.Flips)
	}
	if v, err := stats.Verbosity(t.outcomes, t.deltas, level); err == nil {
		g.Verbosity = &v
		g.estimate("longer_wins", v.Longer)
	}
	if lc, err := stats.LengthControl(t.outcomes, t.deltas, nil, 0); err == nil {
		g.Length = &lc
		g.Metrics["length_controlled_win_rate"] = lc.WinRate
	}
}

// agreement compares scores with those of people.
func (t *tally) agreement(g *Group) {
	for name, f := range map[string]func(x, y []float64) (float64, error){
		"pearson": stats.Pearson, "spearman": stats.Spearman, "kendall": stats.Kendall,
	} {
		if r, err := f(t.judged, t.human); err == nil {
			g.Metrics[name] = r
		}
	}
	const most = 10000 // α compares every two values
	if len(t.judged) > 0 && len(t.judged) <= most {
		if alpha, err := stats.Krippendorff([][]float64{t.judged, t.human}, stats.Metric); err == nil {
			g.Metrics["alpha"] = alpha
		}
	}
}

// distributions counts scores by criterion.
func (t *tally) distributions(g *Group) {
	if len(t.scores) == 0 {
		return
	}
	g.Criteria = map[string]Distribution{}
	for name, s := range t.scores {
		lo, hi := float64(slices.Min(s.values)), float64(slices.Max(s.values))
		d := Distribution{N: len(s.values), Lo: lo, Hi: hi}
		for _, v := range s.values {
			d.Mean += float64(v) / float64(len(s.values))
			part := 0
			if hi > lo {
				part = min(int((float64(v)-lo)/(hi-lo)*10), 9)
			}
			d.Counts[part]++
		}
		g.Criteria[name] = d
		if name != "" {
			g.Metrics["criterion."+name] = d.Mean
		}
	}
}
