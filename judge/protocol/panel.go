package protocol

import (
	"fmt"

	"github.com/seed6700ada1/infer/judge"
)

// A Panel puts the verdicts of several judges on an item together.
type Panel struct {
	Weights map[string]float64 `yaml:"weights"` // by the judge's name; 1 by default
	Quorum  int                `yaml:"quorum"`  // members that must have a verdict; 1 by default
}

// PanelName is the judge that stands in a panel's verdicts.
const PanelName = "panel"

// Verdict returns the verdict of the panel: the weighted vote, mean or order of the
// members that have one. The others abstain. With fewer than the quorum there is no
// verdict. Members have judged the same item under the same protocol.
func (p Panel) Verdict(members []judge.Verdict) judge.Verdict {
	out := judge.Verdict{Judge: PanelName}
	var weights []float64
	var scored []*judge.Verdict
	for i := range members {
		m := &members[i]
		out.Item, out.Protocol = m.Item, m.Protocol
		out.Repairs += m.Repairs
		out.Repaired += m.Repaired
		if !m.Scored() {
			continue
		}
		w, ok := p.Weights[m.Judge]
		if !ok {
			w = 1
		}
		weights, scored = append(weights, w), append(scored, m)
	}
	out.Samples = len(scored)
	if len(members) > 0 {
		p.combine(&out, &members[0], scored, weights)
	}
	return out
}

// combine fills in the verdict; like is one of its kind.
func (p Panel) combine(out, like *judge.Verdict, scored []*judge.Verdict, weights []float64) {
	short := ""
	if len(scored) < max(p.Quorum, 1) {
		short = fmt.Sprintf("%d members have a verdict, the quorum is %d", len(scored), max(p.Quorum, 1))
	}
	switch {
	case like.Choice != nil:
		choice := vote(collect(scored, func(v *judge.Verdict) judge.Reading[judge.Choice] { return *v.Choice }), weights)
		out.Choice = &choice
	case like.Ranking != nil:
		ranking := borda(collect(scored, func(v *judge.Verdict) judge.Reading[[]int] { return *v.Ranking }), weights)
		out.Ranking = &ranking
	default:
		for c := range like.Totals {
			out.Totals = append(out.Totals, mean(collect(scored, func(v *judge.Verdict) judge.Reading[float64] { return v.Totals[c] }), weights))
			scores := map[string]judge.Reading[float64]{}
			for name := range like.Scores[c] {
				scores[name] = mean(collect(scored, func(v *judge.Verdict) judge.Reading[float64] { return v.Scores[c][name] }), weights)
			}
			out.Scores = append(out.Scores, scores)
		}
	}
	if short != "" {
		fail(out, judge.Abstained, short)
	}
}

func collect[T any](verdicts []*judge.Verdict, f func(*judge.Verdict) judge.Reading[T]) []judge.Reading[T] {
	out := make([]judge.Reading[T], len(verdicts))
	for i, v := range verdicts {
		out[i] = f(v)
	}
	return out
}
