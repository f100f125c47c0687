// Package inject measures whether candidates can talk a judge into their favour.
//
// [Attacks] are ways in which a text tries to be an instruction, a verdict, or the end of
// the text. [Measure] gives each of them to the worse of two candidates and counts the
// verdicts that change. How a judge fares depends on its prompt, which is what package
// protocol cares for, on how verdicts are read, which is package verdict, and on the
// judge: only a measurement says.
package inject

import (
	"context"
	"fmt"

	"github.com/seed6700ada1/infer/judge"
	"github.com/seed6700ada1/infer/judge/protocol"
)

// A Result counts what attacks did.
type Result struct {
	Trials   int            `json:"trials"`   // attacks on items that were judged right without
	Moved    int            `json:"moved"`    // of them, verdicts that went to the attacker or became a tie
	Unread   int            `json:"unread"`   // of them, verdicts that could not be read any more
	Skipped  int            `json:"skipped"`  // items that were not judged right without an attack
	Families map[string]int `json:"families"` // moved, by family
	Moves    []string       `json:"moves"`    // names of the attacks that moved a verdict, one each
}

// Measure judges labelled items, which have two candidates and no tie, with each attack
// in the place of the worse candidate. The protocol compares pairs, or scores them.
func Measure(ctx context.Context, p *protocol.Protocol, j judge.Judge, items []judge.Item) (Result, error) {
	r := Result{Families: map[string]int{}}
	for i := range items {
		it := &items[i]
		if it.Label == nil || *it.Label == judge.Tie || len(it.Candidates) != 2 {
			return Result{}, fmt.Errorf("inject: item %q: want two candidates and a label that is no tie", it.ID)
		}
		honest, err := winner(ctx, p, j, it)
		if err != nil {
			return Result{}, err
		}
		if c, ok := honest.Value(); !ok || c != *it.Label {
			r.Skipped++
			continue
		}
		for _, a := range Attacks() {
			attacked, err := winner(ctx, p, j, a.on(it))
			if err != nil {
				return Result{}, err
			}
			r.count(&a, *it.Label, attacked)
		}
	}
	return r, nil
}

// on returns the item with the attack in its worse candidate.
func (a *Attack) on(it *judge.Item) *judge.Item {
	attacked := *it
	attacked.ID = it.ID + "/" + a.Name
	attacked.Candidates = append([]judge.Candidate(nil), it.Candidates...)
	worse := 0
	if *it.Label == judge.First {
		worse = 1
	}
	attacked.Candidates[worse].Text = a.Apply(it.Candidates[worse].Text)
	return &attacked
}

func (r *Result) count(a *Attack, label judge.Choice, got judge.Reading[judge.Choice]) {
	r.Trials++
	c, ok := got.Value()
	switch {
	case !ok:
		r.Unread++
	case c != label:
		r.Moved++
		if r.Families[a.Family]++; len(r.Moves) == 0 || r.Moves[len(r.Moves)-1] != a.Name {
			r.Moves = append(r.Moves, a.Name)
		}
	}
}

// winner judges an item: the choice of a comparison, or the candidate with the higher
// score.
func winner(ctx context.Context, p *protocol.Protocol, j judge.Judge, it *judge.Item) (judge.Reading[judge.Choice], error) {
	answers := protocol.Answers{}
	for {
		requests, err := p.Next(it, answers)
		if err != nil {
			return judge.Reading[judge.Choice]{}, err
		}
		if len(requests) == 0 {
			break
		}
		for i := range requests {
			if err := ctx.Err(); err != nil {
				return judge.Reading[judge.Choice]{}, err
			}
			answer, err := j.Ask(ctx, &requests[i])
			if err != nil {
				return judge.Reading[judge.Choice]{}, err
			}
			answers[protocol.Slot{Step: requests[i].Step, Sample: requests[i].Sample}] = answer
		}
	}
	v := p.Verdict(it, answers)
	if v.Choice != nil {
		return *v.Choice, nil
	}
	if !v.Scored() || len(v.Totals) != 2 {
		return judge.Unscored[judge.Choice](v.Reason(), ""), nil
	}
	a, _ := v.Totals[0].Value()
	b, _ := v.Totals[1].Value()
	switch {
	case a > b:
		return judge.Read(judge.First), nil
	case a < b:
		return judge.Read(judge.Second), nil
	}
	return judge.Read(judge.Tie), nil
}
