// Package recurrent is the family of recurrent layers: RNN, GRU and LSTM. They
// share inputs, directions, layouts and lengths of sequences, and differ in their
// cell.
package recurrent

import "slices"

// Ops lists the family.
var Ops = slices.Concat(
	gruDefs(),
	lstmDefs(),
	rnnDefs(),
)
