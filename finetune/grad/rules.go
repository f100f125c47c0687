package grad

import (
	"slices"

	"github.com/seed6700ada1/infer/finetune/grad/rule"
	"github.com/seed6700ada1/infer/finetune/grad/rules/elementwise"
	"github.com/seed6700ada1/infer/finetune/grad/rules/linear"
	"github.com/seed6700ada1/infer/finetune/grad/rules/loss"
	"github.com/seed6700ada1/infer/finetune/grad/rules/movement"
	"github.com/seed6700ada1/infer/finetune/grad/rules/nn"
	"github.com/seed6700ada1/infer/finetune/grad/rules/norm"
	"github.com/seed6700ada1/infer/finetune/grad/rules/recurrent"
	"github.com/seed6700ada1/infer/finetune/grad/rules/reduce"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

// Rules finds the rule of an operator.
type Rules struct {
	list   []rule.Rule
	byName map[[2]string]*rule.Rule
}

// AllRules joins the families of rules: a new operator is its file and one line
// in the list of its family.
func AllRules() *Rules {
	r := &Rules{byName: map[[2]string]*rule.Rule{}, list: slices.Concat(
		elementwise.Rules,
		linear.Rules,
		loss.Rules,
		movement.Rules,
		nn.Rules,
		norm.Rules,
		recurrent.Rules,
		reduce.Rules,
	)}
	for i := range r.list {
		r.byName[[2]string{r.list[i].Domain, r.list[i].Op}] = &r.list[i]
	}
	return r
}

// Find is the rule for a node; nil where its operator has none.
func (r *Rules) Find(n *onnx.Node) *rule.Rule {
	return r.byName[[2]string{onnx.CanonicalDomain(n.Domain), n.OpType}]
}

// Names lists the operators that have a rule, in the order of the families.
func (r *Rules) Names() []string {
	names := make([]string, len(r.list))
	for i, x := range r.list {
		names[i] = x.Op
		if x.Domain != "" {
			names[i] = x.Domain + "." + x.Op
		}
	}
	return names
}
