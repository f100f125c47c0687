// Package signal is the family of operators on signals: Fourier transforms,
// windows, and the mel scale.
package signal

import "slices"

// Ops lists the family.
var Ops = slices.Concat(
	dftDefs(),
	melWeightMatrixDefs(),
	stftDefs(),
	windowDefs(),
)
