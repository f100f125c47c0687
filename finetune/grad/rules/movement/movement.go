// Package movement has the rules of operators that move elements and change
// shapes.
//
// What only moves elements is undone by moving the gradient back. Where that has
// no operator of its own, the elements are numbered, the numbers sent the same
// way, and the gradient added at the numbers that arrive:
// [rule.Context.ScatterBack].
package movement

import (
	"slices"

	"github.com/seed6700ada1/infer/finetune/grad/rule"
)

// Rules is the list of this family.
var Rules = slices.Concat(
	[]rule.Rule{transpose, concat, split, slice, pad, expand, tile, trilu, cumsum},
	[]rule.Rule{gather, gatherElements, gatherND, scatterElements, scatterND, topK},
	[]rule.Rule{depthToSpace, spaceToDepth, reverseSequence},
	reshapes,
)
