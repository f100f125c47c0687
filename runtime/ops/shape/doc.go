// Package shape holds the operators that give a tensor another shape over the
// same elements, those that ask for a shape, and those that make a tensor from
// one: Identity, Reshape, Flatten, Squeeze, Unsqueeze, Shape, Size, Constant,
// ConstantOfShape, EyeLike and Range.
//
// They carry most of the arithmetic that exporters do with shapes, so that their
// inference follows not only types but also values: a Reshape whose target was
// put together from Shape, Gather and Concat is inferred with its symbols.
package shape

import "slices"

// Ops lists the definitions of this family.
var Ops = slices.Concat(
	identityDefs,
	reshapeDefs,
	flattenDefs,
	squeezeDefs,
	unsqueezeDefs,
	shapeDefs,
	sizeDefs,
	constantDefs,
	constantOfShapeDefs,
	eyeLikeDefs,
	rangeDefs,
)
