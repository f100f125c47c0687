// Package nn is the family of operators that slide windows over images and other
// signals: convolutions, pools and their inverses; and Dropout.
package nn

import "slices"

// Ops lists the family.
var Ops = slices.Concat(
	averagePoolDefs(),
	causalConvWithStateDefs(),
	col2ImDefs(),
	convDefs(),
	convGradientDefs(),
	convIntegerDefs(),
	convTransposeDefs(),
	deformConvDefs(),
	dropoutDefs(),
	globalPoolDefs(),
	lpPoolDefs(),
	maxPoolDefs(),
	maxUnpoolDefs(),
	nhwcConvDefs(),
	qLinearConvDefs(),
)
