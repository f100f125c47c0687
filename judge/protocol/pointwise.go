package protocol

import (
	"slices"

	"github.com/seed6700ada1/infer/judge"
)

// pointwise reads scores. A criterion's score is the mean of those of its samples that
// could be read; a total is the weighted mean over the criteria, where all have a score.
func (p *Protocol) pointwise(v *judge.Verdict, it *judge.Item, questions []question, answers Answers) {
	v.Scores = make([]map[string]judge.Reading[float64], len(it.Candidates))
	for i := range v.Scores {
		v.Scores[i] = map[string]judge.Reading[float64]{}
	}
	for _, q := range questions {
		for _, name := range q.criteria {
			var samples []judge.Reading[float64]
			for s := range p.samples(&q, answers) {
				samples = append(samples, resolve(p.tries(&q, s, answers), func(a judge.Answer) judge.Reading[float64] {
					return p.readScore(a, name)
				}))
			}
			v.Scores[q.order[0]][name] = mean(samples, nil)
		}
	}
	for _, scores := range v.Scores {
		v.Totals = append(v.Totals, p.total(scores))
	}
}

// total returns the weighted mean of the scores of a candidate.
func (p *Protocol) total(scores map[string]judge.Reading[float64]) judge.Reading[float64] {
	var list []judge.Reading[float64]
	var weights []float64
	for _, name := range p.Criteria() {
		list = append(list, scores[name])
		weights = append(weights, p.opts.Rubric.weight(name))
	}
	if i := slices.IndexFunc(list, func(r judge.Reading[float64]) bool { return !r.Scored() }); i >= 0 {
		return judge.Unscored[float64](list[i].Reason(), list[i].Detail())
	}
	return mean(list, weights)
}

// mean returns the weighted mean of the readings that have a value; where none has, the
// first one's reason stands. Weights are 1 where they are nil.
func mean(readings []judge.Reading[float64], weights []float64) judge.Reading[float64] {
	var sum, weight float64
	for i, r := range readings {
		v, ok := r.Value()
		if !ok {
			continue
		}
		w := 1.0
		if weights != nil {
			w = weights[i]
		}
		sum += w * v
		weight += w
	}
	switch {
	case weight > 0:
		return judge.Read(sum / weight)
	case len(readings) > 0 && !readings[0].Scored():
		return readings[0]
	}
	return judge.Unscored[float64](judge.NotJudged, "")
}
