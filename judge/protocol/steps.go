package protocol

import (
	"crypto/sha256"
	"fmt"

	"github.com/seed6700ada1/infer/judge"
)

// The steps that prepare questions.
const (
	stepMetrics   = "metrics"
	stepReference = "reference"
)

// A question is one of the questions about an item.
type question struct {
	step     string
	order    []int
	criteria []string
}

// questions returns the questions about an item.
func (p *Protocol) questions(it *judge.Item) []question {
	all := make([]int, len(it.Candidates))
	for i := range all {
		all[i] = i
	}
	switch p.opts.Kind {
	case judge.Pairwise:
		return p.bothOrders(it, question{step: "ab", order: all}, "ba")
	case judge.Listwise:
		return p.bothOrders(it, question{step: "list", order: all}, "reversed")
	default: // a question for each candidate
	}
	var out []question
	for i := range it.Candidates {
		step := fmt.Sprintf("c%d", i+1)
		if !p.opts.PerCriterion {
			out = append(out, question{step, []int{i}, p.Criteria()})
			continue
		}
		for _, name := range p.Criteria() {
			out = append(out, question{step + "/" + name, []int{i}, []string{name}})
		}
	}
	return out
}

// bothOrders returns a question, and the one with the candidates in the other order.
func (p *Protocol) bothOrders(it *judge.Item, q question, other string) []question {
	reversed := question{step: other}
	for i := len(q.order) - 1; i >= 0; i-- {
		reversed.order = append(reversed.order, q.order[i])
	}
	switch {
	case !p.opts.OneOrder:
		return []question{q, reversed}
	case p.opts.Shuffle && sha256.Sum256([]byte(it.ID))[0]%2 == 1:
		return []question{reversed}
	}
	return []question{q}
}

// Next returns the requests that are needed beyond the answers there are. None are needed
// where there is a verdict, or where an answer that the rest builds on has failed.
func (p *Protocol) Next(it *judge.Item, answers Answers) ([]judge.Request, error) {
	if err := p.Check(it); err != nil {
		return nil, err
	}
	if requests, err := p.prepare(it, answers); err != nil || len(requests) > 0 {
		return requests, err
	}
	if _, failed := p.preparationFailed(answers); failed {
		return nil, nil
	}
	var first, again []judge.Request
	for _, q := range p.questions(it) {
		for s := range p.samples(&q, answers) {
			slot := Slot{q.step, s}
			answer, ok := answers[slot]
			if !ok {
				request, err := p.ask(it, &q, s, answers)
				if err != nil {
					return nil, err
				}
				first = append(first, request)
				continue
			}
			if request, need, err := p.repair(it, &q, s, answer, answers); err != nil {
				return nil, err
			} else if need {
				again = append(again, request)
			}
		}
	}
	if len(first) > 0 {
		return first, nil
	}
	return again, nil
}

// prepare returns the requests of the steps before the questions that have no answer.
func (p *Protocol) prepare(it *judge.Item, answers Answers) ([]judge.Request, error) {
	var out []judge.Request
	for _, step := range p.preparations() {
		if _, ok := answers[Slot{step, 0}]; ok {
			continue
		}
		t := p.prompts.metrics
		if step == stepReference {
			t = p.prompts.reference
		}
		view := &View{Input: it.Input, Nonce: nonce(it)}
		user, err := render(t, view)
		if err != nil {
			return nil, fmt.Errorf("item %q: %s: %w", it.ID, step, err)
		}
		system, err := render(p.prompts.preparation, view)
		if err != nil {
			return nil, fmt.Errorf("item %q: %s: %w", it.ID, step, err)
		}
		out = append(out, judge.Request{
			Item: it.ID, Step: step, Params: p.opts.Params,
			Messages: []judge.Message{{Role: "system", Content: system}, {Role: "user", Content: user}},
		})
	}
	return out, nil
}

// preparations returns the steps before the questions.
func (p *Protocol) preparations() []string {
	var steps []string
	if p.opts.Metrics {
		steps = append(steps, stepMetrics)
	}
	if p.opts.OwnReference {
		steps = append(steps, stepReference)
	}
	return steps
}

// preparationFailed returns the failure of a step before the questions.
func (p *Protocol) preparationFailed(answers Answers) (detail string, failed bool) {
	for _, step := range p.preparations() {
		if a := answers[Slot{step, 0}]; a.Error != "" {
			return step + ": " + a.Error, true
		}
	}
	return "", false
}

