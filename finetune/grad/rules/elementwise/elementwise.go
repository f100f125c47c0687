// Package elementwise has the rules of operators that work on each element by
// itself.
//
// In the formulas, x are inputs, y the output, g the gradient of y. Where an
// input was broadcast, its gradient is summed over the places it went to.
package elementwise

import (
	"slices"

	"github.com/seed6700ada1/infer/finetune/grad/rule"
)

// Rules is the list of this family.
var Rules = slices.Concat(
	[]rule.Rule{add, sub, mul, div, pow, sum, mean, maxRule, minRule, mod},
	[]rule.Rule{where, cast, castLike, identity, dropout, clip, prelu, gelu, dequantize},
	unary, constants,
)
