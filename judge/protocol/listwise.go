package protocol

import (
	"cmp"
	"slices"

	"github.com/seed6700ada1/infer/judge"
)

// listwise reads orders, and puts those that could be read together by the mean of the
// places. Of candidates with the same mean the one first in the item comes first.
func (p *Protocol) listwise(v *judge.Verdict, questions []question, answers Answers) {
	var all []judge.Reading[[]int]
	for _, q := range questions {
		for s := range p.samples(&q, answers) {
			all = append(all, resolve(p.tries(&q, s, answers), func(a judge.Answer) judge.Reading[[]int] {
				return p.readRanking(&q, a)
			}))
		}
	}
	ranking := borda(all, nil)
	v.Ranking = &ranking
}

// borda returns the order by the weighted mean of places; where no order has a value, the
// first one's reason stands. Weights are 1 where they are nil.
func borda(orders []judge.Reading[[]int], weights []float64) judge.Reading[[]int] {
	var places []float64
	for i, r := range orders {
		order, ok := r.Value()
		if !ok {
			continue
		}
		if places == nil {
			places = make([]float64, len(order))
		}
		w := 1.0
		if weights != nil {
			w = weights[i]
		}
		for place, c := range order {
			places[c] += w * float64(place)
		}
	}
	if places == nil {
		if len(orders) > 0 {
			return orders[0]
		}
		return judge.Unscored[[]int](judge.NotJudged, "")
	}
	out := make([]int, len(places))
	for i := range out {
		out[i] = i
	}
	slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(places[a], places[b]) })
	return judge.Read(out)
}