// samples returns how many answers to a question are wanted.
func (p *Protocol) samples(q *question, answers Answers) int {
	if p.opts.Form != Labels {
		return p.opts.Samples
	}
	first, ok := answers[Slot{q.step, 0}]
	if ok && len(first.LogProbs) == 0 && first.Error == "" {
		return max(p.opts.Samples, p.opts.Fallback)
	}
	return 1
}

// ask returns the request of a question.
func (p *Protocol) ask(it *judge.Item, q *question, sample int, answers Answers) (judge.Request, error) {
	messages, err := p.messages(it, q, answers)
	if err != nil {
		return judge.Request{}, fmt.Errorf("item %q: %s: %w", it.ID, q.step, err)
	}
	schema, err := p.schema(q)
	if err != nil {
		return judge.Request{}, fmt.Errorf("item %q: %s: %w", it.ID, q.step, err)
	}
	r := judge.Request{
		Item: it.ID, Step: q.step, Sample: sample, Messages: messages, Params: p.opts.Params, Schema: schema,
		Question: &judge.Question{
			Kind: p.opts.Kind, Item: it, Order: q.order, Criteria: q.criteria, Scale: p.opts.Scale, Ties: p.opts.Ties,
		},
	}
	if p.opts.Form == Labels {
		r.Labels = p.labels()
	}
	if seed := p.opts.Params.Seed; seed != nil && sample > 0 {
		own := *seed + int64(sample)
		r.Params.Seed = &own
	}
	return r, nil
}

// messages returns what a judge reads.
func (p *Protocol) messages(it *judge.Item, q *question, answers Answers) ([]judge.Message, error) {
	metrics, own := answers[Slot{stepMetrics, 0}].Text, answers[Slot{stepReference, 0}].Text
	view := &View{
		Input: it.Input, Metrics: metrics, Scale: p.opts.Scale, Ties: p.opts.Ties, Reasoning: p.opts.Reasoning,
		Verdict: p.instruction(q), Nonce: nonce(it, metrics, own),
	}
	only := ""
	if len(q.criteria) == 1 {
		only = q.criteria[0]
	}
	view.Rubric = p.opts.Rubric.text(only)
	switch {
	case p.opts.Reference:
		view.Reference = it.Reference
	case p.opts.OwnReference:
		view.Reference = own
	}
	for i, c := range q.order {
		view.Candidates = append(view.Candidates, Shown{label(i), it.Candidates[c].Text})
	}
	system, err := render(p.prompts.system, view)
	if err != nil {
		return nil, err
	}
	user, err := render(p.prompts.user, view)
	if err != nil {
		return nil, err
	}
	var out []judge.Message
	if system != "" {
		out = append(out, judge.Message{Role: "system", Content: system})
	}
	return append(out, judge.Message{Role: "user", Content: user}), nil
}

// repair returns the next request to say again what could not be read, and whether one is
// needed.
func (p *Protocol) repair(it *judge.Item, q *question, sample int, answer judge.Answer, answers Answers) (judge.Request, bool, error) {
	tries := p.tries(q, sample, answers)
	last := tries[len(tries)-1]
	if len(tries) > p.opts.Repairs || answer.Error != "" || last.Error != "" || p.readable(q, last) {
		return judge.Request{}, false, nil
	}
	r, err := p.ask(it, q, sample, answers)
	if err != nil {
		return judge.Request{}, false, err
	}
	r.Step = repairStep(q.step, len(tries))
	if said := shorten(last.Text); said != "" {
		r.Messages = append(r.Messages, judge.Message{Role: "assistant", Content: said})
	}
	r.Messages = append(r.Messages, judge.Message{Role: "user", Content: repair + p.instruction(q)})
	return r, true, nil
}

// tries returns the answer to a question and those to the requests to say it again.
func (p *Protocol) tries(q *question, sample int, answers Answers) []judge.Answer {
	out := []judge.Answer{answers[Slot{q.step, sample}]}
	for n := 1; n <= p.opts.Repairs; n++ {
		a, ok := answers[Slot{repairStep(q.step, n), sample}]
		if !ok {
			break
		}
		out = append(out, a)
	}
	return out
}

func repairStep(step string, n int) string { return fmt.Sprintf("%s/repair%d", step, n) }

// shorten returns a text's end, where judges conclude.
func shorten(text string) string {
	const most = 4000 // runes
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return "…" + string(runes[len(runes)-most:])
}
