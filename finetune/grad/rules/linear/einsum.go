package linear

import (
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/grad/rule"
)

// einsum is linear in each operand: the gradient of one is the einsum of g and
// the other operands to its letters. Letters that stand in no other term were
// summed over, so the gradient is the same along them.
var einsum = rule.Rule{Op: "Einsum", Grad: func(c *rule.Context) {
	terms, out, ok := equation(c)
	if !ok {
		return
	}
	for i, term := range terms {
		c.SetIf(i, func() string {
			from, values, seen := []string{out}, []string{c.G(0)}, out
			for j, t := range terms {
				if j != i {
					from, values, seen = append(from, t), append(values, c.X(j)), seen+t
				}
			}
			var kept strings.Builder
			var lost []int
			for at, letter := range term {
				if strings.ContainsRune(seen, letter) {
					kept.WriteRune(letter)
				} else {
					lost = append(lost, at)
				}
			}
			g := c.Builder.Node("Einsum", values, emit.StringAttr("equation", strings.Join(from, ",")+"->"+kept.String()))
			return c.ExpandLike(c.Unsqueeze(g, lost...), c.X(i))
		})
	}
}}

// equation reads the terms of the operands and of the result.
func equation(c *rule.Context) (terms []string, out string, ok bool) {
	text := strings.ReplaceAll(c.Attrs.String("equation", ""), " ", "")
	if strings.Contains(text, ".") {
		c.Failf("equation %q has an ellipsis, whose gradient is not known", text)
		return nil, "", false
	}
	left, out, explicit := strings.Cut(text, "->")
	terms = strings.Split(left, ",")
	if !explicit {
		out = implied(left)
	}
	for _, t := range append([]string{out}, terms...) {
		letters := []byte(t)
		slices.Sort(letters)
		if len(slices.Compact(letters)) != len(t) {
			c.Failf("equation %q repeats a letter within %q, whose gradient is not known", text, t)
			return nil, "", false
		}
	}
	return terms, out, len(terms) == len(c.Node.Inputs)
}

// implied lists the letters that stand once, in alphabetical order.
func implied(left string) string {
	var once []byte
	for i := range len(left) {
		if left[i] != ',' && strings.Count(left, left[i:i+1]) == 1 {
			once = append(once, left[i])
		}
	}
	slices.Sort(once)
	return string(once)
}
