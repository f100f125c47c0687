// Package protocol turns items into questions and answers into verdicts, by pure
// functions.
//
// A [Protocol] is asked again and again what it needs next ([Protocol.Next]), given the
// answers that are there, until it needs nothing more; [Protocol.Verdict] reads the
// rest. Steps that build on one another (write your own answer, choose the measures to
// judge by, compare in both orders, say again what could not be read) are the same to
// whoever runs them, and a run that stopped goes on where it was.
//
// Candidates are data and may be hostile. They are shown between marks that carry a
// number that nobody can guess who writes a candidate, see [Prompt].
package protocol

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/seed6700ada1/infer/judge"
)

// A Slot names an answer among those of an item.
type Slot struct {
	Step   string
	Sample int
}

// Answers are the answers that an item has so far.
type Answers map[Slot]judge.Answer

// A Form is the way in which a judge is asked to write its verdict.
type Form string

// The forms. Whatever the form, a verdict as JSON is understood too.
const (
	JSON     Form = "json"     // an object that a schema describes
	Output   Form = "output"   // "Output (a)": pairwise, no ties
	Brackets Form = "brackets" // "[[A]]", "[[C]]": pairwise
	Rating   Form = "rating"   // "Rating: [[7]]": pointwise
	Result   Form = "result"   // "Feedback: … [RESULT] 4": pointwise
	Labels   Form = "labels"   // one label, by its probability where the judge gives them
)

// Options describe a protocol. The zero value of a field is its default.
type Options struct {
	Name string     `yaml:"name"` // in reports; the kind by default
	Kind judge.Kind `yaml:"kind"`
	Form Form       `yaml:"form"` // JSON by default

	Rubric Rubric     `yaml:"rubric"`
	Scale  [2]float64 `yaml:"scale"`  // of a score; 1 to 10 by default
	Prompt *Prompt    `yaml:"prompt"` // in place of the built-in one of the kind

	Reasoning    bool `yaml:"reasoning"`     // think first, then conclude
	Reference    bool `yaml:"reference"`     // show the item's reference; an item without is an error
	OwnReference bool `yaml:"own_reference"` // let the judge write its own answer first, and show it that
	Metrics      bool `yaml:"metrics"`       // let the judge choose what to look at first
	OneOrder     bool `yaml:"one_order"`     // pairwise, listwise: the order given only
	Shuffle      bool `yaml:"shuffle"`       // with OneOrder: an order that depends on the item, for people
	Ties         bool `yaml:"ties"`          // pairwise: a tie is a verdict
	PerCriterion bool `yaml:"per_criterion"` // pointwise: a question for each criterion

	Samples  int          `yaml:"samples"`  // answers to each question, put together: self-consistency
	Fallback int          `yaml:"fallback"` // samples where a judge gives no probabilities of labels; 5 by default
	Repairs  int          `yaml:"repairs"`  // how often an answer that cannot be read is asked for again
	Params   judge.Params `yaml:"params"`
}

// A Protocol asks about items and reads verdicts. It is used by many goroutines at once.
type Protocol struct {
	opts    Options
	prompts prompts
	schemas sync.Map // JSON schemas by what they depend on: schemaKey → json.RawMessage
}

// New returns the protocol of options, or what is wrong with them.
func New(o Options) (*Protocol, error) {
	o.Name = cmp.Or(o.Name, string(o.Kind))
	o.Form = cmp.Or(o.Form, JSON)
	o.Samples, o.Fallback = max(o.Samples, 1), cmp.Or(o.Fallback, 5)
	if o.Scale == [2]float64{} {
		o.Scale = [2]float64{1, 10}
	}
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("protocol %q: %w", o.Name, err)
	}
	if o.Kind == judge.Pointwise && o.Form != JSON && len(o.Rubric.Criteria) > 1 {
		o.PerCriterion = true // the other forms hold one score
	}
	p := &Protocol{opts: o}
	var err error
	if p.prompts, err = parsePrompts(&o); err != nil {
		return nil, fmt.Errorf("protocol %q: %w", o.Name, err)
	}
	return p, nil
}

// check returns what is wrong with options.
func (o *Options) check() error {
	forms := map[judge.Kind][]Form{
		judge.Pointwise: {JSON, Rating, Result, Labels},
		judge.Pairwise:  {JSON, Output, Brackets, Labels},
		judge.Listwise:  {JSON},
	}
	allowed, ok := forms[o.Kind]
	switch {
	case !ok:
		return fmt.Errorf("kind %q: want pointwise, pairwise or listwise", o.Kind)
	case !slices.Contains(allowed, o.Form):
		return fmt.Errorf("form %q: %s knows %v", o.Form, o.Kind, allowed)
	case !(o.Scale[0] < o.Scale[1]):
		return fmt.Errorf("scale %g to %g", o.Scale[0], o.Scale[1])
	case o.Form == Labels && o.Kind == judge.Pointwise && (o.Scale[1]-o.Scale[0] > 20 || o.Scale[0] != float64(int(o.Scale[0]))):
		return fmt.Errorf("scale %g to %g: labels want whole numbers, 21 at most", o.Scale[0], o.Scale[1])
	case o.Form == Labels && o.Reasoning:
		return errors.New("form labels: the verdict is the first word, there is no room for reasoning")
	case o.Form == Output && o.Ties:
		return errors.New("form output has no ties; brackets and json do")
	case o.Repairs < 0 || o.Samples > 1000:
		return fmt.Errorf("repairs %d, samples %d", o.Repairs, o.Samples)
	}
	return o.Rubric.check(o.Scale)
}

// Name returns the name.
func (p *Protocol) Name() string { return p.opts.Name }

// Kind returns the kind.
func (p *Protocol) Kind() judge.Kind { return p.opts.Kind }

// Criteria returns the names of the criteria that have scores of their own, or one "".
func (p *Protocol) Criteria() []string {
	if p.opts.Kind != judge.Pointwise || len(p.opts.Rubric.Criteria) == 0 {
		return []string{""}
	}
	var names []string
	for _, c := range p.opts.Rubric.Criteria {
		names = append(names, c.Name)
	}
	return names
}

// Check returns why the protocol cannot judge an item, or nil.
func (p *Protocol) Check(it *judge.Item) error {
	switch {
	case p.opts.Kind == judge.Pairwise && len(it.Candidates) != 2:
		return fmt.Errorf("item %q: %d candidates, pairwise wants 2", it.ID, len(it.Candidates))
	case p.opts.Kind == judge.Listwise && (len(it.Candidates) < 2 || len(it.Candidates) > 26):
		return fmt.Errorf("item %q: %d candidates, listwise wants 2 to 26", it.ID, len(it.Candidates))
	case p.opts.Reference && it.Reference == "":
		return fmt.Errorf("item %q: no reference, the protocol shows it", it.ID)
	}
	return it.Check()
}
