package protocol

import (
	"github.com/seed6700ada1/infer/judge"
)

// pairwise reads a comparison. Each order is the vote of its samples. Where both orders
// say the same, that is the choice; where they differ, the judge has no preference that
// outlasts a change of places, and the choice is a tie that counts as a flip. Where one
// of them could not be read, there is no choice.
func (p *Protocol) pairwise(v *judge.Verdict, questions []question, answers Answers) {
	for _, q := range questions {
		var votes []judge.Reading[judge.Choice]
		for s := range p.samples(&q, answers) {
			r := resolve(p.tries(&q, s, answers), p.readChoice)
			if q.order[0] == 1 {
				r = judge.Map(r, judge.Choice.Swap)
			}
			votes = append(votes, r)
		}
		v.Orders = append(v.Orders, vote(votes, nil))
	}
	choice := v.Orders[0]
	for _, o := range v.Orders[1:] {
		a, aok := choice.Value()
		b, bok := o.Value()
		switch {
		case aok && !bok:
			choice = o
		case aok && a != b:
			choice = judge.Read(judge.Tie)
		}
	}
	v.Choice = &choice
}

// vote returns the outcome with the most votes, a tie where First and Second have as many
// and no other has more. Votes that could not be read are left out; where none could, the
// first one's reason stands. Weights are 1 where they are nil.
func vote(votes []judge.Reading[judge.Choice], weights []float64) judge.Reading[judge.Choice] {
	count := map[judge.Choice]float64{}
	scored := false
	for i, v := range votes {
		c, ok := v.Value()
		if !ok {
			continue
		}
		scored = true
		if weights == nil {
			count[c]++
		} else {
			count[c] += weights[i]
		}
	}
	switch {
	case !scored && len(votes) > 0:
		return votes[0]
	case !scored:
		return judge.Unscored[judge.Choice](judge.NotJudged, "")
	case count[judge.First] > max(count[judge.Second], count[judge.Tie]):
		return judge.Read(judge.First)
	case count[judge.Second] > max(count[judge.First], count[judge.Tie]):
		return judge.Read(judge.Second)
	}
	return judge.Read(judge.Tie)
}
