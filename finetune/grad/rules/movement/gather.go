package movement

import (
	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/grad/rule"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

var add = emit.StringAttr("reduction", "add")

// gather adds each slice of g to the one that it was picked from.
var gather = rule.Rule{Op: "Gather", Grad: func(c *rule.Context) {
	x, indices := c.X(0), c.X(1)
	axis := c.Axis(0)
	if axis == 0 && c.Opset() >= 16 {
		places := c.Unsqueeze(c.Cast(indices, tensor.Int64), c.Rank(indices))
		c.Set(0, c.Builder.Node("ScatterND", []string{c.Zeros(x), places, c.G(0)}, add))
		return
	}
	list, known := c.KnownInts(indices)
	c.Set(0, c.ScatterBack(x, c.G(0), known && distinct(list), func(numbers string) string {
		return c.Gather(numbers, indices, axis)
	}))
}}

// distinct reports whether no place is picked twice. Places counted from the end
// may be the same as others.
func distinct(list []int) bool {
	seen := map[int]bool{}
	for _, i := range list {
		if seen[i] || i < 0 && len(list) > 1 {
			return false
		}
		seen[i] = true
	}
	return true
}

var gatherElements = rule.Rule{Op: "GatherElements", Grad: func(c *rule.Context) {
	if c.Opset() < 16 {
		c.Failf("its gradient adds at repeated places, which needs opset 16; the model has %d", c.Opset())
		return
	}
	c.Set(0, c.Builder.Node("ScatterElements", []string{c.Zeros(c.X(0)), c.X(1), c.G(0)},
		emit.IntAttr("axis", c.Axis(0)), add))
}}

var gatherND = rule.Rule{Op: "GatherND", Grad: func(c *rule.Context) {
	if c.Attrs.Int("batch_dims", 0) != 0 || c.Opset() < 16 {
		c.Set(0, c.ScatterBack(c.X(0), c.G(0), false, func(numbers string) string {
			return c.Builder.Node("GatherND", []string{numbers, c.X(1)}, c.Node.Attributes...)
		}))
		return
	}
	c.Set(0, c.Builder.Node("ScatterND", []string{c.Zeros(c.X(0)), c.X(1), c.G(0)}, add))
}}

// scatterElements replaces elements, or adds to them.
var scatterElements = rule.Rule{Op: "ScatterElements", Grad: func(c *rule.Context) {
	axis := emit.IntAttr("axis", c.Axis(0))
	scatter(c, func(zeros string) string {
		return c.Builder.Node("ScatterElements", []string{c.G(0), c.X(1), zeros}, axis)
	}, func() string {
		return c.Builder.Node("GatherElements", []string{c.G(0), c.X(1)}, axis)
	})
}}

var scatterND = rule.Rule{Op: "ScatterND", Grad: func(c *rule.Context) {
	scatter(c, func(zeros string) string {
		return c.Builder.Node("ScatterND", []string{c.G(0), c.X(1), zeros})
	}, func() string {
		return c.Builder.Node("GatherND", []string{c.G(0), c.X(1)})
	})
}}

// scatter is the gradient of data into which updates are put: that of the data
// is g, but for what was replaced; that of the updates is g where they went.
func scatter(c *rule.Context, without func(zeros string) string, at func() string) {
	reduction := c.Attrs.String("reduction", "none")
	if reduction != "none" && reduction != "add" {
		c.Failf("the gradient of reduction %q is not known", reduction)
		return
	}
	c.SetIf(0, func() string {
		if reduction == "add" {
			return c.G(0)
		}
		return without(c.Zeros(c.X(2)))
	})
	c.SetIf(2, at)
}

// topK sends g to the elements that were picked.
var topK = rule.Rule{Op: "TopK", Grad: func(c *rule.Context) {
	if c.Y(1) == "" {
		c.Failf("it has to give out the indices (output 1)")
		return
	}
	c.Set(0, c.Builder.Node("ScatterElements", []string{c.Zeros(c.X(0)), c.Y(1), c.G(0)}, emit.IntAttr("axis", c.Axis(-1))))
}}

// depthToSpace and spaceToDepth are permutations of elements.
var (
	depthToSpace    = permutation("DepthToSpace")
	spaceToDepth    = permutation("SpaceToDepth")
	reverseSequence = permutation("ReverseSequence")
)

func permutation(op string) rule.Rule {
	return rule.Rule{Op: op, Grad: func(c *rule.Context) {
		c.Set(0, c.ScatterBack(c.X(0), c.G(0), true, func(numbers string) string {
			inputs := append([]string{numbers}, c.Node.Inputs[1:]...)
			return c.Builder.Node(op, inputs, c.Node.Attributes...)
		}))
	}}
}
