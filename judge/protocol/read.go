package protocol

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/seed6700ada1/infer/judge"
	"github.com/seed6700ada1/infer/judge/verdict"
)

// Verdict reads the answers about an item. It does not say whose they are: the field
// Judge is the caller's.
func (p *Protocol) Verdict(it *judge.Item, answers Answers) judge.Verdict {
	v := judge.Verdict{Item: it.ID, Protocol: p.opts.Name}
	detail, failed := p.preparationFailed(answers)
	questions := p.questions(it)
	if !failed {
		p.count(&v, questions, answers)
	}
	switch p.opts.Kind {
	case judge.Pairwise:
		p.pairwise(&v, questions, answers)
	case judge.Listwise:
		p.listwise(&v, questions, answers)
	default:
		p.pointwise(&v, it, questions, answers)
	}
	if failed {
		fail(&v, judge.Failed, detail)
	}
	return v
}

// fail makes every part of a verdict unscored.
func fail(v *judge.Verdict, reason judge.Reason, detail string) {
	if v.Choice != nil {
		*v.Choice = judge.Unscored[judge.Choice](reason, detail)
	}
	if v.Ranking != nil {
		*v.Ranking = judge.Unscored[[]int](reason, detail)
	}
	for i := range v.Totals {
		v.Totals[i] = judge.Unscored[float64](reason, detail)
	}
}

// count counts samples and repairs.
func (p *Protocol) count(v *judge.Verdict, questions []question, answers Answers) {
	for _, q := range questions {
		samples := p.samples(&q, answers)
		v.Samples = max(v.Samples, samples)
		for s := range samples {
			tries := p.tries(&q, s, answers)
			v.Repairs += len(tries) - 1
			if len(tries) > 1 && p.readable(&q, tries[len(tries)-1]) {
				v.Repaired++
			}
		}
	}
	if v.Samples == 1 {
		v.Samples = 0 // the usual case is left out
	}
}

// readable says whether a verdict can be read from an answer.
func (p *Protocol) readable(q *question, a judge.Answer) bool {
	switch p.opts.Kind {
	case judge.Pairwise:
		return p.readChoice(a).Scored()
	case judge.Listwise:
		return p.readRanking(q, a).Scored()
	default: // scores
	}
	for _, name := range q.criteria {
		if !p.readScore(a, name).Scored() {
			return false
		}
	}
	return true
}

// resolve reads the answer to a question, or else what was said when it was asked for
// again.
func resolve[T any](tries []judge.Answer, read func(judge.Answer) judge.Reading[T]) judge.Reading[T] {
	first := read(tries[0])
	for _, a := range tries {
		if r := read(a); r.Scored() {
			return r
		}
	}
	return first
}

// unanswered returns the reading of an answer that is none.
func unanswered[T any](a judge.Answer) (judge.Reading[T], bool) {
	switch {
	case a.Error != "":
		return judge.Unscored[T](judge.Failed, a.Error), true
	case a.Text == "" && len(a.LogProbs) == 0:
		return judge.Unscored[T](judge.Empty, ""), true
	}
	return judge.Reading[T]{}, false
}

// readChoice reads a comparison as the judge saw the order.
func (p *Protocol) readChoice(a judge.Answer) judge.Reading[judge.Choice] {
	if r, none := unanswered[judge.Choice](a); none {
		return r
	}
	r := p.parseChoice(a)
	if c, ok := r.Value(); ok && c == judge.Tie && !p.opts.Ties {
		return judge.Unscored[judge.Choice](judge.Abstained, "a tie, which the protocol does not have")
	}
	return r
}

func (p *Protocol) parseChoice(a judge.Answer) judge.Reading[judge.Choice] {
	object := verdict.JSONChoice("winner")
	switch p.opts.Form {
	case Output:
		return verdict.FirstOf(verdict.Output, object)(a.Text)
	case Brackets:
		return verdict.FirstOf(verdict.Brackets, object)(a.Text)
	case Labels:
		if len(a.LogProbs) > 0 {
			best, _ := verdict.Likeliest(a.LogProbs, p.labels())
			return judge.Map(best, labelChoice)
		}
		word := strings.ToUpper(strings.Trim(strings.TrimSpace(a.Text), `."'*()[]`))
		for _, l := range p.labels() {
			if word == l {
				return judge.Read(labelChoice(l))
			}
		}
	default: // an object
	}
	return verdict.FirstOf(object, verdict.Brackets, verdict.Output)(a.Text)
}

// labelChoice returns what the labels of a comparison mean.
func labelChoice(l string) judge.Choice {
	return map[string]judge.Choice{"A": judge.First, "B": judge.Second}[l] // C: a tie
}

// labels returns the labels of the form Labels.
func (p *Protocol) labels() []string {
	if p.opts.Kind == judge.Pairwise {
		if p.opts.Ties {
			return []string{"A", "B", "C"}
		}
		return []string{"A", "B"}
	}
	var out []string
	for n := int(p.opts.Scale[0]); n <= int(p.opts.Scale[1]); n++ {
		out = append(out, strconv.Itoa(n))
	}
	return out
}

// readScore reads the score of a criterion.
func (p *Protocol) readScore(a judge.Answer, criterion string) judge.Reading[float64] {
	if r, none := unanswered[float64](a); none {
		return r
	}
	lo, hi := p.opts.Scale[0], p.opts.Scale[1]
	object := verdict.JSONScore(field(criterion), lo, hi)
	switch p.opts.Form {
	case Rating:
		return verdict.FirstOf(verdict.Rating(lo, hi), object)(a.Text)
	case Result:
		return verdict.FirstOf(verdict.Result(lo, hi), object)(a.Text)
	case Labels:
		if len(a.LogProbs) > 0 {
			values := map[string]float64{}
			for _, l := range p.labels() {
				n, err := strconv.Atoi(l)
				if err != nil {
					return judge.Unscored[float64](judge.Malformed, fmt.Sprintf("label %q", l))
				}
				values[l] = float64(n)
			}
			return verdict.Expected(a.LogProbs, values)
		}
		return verdict.FirstOf(verdict.Rating(lo, hi), object)(a.Text)
	default:
		if criterion == "" {
			return verdict.FirstOf(object, verdict.Rating(lo, hi))(a.Text)
		}
		return object(a.Text)
	}
}

// readRanking reads an order of candidates, by their index in the item.
func (p *Protocol) readRanking(q *question, a judge.Answer) judge.Reading[[]int] {
	if r, none := unanswered[[]int](a); none {
		return r
	}
	return judge.Map(verdict.Ranking(len(q.order))(a.Text), func(places []int) []int {
		out := make([]int, len(places))
		for i, place := range places {
			out[i] = q.order[place]
		}
		return out
	})
}
