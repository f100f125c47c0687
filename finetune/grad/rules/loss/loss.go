// Package loss has the rules of the losses that are operators. Both are written
// out in operators that have rules.
package loss

import (
	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/grad/rule"
)

// Rules is the list of this family.
var Rules = []rule.Rule{crossEntropy, negativeLogLikelihood}

// crossEntropy is −Σ w·log softmax(x)[t] over the classes, axis 1.
var crossEntropy = rule.Rule{Op: "SoftmaxCrossEntropyLoss", Expand: func(c *rule.Context) {
	logp := c.LogSoftmax(c.X(0), 1)
	c.Result(0, reduced(c, logp))
	c.Result(1, logp)
}}

var negativeLogLikelihood = rule.Rule{Op: "NegativeLogLikelihoodLoss", Expand: func(c *rule.Context) {
	c.Result(0, reduced(c, c.X(0)))
}}

// reduced picks the log-probabilities of the targets, weighs them, and reduces
// them as the node says.
func reduced(c *rule.Context, logp string) string {
	d, ok := c.Dims(logp)
	if !ok || len(d) < 2 || !d[1].IsKnown() {
		c.Failf("the number of classes is not known")
		return ""
	}
	target := c.X(1)
	weights := c.Expand(c.Scalar(logp, 1), c.Shape(target))
	if c.Has(2) {
		weights = ""
	}
	valid := ""
	if c.Attrs.Has("ignore_index") {
		ignore := c.Cast(c.Int(int(c.Attrs.Int("ignore_index", 0))), c.DType(target))
		valid = c.Builder.Node("Not", []string{c.Equal(target, ignore)})
		target = c.Where(valid, target, c.Cast(c.Int(0), c.DType(target)))
	}
	if weights == "" {
		weights = c.Gather(c.X(2), target, 0)
	}
	if valid != "" {
		weights = c.Mask(valid, weights)
	}
	values := c.Concat(0, c.Unsqueeze(c.Scalar(logp, 0), 0), c.Unsqueeze(c.Scalar(logp, 1), 0))
	hot := c.Builder.Node("OneHot", []string{target, c.Int(int(d[1].Value)), values}, emit.IntAttr("axis", 1))
	losses := c.Neg(c.Mul(c.ReduceSum(c.Mul(logp, hot), []int{1}, false), weights))
	switch c.Attrs.OneOf("reduction", "mean", "sum", "none") {
	case "none":
		return losses
	case "sum":
		return c.ReduceSum(losses, nil, false)
	}
	return c.Div(c.ReduceSum(losses, nil, false), c.ReduceSum(weights, nil, false))
}
